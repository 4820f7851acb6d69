#include "simulator/workload/serving/transfer_price.h"

#include <gtest/gtest.h>

#include "simulator/hardware/collective_price.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

Price collective(const Cluster& cluster, CollectiveKind kind, std::int64_t ranks, double bytes) {
  return group_collective_price(shipped_prices(), cluster, {kind, ranks, bytes});
}

TEST(ServingTransfer, SmallSumsAreTheFrameworksOwnAndLargeOnesNccls) {
  const Cluster cluster = v3_on_h200().cluster;
  EXPECT_NE(collective(cluster, CollectiveKind::kAllReduce, 8, 1e6)
                .provenance.source.find("TensorRT-LLM"),
            std::string::npos);
  EXPECT_EQ(collective(cluster, CollectiveKind::kAllReduce, 8, 64e6).time,
            collective_price(shipped_prices().tables, cluster.gpu, "all_reduce", 8, {64e6}).time);
  EXPECT_EQ(collective(cluster, CollectiveKind::kAllGather, 4, 1e6).time,
            collective_price(shipped_prices().tables, cluster.gpu, "all_gather", 4, {1e6}).time);
}

// Two nodes: a reduce-scatter and an all-gather inside, and between them a ring of two, twice
// around: 2 x (latency + a half of an eighth at the NIC's rate).
TEST(ServingTransfer, OverNodesIsScatteredSummedAndGathered) {
  const Cluster cluster = deployment("deepseek-v3/serve-h100").cluster;
  const double bytes = 16e6;
  const double inside = collective(cluster, CollectiveKind::kReduceScatter, 8, bytes).time.value +
                        collective(cluster, CollectiveKind::kAllGather, 8, bytes).time.value;
  const double between = 2 * (3.7e-6 + bytes / 8 / 2 / 40e9);
  EXPECT_NEAR(collective(cluster, CollectiveKind::kAllReduce, 16, bytes).time.value,
              inside + between, 1e-12);
  EXPECT_NEAR(collective(cluster, CollectiveKind::kAllGather, 16, bytes).time.value,
              collective(cluster, CollectiveKind::kAllGather, 8, bytes).time.value + between / 2,
              1e-12);
}

ExpertTransfer v3_transfer(bool low_latency, bool combine, std::int64_t ranks, double tokens) {
  return {.combine = combine,
          .low_latency = low_latency,
          .ranks = ranks,
          .hidden = 7168,
          .top_k = 8,
          .experts = 256,
          .node_limit = 4,
          .tokens = tokens};
}

// 32 tokens to 8 experts each, 39 of 40 nodes away, FP8 with 56 scales, or BF16 back.
TEST(ServingTransfer, LowLatencyBetweenNodesIsARowAnExpert) {
  const Cluster cluster = v3_units().cluster;
  const double rows = 32.0 * 8 * (1 - 8.0 / 320);
  const Price out =
      expert_transfer_price(shipped_prices(), cluster, 24, v3_transfer(true, false, 320, 32));
  EXPECT_NEAR(out.time.value, 3.7e-6 + rows * (7168 + 4 * 56) / 40e9, 1e-12);
  EXPECT_EQ(out.provenance.basis, Basis::kEstimated);
  EXPECT_LT(out.low, out.time);
  const Price back =
      expert_transfer_price(shipped_prices(), cluster, 24, v3_transfer(true, true, 320, 32));
  EXPECT_NEAR(back.time.value, 3.7e-6 + rows * 2 * 7168 / 40e9, 1e-12);
}

TEST(ServingTransfer, InOneNodeLowLatencyWasMeasured) {
  const Cluster cluster = v3_on_h200().cluster;
  const Price price =
      expert_transfer_price(shipped_prices(), cluster, 20, v3_transfer(true, false, 8, 64));
  EXPECT_EQ(price.provenance.basis, Basis::kMeasured);
  const Price normal =
      expert_transfer_price(shipped_prices(), cluster, 20, v3_transfer(false, false, 8, 64));
  EXPECT_LT(price.time, normal.time);
}

// No all-to-all was measured on A100: four nodes of eight, links of 20 and 155 GB/s.
TEST(ServingTransfer, UnmeasuredIsTheBindingHop) {
  const Cluster cluster = deployment("deepseek-v3/serve-a800-bf16").cluster;
  const Price price =
      expert_transfer_price(shipped_prices(), cluster, 20, v3_transfer(false, true, 32, 1024));
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  const double most = 3.7e-6 + 1024.0 * 4 * 2 * 7168 / 20e9;
  EXPECT_LT(price.time.value, most);
  EXPECT_GT(price.time.value, most / 2);
}

}  // namespace
}  // namespace windtunnel
