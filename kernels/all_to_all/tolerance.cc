#include "kernels/all_to_all/tolerance.h"

#include "kernels/ops/error.h"

namespace windtunnel::tolerance {

double combine(double y, double magnitude, std::int64_t rows) {
  return stored(y, magnitude * roundings(static_cast<double>(rows)), kBf16);
}

double combine_weighted(double y, double magnitude, std::int64_t rows) {
  return stored(y, magnitude * roundings(static_cast<double>(rows) + 1), kBf16);
}

double combine_two_hops(double y, double magnitude, std::int64_t node_ranks, std::int64_t nodes) {
  const double of_node = (roundings(static_cast<double>(node_ranks)) + 0x1p-8) * kSecondOrder;
  const double relative = of_node + roundings(static_cast<double>(nodes)) * kSecondOrder;
  return stored(y, magnitude * relative + static_cast<double>(nodes) * kFlushed, kBf16);
}

}  // namespace windtunnel::tolerance
