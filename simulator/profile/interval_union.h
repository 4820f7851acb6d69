// Lengths of unions of stretches of time that come in order of their starts.
#pragma once

#include <algorithm>
#include <cstdint>

namespace windtunnel {

/// Grows with each stretch by what no earlier one covered; starts must not decrease.
struct IntervalUnion {
  std::int64_t length = 0;
  std::int64_t end = INT64_MIN;

  void add(std::int64_t start, std::int64_t stop) {
    if (stop <= end) return;
    length += stop - std::max(start, end);
    end = stop;
  }
};

}  // namespace windtunnel
