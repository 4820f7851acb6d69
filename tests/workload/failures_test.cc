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

// 36 000 s between failures, a checkpoint of 60 s an hour, 600 s to restart: 72 failures in 30
// days, each 600 s but for those that another cuts short; a checkpoint for each hour trained.
TEST(Failures, AMonthIsAllThere) {
  const FailurePlan plan{
      .node_mtbf = {360'000}, .checkpoint = {60}, .restart = {600}, .interval = {}};
  const FailureMonth month = failure_month(plan, 10, {3600});
  EXPECT_EQ(month.time.value, 30 * 86400.0);
  EXPECT_DOUBLE_EQ(month.failures, 72);
  EXPECT_DOUBLE_EQ(month.training.value, month.time.value * goodput(plan, 10, {3600}));
  EXPECT_NEAR(month.checkpoints.value, month.training.value / 60, 1e-6);
  EXPECT_NEAR(month.restarts.value, 72 * 600, 72 * 600 * 0.01);
  // Half of an hour and its checkpoint for each failure, to first order.
  EXPECT_NEAR(month.repeated.value, 72 * 1830, 72 * 1830 * 0.04);
  EXPECT_DOUBLE_EQ((month.training + month.checkpoints + month.restarts + month.repeated).value,
                   month.time.value);
}

TEST(Failures, TheBestIntervalTrainsMostOfTheMonth) {
  const FailurePlan plan{
      .node_mtbf = {360'000}, .checkpoint = {60}, .restart = {600}, .interval = {}};
  const Seconds best = best_interval(plan, 10);
  const double training = failure_month(plan, 10, best).training.value;
  EXPECT_GT(training, failure_month(plan, 10, best * 0.8).training.value);
  EXPECT_GT(training, failure_month(plan, 10, best * 1.2).training.value);
}

}  // namespace
}  // namespace windtunnel
