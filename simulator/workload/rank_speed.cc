#include "simulator/workload/rank_speed.h"

#include <algorithm>

#include "simulator/base/random.h"

namespace windtunnel {
namespace {

/// Any fixed number: two runs of a scenario have the same GPUs.
constexpr std::uint64_t kSpeedSeed = 20250303;

bool has_drawn_speeds(const Skew& skew) {
  return skew.speed && skew.speed->deviation && skew.speed->deviation->value > 0;
}

bool has_jitter(const Skew& skew) { return skew.jitter && skew.jitter->value > 0; }

/// GPUs are numbered with those in lock-step next to each other, then data and pipeline ranks.
int rank_of(const Scenario& scenario, int gpu) { return gpu / gpus_per_data_rank(scenario); }

}  // namespace

std::vector<double> time_factors(const Scenario& scenario) {
  const Skew& skew = scenario.skew;
  const bool drawn = has_drawn_speeds(skew);
  if (!drawn && (!skew.speed || skew.speed->stragglers.empty())) return {};
  const int gpus = gpu_count(scenario.cluster);
  std::vector<double> of_gpus(static_cast<std::size_t>(gpus), 1.0);
  for (std::size_t gpu = 0; drawn && gpu < of_gpus.size(); ++gpu) {
    constexpr double kSlowest = 0.1;
    const double deviate = normal(mix(kSpeedSeed, gpu));
    of_gpus[gpu] = 1 / std::max(kSlowest, 1 + skew.speed->deviation->value * deviate);
  }
  for (const Straggler& slow : skew.speed->stragglers) {
    of_gpus[static_cast<std::size_t>(slow.rank)] *= slow.factor;
  }
  std::vector<double> factors(static_cast<std::size_t>(rank_of(scenario, gpus)), 0.0);
  for (int gpu = 0; gpu < gpus; ++gpu) {
    double& factor = factors[static_cast<std::size_t>(rank_of(scenario, gpu))];
    factor = std::max(factor, of_gpus[static_cast<std::size_t>(gpu)]);
  }
  return factors;
}

std::vector<int> straggling_ranks(const Scenario& scenario) {
  std::vector<int> ranks;
  if (!scenario.skew.speed) return ranks;
  for (const Straggler& slow : scenario.skew.speed->stragglers) {
    ranks.push_back(rank_of(scenario, slow.rank) % data_ranks(scenario));
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

std::optional<Sourced<std::string>> unfoldable(const Scenario& scenario) {
  const Skew& skew = scenario.skew;
  const std::string unlike = "no two ranks are alike";
  if (has_drawn_speeds(skew)) return Sourced<std::string>{unlike, skew.at.deviation};
  if (has_jitter(skew)) return Sourced<std::string>{unlike, skew.at.jitter};
  const std::vector<int> slow = straggling_ranks(scenario);
  const int group = expert_data_ranks(scenario);
  if (slow.empty() || slow.front() / group == slow.back() / group) return std::nullopt;
  return Sourced<std::string>{"stragglers are in more than one expert group", skew.at.stragglers};
}

Scenario foldable(Scenario scenario) {
  if (scenario.skew.speed) scenario.skew.speed->deviation.reset();
  scenario.skew.jitter.reset();
  if (unfoldable(scenario)) scenario.skew.speed.reset();
  return scenario;
}

}  // namespace windtunnel
