#include "simulator/hardware/expected_groups.h"

#include <algorithm>

namespace windtunnel {

double expected_groups(int groups, int experts, int top_k, int limit) {
  // Groups are chosen for their best experts, so that each chosen one is met.
  if (groups > limit) return std::min(limit, top_k);
  const int others = experts - experts / groups;
  double missed = 1;  // no expert of one given group among top_k different ones
  for (int i = 0; i < top_k; ++i) {
    missed *= std::max(0.0, static_cast<double>(others - i)) / static_cast<double>(experts - i);
  }
  return groups * (1 - missed);
}

}  // namespace windtunnel
