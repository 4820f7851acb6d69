#include "simulator/hardware/quantile.h"

#include <algorithm>
#include <cstddef>

namespace windtunnel {

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double position = share * static_cast<double>(values.size() - 1);
  const auto index = static_cast<std::size_t>(position);
  const double weight = position - static_cast<double>(index);
  const double next = values[std::min(index + 1, values.size() - 1)];
  return values[index] * (1 - weight) + next * weight;
}

}  // namespace windtunnel
