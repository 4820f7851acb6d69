#include "bench/ranks/mpi.h"

#include <mpi.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "bench/collectives/host_attempt.h"

namespace windtunnel::bench {
namespace {

/// Initialised once, ended with the program.
class Session {
 public:
  Session() { MPI_Init(nullptr, nullptr); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { MPI_Finalize(); }
};

int whole(std::size_t count) {
  if (count > INT_MAX) throw std::runtime_error("MPI counts no more than 2^31 - 1 elements");
  return static_cast<int>(count);
}

std::vector<int> whole(const std::vector<std::int64_t>& counts) {
  std::vector<int> out;
  for (const std::int64_t count : counts) out.push_back(whole(static_cast<std::size_t>(count)));
  return out;
}

std::string first_text(int rank, int ranks, const std::string& text) {
  int first = text.empty() ? ranks : rank;
  MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
  if (first == ranks) return "";
  int size = whole(text.size());
  MPI_Bcast(&size, 1, MPI_INT, first, MPI_COMM_WORLD);
  std::string all = rank == first ? text : std::string(static_cast<std::size_t>(size), ' ');
  MPI_Bcast(all.data(), size, MPI_CHAR, first, MPI_COMM_WORLD);
  return all;
}

Control world_control() {
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  return {.rank = rank,
          .ranks = ranks,
          .barrier = [] { MPI_Barrier(MPI_COMM_WORLD); },
          .largest =
              [](double number) {
                MPI_Allreduce(MPI_IN_PLACE, &number, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
                return number;
              },
          .first_text = [=](const std::string& text) { return first_text(rank, ranks, text); },
          .broadcast =
              [](void* data, std::size_t size) {
                MPI_Bcast(data, whole(size), MPI_BYTE, 0, MPI_COMM_WORLD);
              }};
}

MpiRanks world_ranks() {
  MpiRanks all{.control = world_control(), .node_rank = 0, .nodes = 0};
  MPI_Comm node = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
  MPI_Comm_rank(node, &all.node_rank);
  MPI_Comm_free(&node);
  int first = all.node_rank == 0 ? 1 : 0;
  MPI_Allreduce(&first, &all.nodes, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  return all;
}

constexpr auto kElement = [] { return MPI_UINT16_T; };

HostCalls host_calls() {
  using Elements = HostCalls::Elements;
  return {.all_gather =
              [](const Elements& given, Elements& received) {
                const int count = whole(given.size());
                MPI_Allgather(given.data(), count, kElement(), received.data(), count, kElement(),
                              MPI_COMM_WORLD);
              },
          .all_reduce =
              [](const Elements& given, Elements& received) {
                MPI_Allreduce(given.data(), received.data(), whole(given.size()), kElement(),
                              MPI_SUM, MPI_COMM_WORLD);
              },
          .reduce_scatter =
              [](const Elements& given, Elements& received) {
                MPI_Reduce_scatter_block(given.data(), received.data(), whole(received.size()),
                                         kElement(), MPI_SUM, MPI_COMM_WORLD);
              },
          .all_to_all =
              [](const Elements& given, Elements& received, const Ports& ports) {
                MPI_Alltoallv(given.data(), whole(ports.send_counts).data(),
                              whole(ports.send_offsets).data(), kElement(), received.data(),
                              whole(ports.receive_counts).data(),
                              whole(ports.receive_offsets).data(), kElement(), MPI_COMM_WORLD);
              }};
}

Machine host_machine() {
  return {.gpu = {},
          .device = "hosts",
          .driver = "none",
          .cuda = "none",
          .sms = 0,
          .default_mhz = 0,
          .l2 = {0}};
}

}  // namespace

void abort_with(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "windtunnel-collectives: %s\n", error.what());
    MPI_Abort(MPI_COMM_WORLD, 70);
  }
}

std::optional<MpiRanks> open_mpi() {
  static const Session kSession;
  static const MpiRanks kRanks = world_ranks();
  return kRanks;
}

bool launched_by_mpi() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

std::string run_on_hosts(const Body& body) {
  const auto ranks = open_mpi();
  const Control& control = ranks->control;
  if (control.ranks < 2)
    return "one rank has nobody to exchange with; start it by mpirun -np RANKS";
  const Communicator communicator{.control = control,
                                  .machine = host_machine(),
                                  .backend = "host, MPI",
                                  .nodes = ranks->nodes,
                                  .first_rank = control.rank,
                                  .start = [=](const CollectiveCase& it, std::string& /*why*/) {
                                    return std::optional(host_attempt(it, control, host_calls()));
                                  }};
  abort_with([&] { body(communicator); });
  return "";
}

}  // namespace windtunnel::bench
