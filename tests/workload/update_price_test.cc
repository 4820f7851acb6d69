#include "simulator/workload/update_price.h"

#include <gtest/gtest.h>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

PricedUpdate update_of(const Scenario& scenario) {
  const ScheduleKind& schedule = *find_schedule("1f1b");
  return priced_update(scenario, shipped_prices(), schedule, schedule_shape(scenario, schedule, 4),
                       0);
}

/// Of `count` parameters on 8 data ranks 4 GPUs apart, two a node: half of them over NVLink, then
/// 3/4 of the other half over the NIC.
double nic_bytes(double count, double bytes) { return count * bytes / 2 * 3 / 4; }

/// On all 32 GPUs, 8 a node.
double nic_bytes_everywhere(double count, double bytes) { return count * bytes / 8 * 3 / 4; }

TEST(PricedUpdate, WithoutZeroAllReducesAndUpdatesEverything) {
  Scenario scenario = dense_cluster();
  scenario.parallelism.zero_stage = 0;
  const PricedUpdate all = update_of(scenario);
  EXPECT_EQ(all.gather.time.value, 0);
  scenario.parallelism.zero_stage = 1;
  const PricedUpdate sharded = update_of(scenario);
  EXPECT_DOUBLE_EQ(all.reduce_bytes.value, 2 * sharded.reduce_bytes.value);
  EXPECT_GT(all.optimizer.time, sharded.optimizer.time * 5.0);
  const StageParameters held = rank_parameters(scenario, {0});
  EXPECT_DOUBLE_EQ(sharded.reduce_bytes.value,
                   nic_bytes(held.shared, 4) + nic_bytes_everywhere(held.everywhere, 4));
  EXPECT_DOUBLE_EQ(sharded.gather_bytes.value,
                   nic_bytes(held.shared, 2) + nic_bytes_everywhere(held.everywhere, 2));
  EXPECT_TRUE(all.all_reduce);
  EXPECT_FALSE(sharded.all_reduce);
  EXPECT_DOUBLE_EQ(all.reduce_tensor.value, 4 * sum(held));
  EXPECT_DOUBLE_EQ(sharded.reduce_tensor.value, 4 * sum(held));
  EXPECT_EQ(all.gather_tensor.value, 0);
  EXPECT_DOUBLE_EQ(sharded.gather_tensor.value, 2 * (held.shared / 8 + held.everywhere / 32));
}

TEST(PricedUpdate, FromZero2OnReducesInEveryMicroBatchInstead) {
  Scenario scenario = dense_cluster();
  scenario.parallelism.zero_stage = 2;
  EXPECT_EQ(update_of(scenario).reduce.time.value, 0);
  EXPECT_GT(update_of(scenario).gather.time.value, 0);
  scenario.parallelism.zero_stage = 3;
  EXPECT_EQ(update_of(scenario).reduce.time.value, 0);
  EXPECT_EQ(update_of(scenario).gather.time.value, 0);
}

// Shards of 4 data ranks (16 GPUs, two nodes) have a replica two nodes on: the other half of the
// cluster's pipeline rank. Both sum FP32 shards once a step, an all-reduce of two over the NIC.
TEST(PricedUpdate, ReplicatedShardsAreSummedOverTheirReplicas) {
  Scenario scenario = dense_cluster();
  scenario.parallelism.zero_stage = 3;
  scenario.parallelism.shard_group = 4;
  const StageParameters held = rank_parameters(scenario, {0});
  const double shard = held.shared / 4 + held.everywhere / 16;
  EXPECT_DOUBLE_EQ(update_of(scenario).reduce_bytes.value, 2 * shard * 4 / 2);
  EXPECT_DOUBLE_EQ(update_of(scenario).reduce_tensor.value, shard * 4);
  EXPECT_TRUE(update_of(scenario).all_reduce);
  EXPECT_EQ(update_of(scenario).gather.time.value, 0);
}

