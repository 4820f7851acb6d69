#include "simulator/workload/serving/transfer_price.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/hardware/collective_price.h"
#include "simulator/workload/parallelism/expert.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

Price collective(const Cluster& cluster, CollectiveKind kind, std::int64_t ranks, double bytes) {
  return group_collective_price(shipped_prices(), cluster, whole_nic(cluster),
                                {kind, ranks, bytes});
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

Price priced(const Cluster& cluster, int sms, const ExpertTransfer& it) {
  return expert_transfer_price(shipped_prices(), cluster, whole_nic(cluster), sms, it);
}

// 32 tokens to 8 experts each, 39 of 40 nodes away, FP8 with 56 scales, or BF16 back.
TEST(ServingTransfer, LowLatencyBetweenNodesIsARowAnExpert) {
  const Cluster cluster = v3_units().cluster;
  const double rows = 32.0 * 8 * (1 - 8.0 / 320);
  const Price out = priced(cluster, 24, v3_transfer(true, false, 320, 32));
  EXPECT_NEAR(out.time.value, 3.7e-6 + rows * (7168 + 4 * 56) / 40e9, 1e-12);
  EXPECT_EQ(out.provenance.basis, Basis::kEstimated);
  EXPECT_LT(out.low, out.time);
  const Price back = priced(cluster, 24, v3_transfer(true, true, 320, 32));
  EXPECT_NEAR(back.time.value, 3.7e-6 + rows * 2 * 7168 / 40e9, 1e-12);
}

TEST(ServingTransfer, InOneNodeLowLatencyWasMeasured) {
  const Cluster cluster = v3_on_h200().cluster;
  const Price price = priced(cluster, 20, v3_transfer(true, false, 8, 64));
  EXPECT_EQ(price.provenance.basis, Basis::kMeasured);
  const Price normal = priced(cluster, 20, v3_transfer(false, false, 8, 64));
  EXPECT_LT(price.time, normal.time);
}

// No all-to-all was measured on A100: four nodes of eight, links of 20 and 155 GB/s.
TEST(ServingTransfer, UnmeasuredIsTheBindingHop) {
  const Cluster cluster = deployment("deepseek-v3/serve-a800-bf16").cluster;
  const Price price = priced(cluster, 20, v3_transfer(false, true, 32, 1024));
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  const double most = 3.7e-6 + 1024.0 * 4 * 2 * 7168 / 20e9;
  EXPECT_LT(price.time.value, most);
  EXPECT_GT(price.time.value, most / 2);
}

// At a third of the NIC's effective rate the bytes take three times as long, the latency does not;
// at best a unit has the network for itself.
TEST(ServingTransfer, BetweenNodesTheNetworkLeavesLess) {
  const Cluster cluster = v3_units().cluster;
  const double bytes = 32.0 * 8 * (1 - 8.0 / 320) * (7168 + 4 * 56);
  const auto at = [&](double together, double alone) {
    return expert_transfer_price(shipped_prices(), cluster, {{together}, {alone}}, 24,
                                 v3_transfer(true, false, 320, 32));
  };
  EXPECT_NEAR(at(40e9 / 3, 50e9).time.value, 3.7e-6 + 3 * bytes / 40e9, 1e-12);
  EXPECT_EQ(at(40e9 / 3, 50e9).low, at(50e9, 50e9).low);
  EXPECT_LT(at(40e9 / 3, 50e9).low, at(40e9 / 3, 40e9 / 3).low);
  EXPECT_NE(at(40e9 / 3, 50e9).provenance.source.find("the network leaves 13.3 GB/s"),
            std::string::npos);
  // What is left but no transfer reaches slows nothing.
  EXPECT_EQ(at(41e9, 50e9).time, at(50e9, 50e9).time);
}

// The range of an estimate knows what transfers reach of a link, not how to send more than it has.
TEST(ServingTransfer, NoEndIsBelowTheBytesAtTheRateLeftToAUnitAlone) {
  const Cluster cluster = v3_units().cluster;
  const double bytes = 32.0 * 8 * (1 - 8.0 / 320) * (7168 + 4 * 56);
  for (const double alone : {5e9, 13e9, 39e9, 50e9}) {
    const Price price =
        expert_transfer_price(shipped_prices(), cluster, {{std::min(alone, 10e9)}, {alone}}, 24,
                              v3_transfer(true, false, 320, 32));
    EXPECT_GE(price.low.value, bytes / alone * (1 - 1e-12)) << alone;
    EXPECT_LE(price.low, price.time) << alone;
  }
  const ServingScenario h100 = deployment("deepseek-v3/serve-h100");
  const double ring = 2 * 160e6 / 8 / 2;  // of two nodes, twice around
  const Price sum = group_collective_price(shipped_prices(), h100.cluster, {{5e9}, {5e9}},
                                           {CollectiveKind::kAllReduce, 16, 160e6});
  const Price inside = collective(h100.cluster, CollectiveKind::kReduceScatter, 8, 160e6);
  const Price gathered = collective(h100.cluster, CollectiveKind::kAllGather, 8, 160e6);
  EXPECT_GE((sum.low - inside.low - gathered.low).value, ring / 5e9 * (1 - 1e-9));
  // A measured one as well, whether or not its bytes set its time.
  const ExpertTransfer it = v3_transfer(false, false, 32, 4096);
  const ExpertTraffic traffic{.ranks = 32, .ranks_per_node = 8, .top_k = 8, .node_limit = 4};
  const double out = dispatch_bytes(traffic, 4096, fp8_row(7168)).scale_out.value;
  const double left = out / priced(cluster, 24, it).time.value * 1.001;
  const Price measured = expert_transfer_price(shipped_prices(), cluster, {{left}, {left}}, 24, it);
  EXPECT_EQ(measured.time, priced(cluster, 24, it).time);
  EXPECT_GE(measured.low.value, out / left * (1 - 1e-12));
}

// Measured dispatch of 4096 tokens to 4 of 4 nodes, three of them others: no faster than its bytes.
TEST(ServingTransfer, AMeasuredTransferTakesItsBytesAtLeast) {
  const Cluster cluster = v3_units().cluster;
  const ExpertTransfer it = v3_transfer(false, false, 32, 4096);
  const Price alone = priced(cluster, 24, it);
  const auto at = [&](double left) {
    return expert_transfer_price(shipped_prices(), cluster, {{left}, {left}}, 24, it);
  };
  const ExpertTraffic traffic{.ranks = 32, .ranks_per_node = 8, .top_k = 8, .node_limit = 4};
  const double bytes = dispatch_bytes(traffic, 4096, fp8_row(7168)).scale_out.value;
  EXPECT_NEAR(at(5e9).time.value, bytes / 5e9, 1e-12);
  EXPECT_EQ(at(5e9).provenance.basis, Basis::kEstimated);
  EXPECT_EQ(at(50e9).time, alone.time);
  EXPECT_GE(at(5e9).high, at(5e9).time);
}

// With NICs of half the rate a transfer that they bind takes twice as long.
TEST(ServingTransfer, MeasuredTimesMoveToTheNodesLinks) {
  Cluster cluster = v3_units().cluster;
  const ExpertTransfer it = v3_transfer(false, false, 32, 4096);
  const Price before = priced(cluster, 24, it);
  cluster.scale_out.peak = {25e9};
  EXPECT_NEAR(priced(cluster, 24, it).time / before.time, 2, 1e-9);
}

// Two switches beyond the first, 0.45 us each.
TEST(ServingTransfer, SwitchesBetweenTheNodesAddTheirLatency) {
  Cluster flat = v3_units().cluster;
  Cluster tree = v3_units({{"cluster", "topologies/h800-2048-two-layer.toml"}}).cluster;
  flat.scale_out.latency = tree.scale_out.latency;
  const ExpertTransfer it = v3_transfer(true, false, 320, 32);
  EXPECT_NEAR((priced(tree, 24, it).time - priced(flat, 24, it).time).value, 2 * 0.45e-6, 1e-12);
}

}  // namespace
}  // namespace windtunnel
