#include "simulator/workload/routing_load.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace windtunnel {
namespace {

double sum(const std::vector<double>& loads) {
  return std::accumulate(loads.begin(), loads.end(), 0.0);
}

TEST(RoutingLoad, ConservesTokens) {
  for (std::uint64_t layer = 0; layer < 50; ++layer) {
    EXPECT_NEAR(sum(routing_loads({.deviation = 0.3, .seed = 1}, 64, 0, layer, 5)), 64, 1e-9);
  }
}

TEST(RoutingLoad, SpreadsAsAsked) {
  double squares = 0;
  for (std::uint64_t layer = 0; layer < 200; ++layer) {
    for (const double load : routing_loads({.deviation = 0.1, .seed = 1}, 64, 0, layer, 5)) {
      squares += (load - 1) * (load - 1);
    }
  }
  // 12 800 draws: the estimate's own deviation is 0.1 / sqrt(2 * 12800) = 0.0006.
  EXPECT_NEAR(std::sqrt(squares / (200 * 64)), 0.1, 0.003);
}

TEST(RoutingLoad, IsEvenWithoutDeviation) {
  EXPECT_EQ(routing_loads({.deviation = 0, .seed = 1}, 4, 0, 1, 1), std::vector<double>(4, 1.0));
}

TEST(RoutingLoad, DependsOnEachArgument) {
  const RoutingSpread spread{.deviation = 0.1, .seed = 1};
  const auto base = routing_loads(spread, 8, 0, 1, 1);
  EXPECT_NE(base, routing_loads(spread, 8, 1, 1, 1));
  EXPECT_NE(base, routing_loads(spread, 8, 0, 2, 1));
  EXPECT_NE(base, routing_loads(spread, 8, 0, 1, 2));
  EXPECT_NE(base, routing_loads({.deviation = 0.1, .seed = 2}, 8, 0, 1, 1));
}

TEST(RepresentativeLoads, KeepTheMaximumAndTheMean) {
  const auto loads = routing_loads({.deviation = 0.2, .seed = 3}, 64, 0, 4, 4);
  const double maximum = *std::max_element(loads.begin(), loads.end());
  for (const int members : {2, 4, 8, 16}) {
    const auto chosen = representative_loads(loads, members, 9);
    ASSERT_EQ(chosen.size(), static_cast<std::size_t>(members));
    EXPECT_NEAR(*std::max_element(chosen.begin(), chosen.end()), maximum, 1e-12);
    EXPECT_NEAR(sum(chosen), members, 1e-9);
  }
}

}  // namespace
}  // namespace windtunnel