PricedUpdate dualpipe_update_of(const Scenario& scenario) {
  const ScheduleKind& dualpipe = *find_schedule("dualpipe");
  return priced_update(scenario, shipped_prices(), dualpipe, schedule_shape(scenario, dualpipe, 8),
                       0);
}

// Both copies of DualPipe shard what their own micro-batches give; once a step they sum a shard of
// two over the NIC, and under ZeRO-3 hand each other the half that they updated.
TEST(PricedUpdate, TheShardsOfTwoCopiesAreSummedOnceAStep) {
  Scenario scenario = dense_cluster();
  const StageParameters held = rank_parameters(scenario, {0, 1});
  const double shard = held.shared / 8 + held.everywhere / 32;
  scenario.parallelism.zero_stage = 2;
  EXPECT_DOUBLE_EQ(dualpipe_update_of(scenario).reduce_bytes.value, shard * 4 / 2);
  EXPECT_DOUBLE_EQ(dualpipe_update_of(scenario).reduce_tensor.value, shard * 4);
  scenario.parallelism.zero_stage = 3;
  EXPECT_DOUBLE_EQ(dualpipe_update_of(scenario).reduce_bytes.value, shard * 4 / 2);
  EXPECT_DOUBLE_EQ(dualpipe_update_of(scenario).gather_bytes.value, shard * 2 / 2);
  scenario.parallelism.shard_group = 8;  // each replica of a shard updates all of it
  EXPECT_DOUBLE_EQ(dualpipe_update_of(scenario).reduce_bytes.value, 2 * shard * 4 / 2);
  EXPECT_EQ(dualpipe_update_of(scenario).gather.time.value, 0);
}

TEST(PricedShard, IsNothingBelowZero2) {
  Scenario scenario = dense_cluster();
  const StageParameters layer = layer_parameters(scenario, scenario.model.layers.front());
  EXPECT_FALSE(priced_shard(scenario, layer).has_value());
  scenario.parallelism.zero_stage = 2;
  const auto gradients = priced_shard(scenario, layer);
  ASSERT_TRUE(gradients.has_value());
  EXPECT_EQ(gradients->gather.time.value, 0);
  EXPECT_DOUBLE_EQ(gradients->reduce_bytes.value,
                   nic_bytes(layer.shared, 4) + nic_bytes_everywhere(layer.everywhere, 4));
}

TEST(PricedShard, GathersBf16AndScattersFp32) {
  Scenario scenario = dense_cluster();
  scenario.parallelism.zero_stage = 3;
  const StageParameters layer = layer_parameters(scenario, scenario.model.layers.front());
  const auto shard = priced_shard(scenario, layer);
  ASSERT_TRUE(shard.has_value());
  EXPECT_DOUBLE_EQ(shard->gather_bytes.value * 2, shard->reduce_bytes.value);
  EXPECT_LT(shard->gather.time, shard->reduce.time);
  scenario.parallelism.shard_group = 1;  // 4 GPUs of one node hold all between them
  EXPECT_EQ(priced_shard(scenario, layer)->gather_bytes.value, 0);
}

// Two pipeline ranks of 64 GPUs under 1F1B: an expert has no second replica in one, everything else
// 64. Twice the GPUs: experts have two, on two nodes, and half of each crosses the NIC.
TEST(PricedUpdate, SaysWhichShareOfItsBytesIsExperts) {
  Scenario scenario = small_cluster();
  EXPECT_EQ(update_of(scenario).expert_share, 0);
  scenario.cluster.nodes = 32;
  const StageParameters held = rank_parameters(scenario, {0});
  const double experts = held.experts / 2;
  const double rest = (held.shared + held.everywhere) / 8 * 15 / 16;
  EXPECT_NEAR(update_of(scenario).expert_share, experts / (experts + rest), 1e-12);
  EXPECT_EQ(update_of(dense_cluster()).expert_share, 0);
}

}  // namespace
}  // namespace windtunnel
