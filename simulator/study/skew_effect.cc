#include "simulator/study/skew_effect.h"

#include <algorithm>
#include <numeric>

#include "simulator/study/step.h"
#include "simulator/workload/expert_load.h"
#include "simulator/workload/rank_speed.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

double max_over_mean(const std::vector<double>& loads) {
  const double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
  return *std::max_element(loads.begin(), loads.end()) * static_cast<double>(loads.size()) / sum;
}

void add_balance(SkewProjection& skew, const Scenario& scenario) {
  for (const RankLoads& loads : rank_loads(scenario)) {
    const RankBalance balance{.layer = loads.layer,
                              .plain = max_over_mean(loads.plain),
                              .placed = max_over_mean(loads.placed)};
    skew.plain += balance.plain;
    skew.placed += balance.placed;
    skew.layers.push_back(balance);
  }
  const auto layers = static_cast<double>(skew.layers.size());
  if (layers == 0) return;
  skew.plain /= layers;
  skew.placed /= layers;
}

}  // namespace

std::optional<SkewProjection> skew_effect(const Scenario& scenario, const PriceBook& book,
                                          Seconds folded_step) {
  const Skew& skew = scenario.skew;
  if (!skew.routing && !skew.eplb && !skew.speed && !skew.jitter) return std::nullopt;
  SkewProjection result{.layers = {},
                        .plain = 0,
                        .placed = 0,
                        .policy = {},
                        .redundant = 0,
                        .folded_step = {},
                        .folded_without_balancer = {},
                        .slowest = 1,
                        .jitter = skew.jitter ? skew.jitter->value : 0};
  add_balance(result, scenario);
  if (skew.eplb) {
    const bool global = skew.eplb->policy == BalancerPolicy::kGlobal;
    result.policy = global ? "global" : "hierarchical";
    result.redundant = skew.eplb->redundant;
    Scenario plain = foldable(scenario);
    plain.skew.eplb.reset();
    result.folded_step = folded_step;
    result.folded_without_balancer = folded_step_time(plain, book, main_schedule(plain),
                                                      micro_batches(plain, plain.batch.sequences));
  }
  const std::vector<double> factors = time_factors(scenario);
  if (!factors.empty()) result.slowest = *std::max_element(factors.begin(), factors.end());
  return result;
}

}  // namespace windtunnel
