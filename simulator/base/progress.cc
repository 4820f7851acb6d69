#include "simulator/base/progress.h"

namespace windtunnel {

Progress within(const Progress& whole, double from, double to) {
  if (!whole) return {};
  return [whole, from, to](double share) { whole(from + (to - from) * share); };
}

void WorkCount::finish_one() {
  if (!progress_) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  ++done_;
  progress_(static_cast<double>(done_) / pieces_);
}

}  // namespace windtunnel
