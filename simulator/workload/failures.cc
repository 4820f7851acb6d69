#include "simulator/workload/failures.h"

#include <algorithm>
#include <cmath>

namespace windtunnel {

double goodput(const FailurePlan& plan, int nodes, Seconds interval) {
  const double mean = plan.node_mtbf.value / nodes;
  const double stretch = mean * std::exp(plan.restart.value / mean) *
                         std::expm1((interval + plan.checkpoint).value / mean);
  // So many failures that no stretch ever ends.
  if (!std::isfinite(stretch) || stretch <= 0) return 0;
  return interval.value / stretch;
}

Seconds best_interval(const FailurePlan& plan, int nodes) {
  // Goodput rises to its only maximum and falls behind it. Young's first-order answer is the square
  // root of 2 M C; the maximum lies within a factor of ten thousand of it on either side.
  const double mean = plan.node_mtbf.value / nodes;
  const double young = std::sqrt(2 * mean * std::max(plan.checkpoint.value, 1e-6));
  double low = std::log(young) - std::log(1e4);
  double high = std::log(young) + std::log(1e4);
  constexpr double kThirds = 3;
  constexpr int kNarrowings = 200;
  const auto at = [&](double logarithm) {
    return goodput(plan, nodes, Seconds{std::exp(logarithm)});
  };
  for (int i = 0; i < kNarrowings; ++i) {
    const double a = low + (high - low) / kThirds;
    const double b = high - (high - low) / kThirds;
    (at(a) < at(b) ? low : high) = at(a) < at(b) ? a : b;
  }
  return {std::exp((low + high) / 2)};
}

FailureMonth failure_month(const FailurePlan& plan, int nodes, Seconds interval) {
  constexpr Seconds kMonth{30 * 86400.0};
  const double mean = plan.node_mtbf.value / nodes;
  const Seconds training = kMonth * goodput(plan, nodes, interval);
  FailureMonth month{.time = kMonth,
                     .failures = kMonth.value / mean,
                     .training = training,
                     .checkpoints = plan.checkpoint * (training / interval),
                     .restarts = kMonth * -std::expm1(-plan.restart.value / mean),
                     .repeated = {0}};
  month.repeated = month.time - month.training - month.checkpoints - month.restarts;
  return month;
}

Seconds checkpoint_interval(const FailurePlan& plan, int nodes) {
  return plan.interval ? *plan.interval : best_interval(plan, nodes);
}

}  // namespace windtunnel
