// How far a long computation has come. What computes counts; whether and how that is shown is the
// caller's.
#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace windtunnel {

/// Takes the share that is done, 0 to 1; empty where nobody watches.
using Progress = std::function<void(double share)>;

/// The part of `whole` between two shares of it, as a whole of its own.
Progress within(const Progress& whole, double from, double to);

/// Counts pieces of work that several threads finish in any order.
class WorkCount {
 public:
  WorkCount(Progress progress, int pieces) : progress_(std::move(progress)), pieces_(pieces) {}

  void finish_one();

 private:
  Progress progress_;
  int pieces_;
  int done_ = 0;
  std::mutex mutex_;
};

}  // namespace windtunnel
