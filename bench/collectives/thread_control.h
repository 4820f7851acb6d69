// Ranks that are threads of one process.
#pragma once

#include <memory>
#include <vector>

#include "bench/collectives/communicator.h"

namespace windtunnel::bench {

/// One for each of `ranks` threads. A thread that can't go on calls `give_up`: all that wait for it
/// then throw std::runtime_error.
struct ThreadControls {
  std::vector<Control> controls;
  std::function<void()> give_up;
};
ThreadControls thread_controls(int ranks);

/// `body(rank's control)` in a thread for each rank; throws what the first of them threw.
void run_threads(int ranks, const std::function<void(const Control&)>& body);

}  // namespace windtunnel::bench
