#include "simulator/workload/failures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "simulator/base/random.h"

namespace windtunnel {
namespace {

constexpr double kDay = 86400;

FailurePlan plan_of(double mtbf, double checkpoint, double restart) {
  return {.node_mtbf = {mtbf}, .checkpoint = {checkpoint}, .restart = {restart}, .interval = {}};
}

/// Wall time of `stretches` intervals with failures drawn one by one: the definition, step by step.
double simulated(const FailurePlan& plan, int nodes, double interval, int stretches) {
  const double mean = plan.node_mtbf.value / nodes;
  std::uint64_t draw = 0;
  const auto next = [&] { return -mean * std::log(1 - uniform(mix(7, ++draw))); };
  double wall = 0;
  for (int i = 0; i < stretches; ++i) {
    double work = interval + plan.checkpoint.value;
    for (double failure = next(); failure < work; failure = next()) {
      wall += failure;
      work = interval + plan.checkpoint.value + plan.restart.value;  // a restart may fail, too
    }
    wall += work;
  }
  return wall;
}

// Rare failures: half an interval and a restart are lost now and then, and each interval pays its
// checkpoint: C / T + (T / 2 + R) / M to first order.
TEST(Goodput, OfRareFailuresIsTheFirstOrderLoss) {
  const FailurePlan plan = plan_of(1000 * kDay, 30, 300);
  const double mean = 1000 * kDay / 10;
  const double lost = 30.0 / 3600 + (3600.0 / 2 + 300) / mean;
  EXPECT_NEAR(1 - goodput(plan, 10, {3600}), lost, 1e-4);
}

TEST(Goodput, IsThatOfFailuresDrawnOneByOne) {
  const FailurePlan plan = plan_of(100 * kDay, 60, 600);
  for (const int nodes : {16, 256, 2048}) {
    for (const double interval : {600.0, 3600.0}) {
      const int stretches = 20000;
      const double drawn = interval * stretches / simulated(plan, nodes, interval, stretches);
      EXPECT_NEAR(goodput(plan, nodes, {interval}) / drawn, 1, 0.03) << nodes << " " << interval;
    }
  }
}

TEST(Goodput, FallsWithNodesAndIsNothingWhereNoStretchEnds) {
  const FailurePlan plan = plan_of(100 * kDay, 60, 600);
  EXPECT_GT(goodput(plan, 16, {3600}), goodput(plan, 64, {3600}));
  EXPECT_EQ(goodput(plan_of(1, 60, 600), 1000, {3600}), 0);
}

// Young 1974: the square root of twice the mean times the checkpoint, for checkpoints that are
// short.
TEST(BestInterval, IsYoungsForShortCheckpoints) {
  const FailurePlan plan = plan_of(1000 * kDay, 1, 0);
  EXPECT_NEAR(best_interval(plan, 100).value / std::sqrt(2 * 10 * kDay), 1, 0.01);
}

TEST(BestInterval, BeatsItsNeighbours) {
  const FailurePlan plan = plan_of(50 * kDay, 120, 900);
  const Seconds best = best_interval(plan, 512);
  const double most = goodput(plan, 512, best);
  for (const double factor : {0.5, 0.9, 1.1, 2.0}) {
    EXPECT_LT(goodput(plan, 512, best * factor), most) << factor;
  }
  EXPECT_EQ(checkpoint_interval(plan, 512), best);
  FailurePlan own = plan;
  own.interval = Seconds{100};
  EXPECT_EQ(checkpoint_interval(own, 512).value, 100);
}

}  // namespace
}  // namespace windtunnel
