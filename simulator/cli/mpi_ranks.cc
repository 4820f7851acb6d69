#include <mpi.h>

#include <limits>
#include <memory>

#include "simulator/base/error.h"
#include "simulator/cli/ranks.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostBytes = std::numeric_limits<int>::max();  // MPI counts in int

/// Initialised once, ended with the program. Threads ask for tickets in turns.
class MpiSession {
 public:
  MpiSession() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided);
    threaded = provided >= MPI_THREAD_SERIALIZED;
  }
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  ~MpiSession() { MPI_Finalize(); }

  bool threaded = false;  ///< whether threads other than the first may ask for tickets
};

/// A number in the memory of rank 0, to which any rank adds without its help.
class Counter {
 public:
  explicit Counter(int rank) {
    const MPI_Aint size = rank == 0 ? sizeof(std::int64_t) : 0;
    std::int64_t* number = nullptr;
    MPI_Win_allocate(size, sizeof(std::int64_t), MPI_INFO_NULL, MPI_COMM_WORLD,
                     static_cast<void*>(&number), &window_);
    if (rank == 0) {
      MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, window_);
      *number = 0;
      MPI_Win_unlock(0, window_);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Win_lock_all(0, window_);
  }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  ~Counter() {
    MPI_Win_unlock_all(window_);
    MPI_Win_free(&window_);
  }

  std::int64_t next() {
    const std::int64_t one = 1;
    std::int64_t before = 0;
    MPI_Fetch_and_op(&one, &before, MPI_INT64_T, 0, 0, MPI_SUM, window_);
    MPI_Win_flush(0, window_);
    return before;
  }

 private:
  MPI_Win window_ = MPI_WIN_NULL;
};

bool same_everywhere(const std::string& text) {
  const std::size_t hash = std::hash<std::string>{}(text);
  const auto own = static_cast<std::int64_t>(hash);
  std::int64_t ends[] = {own, ~own};
  MPI_Allreduce(MPI_IN_PLACE, ends, 2, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD);
  return ends[0] == own && ends[1] == ~own;
}

std::vector<std::string> exchanged(int ranks, const std::string& bytes) {
  if (bytes.size() > kMostBytes) throw UsageError("a rank has too much to tell the others");
  const int own = static_cast<int>(bytes.size());
  std::vector<int> sizes(static_cast<std::size_t>(ranks));
  MPI_Allgather(&own, 1, MPI_INT, sizes.data(), 1, MPI_INT, MPI_COMM_WORLD);
  std::vector<int> begins;
  std::size_t end = 0;
  for (const int size : sizes) {
    if (end > kMostBytes) throw UsageError("ranks have too much to tell each other");
    begins.push_back(static_cast<int>(end));
    end += static_cast<std::size_t>(size);
  }
  std::string all(end, '\0');
  MPI_Allgatherv(bytes.data(), own, MPI_CHAR, all.data(), sizes.data(), begins.data(), MPI_CHAR,
                 MPI_COMM_WORLD);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    texts.push_back(
        all.substr(static_cast<std::size_t>(begins[i]), static_cast<std::size_t>(sizes[i])));
  }
  return texts;
}

}  // namespace

Ranks open_ranks() {
  static const MpiSession session;
  if (!session.threaded) throw UsageError("this MPI allows no threads");
  Ranks ranks{.rank = 0,
              .count = 1,
              .deal = {},
              .agree =
                  [](bool fine) {
                    int all = fine ? 1 : 0;
                    MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
                    return all == 1;
                  },
              .same = same_everywhere,
              .exchange = {}};
  MPI_Comm_rank(MPI_COMM_WORLD, &ranks.rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks.count);
  ranks.exchange = [count = ranks.count](const std::string& bytes) {
    return exchanged(count, bytes);
  };
  ranks.deal = [rank = ranks.rank] {
    return [counter = std::make_shared<Counter>(rank)] { return counter->next(); };
  };
  return ranks;
}

void end_ranks(int code) {
  MPI_Abort(MPI_COMM_WORLD, code);
  std::abort();
}

}  // namespace windtunnel
