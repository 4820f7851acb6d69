#include "simulator/base/threads.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace windtunnel {
namespace {

/// The exception of the lowest index. Indices are handed out in order, so every index below a
/// failed one has been started and will be heard: the lowest doesn't depend on timing.
class FirstFailure {
 public:
  void record(int index, std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_ || index < index_) {
      index_ = index;
      error_ = std::move(error);
    }
    failed = true;
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

  std::atomic<bool> failed = false;

 private:
  std::mutex mutex_;
  int index_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void parallel_for(int n, int threads, const std::function<void(int)>& body) {
  FirstFailure failure;
  std::atomic<int> next = 0;
  const auto work = [&] {
    while (!failure.failed) {
      const int index = next++;
      if (index >= n) return;
      try {
        body(index);
      } catch (...) {
        failure.record(index, std::current_exception());
      }
    }
  };
  std::vector<std::thread> others;
  const int wanted = std::min(threads, n) - 1;
  for (int i = 0; i < wanted; ++i) {
    try {
      others.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // no more threads to be had: the ones there are do the work
    }
  }
  work();
  for (std::thread& thread : others) thread.join();
  failure.rethrow();
}

int hardware_threads() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace windtunnel
