#include "simulator/workload/network_routes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "simulator/engine/run.h"
#include "simulator/workload/rank_graph.h"
#include "simulator/workload/training_step.h"
#include "tests/workload/small_networks.h"

namespace windtunnel {
namespace {

using testing::small_fabric;
using testing::small_network;

constexpr FabricKind kEveryKind[] = {FabricKind::kTwoLayerFatTree, FabricKind::kThreeLayerFatTree,
                                     FabricKind::kMultiPlaneFatTree, FabricKind::kRailOptimised};

Fabric routed(Fabric fabric, Routing routing) {
  fabric.routing = routing;
  return fabric;
}

/// How long an all-to-all of `work` takes each of 8 members of pipeline rank 0 that draws `demand`.
std::vector<std::int64_t> all_to_all(const StepPlan& plan, const std::vector<double>& loads,
                                     std::int64_t demand) {
  RankGraph build = make_rank_graph(plan, 8);
  const RowId row = add_transfer(build, {.rank = 0, .slot = 0, .loads = loads}, {{4200}, demand},
                                 kNone, OpKind::kDispatch);
  const Timeline timeline = run(build.step.graph);
  std::vector<std::int64_t> times;
  for (int member = 0; member < 8; ++member) {
    const OpId op = op_id(build.step.graph, row, member);
    times.push_back(timeline.end[static_cast<std::size_t>(op)].count);
  }
  return times;
}

// Leaves of 2 nodes, 4 GPUs: of 3 other nodes 2 hang on the other leaf. Each GPU draws 30 kB/s, two
// thirds of it upwards: 80 kB/s a leaf. At 4 to 1 a leaf has one link of 40 kB/s: half speed.
TEST(NetworkRoutes, OversubscriptionSlowsAnAllToAllAsByHand) {
  const auto times = [](double oversubscription, const std::vector<double>& loads) {
    const Fabric fabric = small_fabric(FabricKind::kTwoLayerFatTree, oversubscription);
    return all_to_all(small_network(fabric), loads, 30'000);
  };
  EXPECT_EQ(times(1, {}), std::vector<std::int64_t>(8, 4200));
  EXPECT_EQ(times(2, {}), std::vector<std::int64_t>(8, 4200));  // exactly 80 kB/s
  EXPECT_EQ(times(4, {}), std::vector<std::int64_t>(8, 8400));
  // Member 0 has twice the rows. When the other three of its leaf end it has 4200 ps left, now
  // alone on the link, at full speed.
  EXPECT_EQ(times(4, {2, 1, 1, 1, 1, 0.5, 0.5, 1}),
            (std::vector<std::int64_t>{12600, 8400, 8400, 8400, 8400, 8400, 8400, 8400}));
}

TEST(NetworkRoutes, ANetworkWithoutOversubscriptionLeavesNothingToShare) {
  for (const FabricKind kind : kEveryKind) {
    Fabric fabric = small_fabric(kind, 1);
    if (fabric.core_oversubscription) fabric.core_oversubscription = 1;
    const StepPlan plan = small_network(fabric);
    EXPECT_TRUE(network_routes(plan, 8).capacities.empty());
    // Found by looking at every flow too, and not because nothing crosses.
    const NetworkRoutes all = all_routes(plan);
    EXPECT_GT(all.capacities.size(), 0U);
    EXPECT_TRUE(without_slack(all, plan.nic_capacity).capacities.empty());
    fabric.oversubscription = 4;
    EXPECT_FALSE(network_routes(small_network(fabric), 8).capacities.empty());
  }
}

/// Transfers of every kind on both pipeline ranks, under `routes`.
Timeline everything_at_once(const StepPlan& plan, const NetworkRoutes& routes,
                            const std::vector<double>& loads) {
  RankGraph build = make_rank_graph(plan, plan.data_ranks);
  build.routes = routes;
  build.segments.clear();
  for (const std::int64_t capacity : routes.capacities) {
    build.segments.push_back(build.step.graph.add_resource(capacity));
  }
  for (int rank = 0; rank < plan.shape.pipeline_ranks; ++rank) {
    const Place place{.rank = rank, .slot = 0, .loads = loads};
    add_transfer(build, place, {{4000}, 30'000}, kNone, OpKind::kDispatch);
    add_send(build, place, (rank + 1) % plan.shape.pipeline_ranks, kNone);
    add_transfer(build, place, {{5000}, 25'000}, kNone, OpKind::kCombine);
    add_send(build, place, (rank + 1) % plan.shape.pipeline_ranks, kNone);
  }
  return run(build.step.graph);
}

RC_GTEST_PROP(NetworkRoutes, WhatIsLeftOutChangesNothing, ()) {
  Fabric fabric = small_fabric(
      *rc::gen::elementOf(std::vector<FabricKind>(std::begin(kEveryKind), std::end(kEveryKind))),
      *rc::gen::element(1.0, 2.0, 4.0));
  fabric.routing = *rc::gen::element(Routing::kAdaptive, Routing::kEcmp, Routing::kStatic);
  fabric.link_rate = {static_cast<double>(*rc::gen::inRange(10'000, 80'000))};
  StepPlan plan = small_network(fabric);
  plan.network->expert_gpus = plan.expert_ranks = *rc::gen::element(4, 8);
  std::vector<double> loads;
  for (int member = 0; member < 8; ++member) loads.push_back(*rc::gen::inRange(50, 200) / 100.0);
  const Timeline all = everything_at_once(plan, all_routes(plan), loads);
  const Timeline kept = everything_at_once(plan, network_routes(plan, 8), loads);
  for (std::size_t op = 0; op < all.end.size(); ++op) {
    // A level that two segments reach at once may round once more.
    RC_ASSERT(std::abs(all.end[op].count - kept.end[op].count) <= 1);
  }
}

/// What crosses each segment in total, by traffic.
double crossed(const NetworkRoutes& routes, Traffic traffic) {
  double sum = 0;
  for (int rank = 0; rank < routes.pipeline_ranks; ++rank) {
    for (int member = 0; member < routes.members; ++member) {
      for (const Crossing& crossing : crossings_of(routes, traffic, rank, member)) {
        sum += crossing.share * crossing.count / routes.divisor;
      }
    }
  }
  return sum;
}

TEST(NetworkRoutes, RoutingMovesTrafficAndNeitherAddsNorLosesAny) {
  for (const FabricKind kind : kEveryKind) {
    const Fabric fabric = small_fabric(kind, 2);
    const NetworkRoutes spread = all_routes(small_network(fabric));
    for (const Traffic traffic : kTraffics) {
      const double expected = crossed(spread, traffic);
      for (const Routing routing : {Routing::kEcmp, Routing::kStatic}) {
        const StepPlan plan = small_network(routed(fabric, routing));
        EXPECT_NEAR(crossed(all_routes(plan), traffic), expected, 1e-9);
      }
    }
  }
  // By hand: 16 GPUs send 2/3 of their tokens to another leaf, up and down.
  const NetworkRoutes two =
      all_routes(small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1)));
  EXPECT_NEAR(crossed(two, Traffic::kExperts), 2 * 16 * 2.0 / 3, 1e-9);
  EXPECT_NEAR(crossed(two, Traffic::kSendsOn), 2 * 16, 1e-9);
}

// Flows of one pair of GPUs take one uplink, chosen by a hash: the same every time, and not evenly.
TEST(NetworkRoutes, EcmpCollidesTheSameEveryTime) {
  const Fabric even = small_fabric(FabricKind::kTwoLayerFatTree, 1);
  const StepPlan plan = small_network(routed(even, Routing::kEcmp));
  const NetworkRoutes first = network_routes(plan, 8);
  const NetworkRoutes second = network_routes(plan, 8);
  EXPECT_EQ(first.crossings, second.crossings);
  EXPECT_FALSE(first.capacities.empty());
  for (const std::int64_t capacity : first.capacities) EXPECT_EQ(capacity, 40'000);
  const std::int64_t hashed = run(lower(plan, 8).graph).makespan.count;
  EXPECT_EQ(hashed, run(lower(plan, 8).graph).makespan.count);
  EXPECT_GT(hashed, run(lower(small_network(even), 8).graph).makespan.count);
  // Folded, every uplink has its expected load, which binds nowhere.
  EXPECT_TRUE(network_routes(plan, 1).capacities.empty());
}

// The tokens for a GPU come down the way of its port, which they have for themselves; upwards the
// two nodes of a leaf send a third each.
TEST(NetworkRoutes, StaticRoutingKeepsAllToAllsApart) {
  const Fabric fabric = routed(small_fabric(FabricKind::kTwoLayerFatTree, 1), Routing::kStatic);
  EXPECT_EQ(all_to_all(small_network(fabric), {}, 40'000), std::vector<std::int64_t>(8, 4200));
}

// GPU 0 sends a third each to ports 0 and 2 of the other leaf (GPUs 4 and 6), whose tokens for it
// both come down the way of port 0.
TEST(NetworkRoutes, StaticRoutingGoesByTheDestination) {
  const Fabric fabric = routed(small_fabric(FabricKind::kTwoLayerFatTree, 1), Routing::kStatic);
  const NetworkRoutes routes = all_routes(small_network(fabric));
  std::vector<double> up;
  std::vector<double> down;
  for (const Crossing& crossing : crossings_of(routes, Traffic::kExperts, 0, 0)) {
    (crossing.segment % 2 == 0 ? up : down).push_back(crossing.share);
  }
  ASSERT_EQ(up.size(), 2U);
  EXPECT_NEAR(up[0], 1.0 / 3, 1e-9);
  EXPECT_NEAR(up[1], 1.0 / 3, 1e-9);
  ASSERT_EQ(down.size(), 1U);
  EXPECT_NEAR(down[0], 2.0 / 3, 1e-9);
}

// 16 sends leave 4 leaves; a hash that knew only one of the two GPUs, or none, would use fewer
// ways.
TEST(NetworkRoutes, EcmpSpreadsFlowsOverSeveralUplinks) {
  const Fabric fabric = routed(small_fabric(FabricKind::kTwoLayerFatTree, 1), Routing::kEcmp);
  const NetworkRoutes routes = all_routes(small_network(fabric));
  std::map<int, int> flows_on;
  for (int rank = 0; rank < 2; ++rank) {
    for (int member = 0; member < 8; ++member) {
      const auto crossings = crossings_of(routes, Traffic::kSendsOn, rank, member);
      ASSERT_EQ(crossings.size(), 2U);  // one way up and down each
      for (const Crossing& crossing : crossings) {
        if (crossing.segment % 2 == 0) ++flows_on[crossing.segment];
      }
    }
  }
  EXPECT_GT(flows_on.size(), 8U);
  EXPECT_LT(flows_on.size(), 16U);
  // Of a source's two flows to the other leaf some part.
  int parted = 0;
  for (int member = 0; member < 8; ++member) {
    const auto crossings = crossings_of(routes, Traffic::kExperts, 0, member);
    const auto up = std::count_if(crossings.begin(), crossings.end(),
                                  [](const Crossing& c) { return c.segment % 2 == 0; });
    parted += up == 2 ? 1 : 0;
  }
  EXPECT_GT(parted, 2);
}

// Four GPUs of a leaf send at the rate of its only uplink.
TEST(NetworkRoutes, SendsShareTheirLeavesBothWays) {
  const StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 4), 4);
  for (const int to : {0, 2}) {
    RankGraph build = make_rank_graph(plan, 8);
    const RowId row = add_send(build, {.rank = 1, .slot = 0, .loads = {}}, to, kNone);
    const Timeline timeline = run(build.step.graph);
    for (int member = 0; member < 8; ++member) {
      const OpId op = op_id(build.step.graph, row, member);
      EXPECT_EQ(timeline.end[static_cast<std::size_t>(op)].count, 4 * 1500) << to;
    }
  }
}

// Of 4 uplinks of leaf 0 three are down: 40 kB/s instead of 160 for the 4 x 20 kB/s of its GPUs.
TEST(NetworkRoutes, WhatIsLeftOfALeafCarriesItsTraffic) {
  Fabric fabric = small_fabric(FabricKind::kTwoLayerFatTree, 1);
  fabric.failed_uplinks = {0, 0, 0};
  EXPECT_EQ(all_to_all(small_network(fabric), {}, 30'000),
            (std::vector<std::int64_t>{8400, 8400, 8400, 8400, 4200, 4200, 4200, 4200}));
  for (const Routing routing : {Routing::kEcmp, Routing::kStatic}) {
    const std::vector<std::int64_t> times =
        all_to_all(small_network(routed(fabric, routing)), {}, 30'000);
    EXPECT_EQ(times.front(), 8400);
  }
}

// GPU 1's NIC is down: it sends through GPU 0's, and each gets half of it.
TEST(NetworkRoutes, ANeighboursNicCarriesBoth) {
  StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1));
  plan.network->nics.resize(16);
  std::iota(plan.network->nics.begin(), plan.network->nics.end(), 0);
  plan.network->nics[1] = 0;
  EXPECT_EQ(all_to_all(plan, {}, 40'000),
            (std::vector<std::int64_t>{8400, 8400, 4200, 4200, 4200, 4200, 4200, 4200}));
  plan.network->fabric.reset();
  EXPECT_EQ(all_to_all(plan, {}, 20'000), std::vector<std::int64_t>(8, 4200));
  EXPECT_EQ(all_to_all(plan, {}, 40'000)[1], 8400);
}

// GPU 1 sends through GPU 0's NIC over NVLink: each of its transfers begins 100 ps later. With an
// NVLink port of 5 kB/s for its 20 kB/s it moves at a quarter of its speed, and GPU 0 does not.
TEST(NetworkRoutes, TheWayToANeighboursNicIsPaidFor) {
  StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1));
  plan.network->nics.resize(16);
  std::iota(plan.network->nics.begin(), plan.network->nics.end(), 0);
  plan.network->nics[1] = 0;
  plan.network->port_capacity = 1'000'000;
  plan.network->port_latency = {100};
  EXPECT_EQ(all_to_all(plan, {}, 20'000),
            (std::vector<std::int64_t>{4200, 4300, 4200, 4200, 4200, 4200, 4200, 4200}));
  plan.network->port_capacity = 5'000;
  EXPECT_EQ(all_to_all(plan, {}, 20'000),
            (std::vector<std::int64_t>{4200, 4 * 4300, 4200, 4200, 4200, 4200, 4200, 4200}));
  plan.network->fabric.reset();
  EXPECT_EQ(all_to_all(plan, {}, 20'000)[1], 4 * 4300);
  // A send waits at the end that has lost its NIC, wherever that is.
  RankGraph build = make_rank_graph(plan, 8);
  const RowId row = add_send(build, {.rank = 1, .slot = 0, .loads = {}}, 0, kNone);
  const Timeline timeline = run(build.step.graph);
  const auto end = [&](int member) {
    return timeline.end[static_cast<std::size_t>(op_id(build.step.graph, row, member))];
  };
  EXPECT_GT(end(1), plan.send.time);
  EXPECT_EQ(end(2), plan.send.time);
}

// Leaves of 4 GPUs, 4 leaves to a pod of 16 GPUs. Each sends to 7 other nodes, 4 of them in the
// other pod... by hand: 16 x 30 kB/s x 8/15 = 256 kB/s cross from pod to pod. As built a pod has 4
// upper switches of 2 core links, 320 kB/s; of 8 links 4 are down: 160 kB/s, 0.625 of the speed.
TEST(NetworkRoutes, WhatIsLeftAboveAPodCarriesItsTraffic) {
  Fabric fabric = small_fabric(FabricKind::kThreeLayerFatTree, 1);
  StepPlan plan = small_network(fabric, 1);
  plan.data_ranks = plan.expert_ranks = plan.network->expert_gpus = 32;
  const auto slowest = [&](const std::vector<int>& down, Routing routing) {
    plan.network->fabric->failed_core_links = down;
    plan.network->fabric->routing = routing;
    RankGraph build = make_rank_graph(plan, 32);
    const RowId row = add_transfer(build, {.rank = 0, .slot = 0, .loads = {}}, {{4200}, 30'000},
                                   kNone, OpKind::kDispatch);
    const Timeline timeline = run(build.step.graph);
    std::int64_t most = 0;
    for (int member = 0; member < 32; ++member) {
      const OpId op = op_id(build.step.graph, row, member);
      most = std::max(most, timeline.end[static_cast<std::size_t>(op)].count);
    }
    return most;
  };
  EXPECT_EQ(slowest({}, Routing::kAdaptive), 4200);
  EXPECT_EQ(slowest({1, 1, 1, 1}, Routing::kAdaptive), 6720);
  EXPECT_EQ(slowest({1, 1, 1, 1, 1, 1}, Routing::kAdaptive), 2 * 6720);
  for (const Routing routing : {Routing::kEcmp, Routing::kStatic}) {
    EXPECT_GE(slowest({1, 1, 1, 1, 1, 1, 1}, routing), 4 * 6720) << "one link carries all";
  }
}

// A data rank of two GPUs with one NIC left moves at half its speed, others as before.
TEST(NetworkRoutes, GpusInLockStepWaitForTheOneWithoutANic) {
  StepPlan plan = small_network(small_fabric(FabricKind::kTwoLayerFatTree, 1), 1);
  plan.network->gpus_per_rank = 2;
  plan.network->expert_gpus = 16;
  plan.network->nics.resize(16);
  std::iota(plan.network->nics.begin(), plan.network->nics.end(), 0);
  plan.network->nics[5] = 4;
  EXPECT_EQ(all_to_all(plan, {}, 40'000),
            (std::vector<std::int64_t>{4200, 4200, 8400, 4200, 4200, 4200, 4200, 4200}));
}

// More capacity never slows a transfer that has a segment to itself.
RC_GTEST_PROP(NetworkRoutes, FasterLinksNeverSlowASingleTransfer, ()) {
  Fabric fabric = small_fabric(FabricKind::kTwoLayerFatTree, 4);
  const int rate = *rc::gen::inRange(1'000, 60'000);
  const auto time = [&](int bytes_per_second) {
    fabric.link_rate = {static_cast<double>(bytes_per_second)};
    const StepPlan plan = small_network(fabric);
    RankGraph build = make_rank_graph(plan, 8);
    const std::vector<double> only_third{0, 0, 0, 1, 0, 0, 0, 0};
    add_nic_row(build, {.rank = 0, .slot = 0, .loads = {}}, lanes_of(build, 0).send,
                {{4200}, 40'000}, only_third, kNone, OpKind::kDispatch);
    return run(build.step.graph).makespan.count;
  };
  RC_ASSERT(time(rate + *rc::gen::inRange(1, 5'000)) <= time(rate));
}

}  // namespace
}  // namespace windtunnel
