#include "simulator/workload/parallelism/expert.h"

#include <gtest/gtest.h>

#include <cmath>

namespace windtunnel {
namespace {

constexpr ExpertTraffic kV3{.ranks = 64, .ranks_per_node = 8, .top_k = 8, .node_limit = 4};

TEST(ExpertTraffic, NodeLimitIsUsedUp) { EXPECT_EQ(nodes_per_token(kV3), 4); }

// Four nodes, own one included with probability 1/2: 3.5 of 4 copies leave (physics, data README).
TEST(ExpertTraffic, ThreeAndAHalfCopiesLeaveTheGpu) {
  const HopBytes bytes = dispatch_bytes(kV3, 4096, fp8_row(7168));
  EXPECT_DOUBLE_EQ(bytes.scale_out.value, 3.5 * 4096 * (7168 + 4 * 56));
}

// 8 throws into 8 GPUs of one node: 8 (1 - (7/8)^8) = 5.25 distinct ones.
TEST(ExpertTraffic, OneNodeSendsNothingOverTheNic) {
  const ExpertTraffic node{.ranks = 8, .ranks_per_node = 8, .top_k = 8, .node_limit = 4};
  EXPECT_NEAR(ranks_per_token(node), 5.25, 0.005);
  const HopBytes bytes = dispatch_bytes(node, 4096, bf16_row(7168));
  EXPECT_EQ(bytes.scale_out.value, 0);
  EXPECT_NEAR(bytes.scale_up.value, 5.2510 * 7 / 8 * 4096 * 14336, 1e5);
}

// Two choices in each of four nodes of 8 GPUs: 4 x 8 (1 - (7/8)^2) = 7.5 rows a token.
TEST(ExpertTraffic, DistinctGpusOfNodeLimitedRouting) {
  EXPECT_DOUBLE_EQ(ranks_per_token(kV3), 7.5);
}

TEST(ExpertTraffic, TwoNodesWithoutALimitThatBinds) {
  const ExpertTraffic two{.ranks = 16, .ranks_per_node = 8, .top_k = 8, .node_limit = 4};
  EXPECT_NEAR(nodes_per_token(two), 2 * (1 - std::pow(0.5, 8)), 1e-12);
}

}  // namespace
}  // namespace windtunnel
