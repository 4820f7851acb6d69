#include "simulator/workload/group_price.h"

#include <gtest/gtest.h>

#include "simulator/hardware/collective_price.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

/// 64 MiB in BF16 rows of 4096.
KernelShape rows(Operation operation, int ranks) {
  return {operation, Dtype::kBf16, 8192, 4096, 0, ranks};
}

constexpr double kBuffer = 2.0 * 8192 * 4096;

Cluster four_nodes() {
  Cluster cluster = pretraining().cluster;
  cluster.nodes = 4;
  return cluster;
}

TEST(RanksInNode, AreTheNeighboursThatTheStrideLeaves) {
  const Cluster cluster = four_nodes();
  EXPECT_EQ(ranks_in_node({.ranks = 4, .stride = 1}, cluster), 4);
  EXPECT_EQ(ranks_in_node({.ranks = 16, .stride = 1}, cluster), 8);
  EXPECT_EQ(ranks_in_node({.ranks = 4, .stride = 4}, cluster), 2);
  EXPECT_EQ(ranks_in_node({.ranks = 4, .stride = 16}, cluster), 1);
}

TEST(GroupPrice, InsideANodeIsWhatNcclTook) {
  const Cluster cluster = four_nodes();
  const PriceBook& book = shipped_prices();
  for (const Operation operation :
       {Operation::kAllGather, Operation::kReduceScatter, Operation::kAllReduce}) {
    const GroupPrice price = group_price(book, cluster, rows(operation, 8), {8, 1});
    const Price alone =
        collective_price(book.tables, cluster.gpu, operation_name(operation), 8, Bytes{kBuffer});
    EXPECT_EQ(price.price.time.value, alone.time.value);
    EXPECT_EQ(price.scale_out.value, 0);
  }
}

TEST(GroupPrice, MovesToTheNodesLinks) {
  Cluster cluster = four_nodes();
  const GroupPrice before =
      group_price(shipped_prices(), cluster, rows(Operation::kAllGather, 8), {8, 1});
  cluster.scale_up.peak = cluster.gpu.nvlink * 2;
  const GroupPrice after =
      group_price(shipped_prices(), cluster, rows(Operation::kAllGather, 8), {8, 1});
  EXPECT_DOUBLE_EQ(after.price.time.value, before.price.time.value / 2);
}

// 4 nodes of 8: 7/8 of the buffer at 160 GB/s and 7 latencies of 3.33 us, then 3/4 of the eighth at
// 40 GB/s and 3 of 3.7 us; an all-reduce goes both ways.
TEST(GroupPrice, BetweenNodesGoesThroughBothLinks) {
  const Cluster cluster = four_nodes();
  const GroupPrice price =
      group_price(shipped_prices(), cluster, rows(Operation::kAllGather, 32), {32, 1});
  const double expected =
      kBuffer * 7 / 8 / 160e9 + 7 * 3.33e-6 + kBuffer / 8 * 3 / 4 / 40e9 + 3 * 3.7e-6;
  EXPECT_NEAR(price.price.time.value, expected, 1e-12);
  EXPECT_DOUBLE_EQ(price.scale_out.value, kBuffer / 8 * 3 / 4);
  const GroupPrice both =
      group_price(shipped_prices(), cluster, rows(Operation::kAllReduce, 32), {32, 1});
  EXPECT_NEAR(both.price.time.value, 2 * expected, 1e-12);
  EXPECT_DOUBLE_EQ(both.scale_out.value, 2 * price.scale_out.value);
}

// What one rank holds goes past all others, over the NIC where any hop does.
TEST(GroupPrice, ARingPassesEverythingOverItsSlowestHop) {
  const Cluster cluster = four_nodes();
  const GroupPrice inside =
      group_price(shipped_prices(), cluster, rows(Operation::kRingExchange, 4), {4, 2});
  EXPECT_NEAR(inside.price.time.value, 3 * (kBuffer / 160e9 + 3.33e-6), 1e-12);
  EXPECT_EQ(inside.scale_out.value, 0);
  const GroupPrice outside =
      group_price(shipped_prices(), cluster, rows(Operation::kRingExchange, 4), {4, 8});
  EXPECT_NEAR(outside.price.time.value, 3 * (kBuffer / 40e9 + 3.7e-6), 1e-12);
  EXPECT_EQ(outside.scale_out.value, 3 * kBuffer);
}

}  // namespace
}  // namespace windtunnel
