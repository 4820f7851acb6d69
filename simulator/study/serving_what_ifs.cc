#include "simulator/study/serving_what_ifs.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/workload/serving/unit_skew.h"

namespace windtunnel {
namespace {

/// What the network leaves the transfers of all units that leave a node, the least of them.
NetworkRate slowest_rate(ServingPrices& prices, const ServingScenario& scenario) {
  NetworkRate least = whole_nic(scenario.cluster);
  const auto add = [&](UnitTraffic traffic, int ranks) {
    if (ranks <= scenario.cluster.gpus_per_node) return;
    const NetworkRate rate = prices.rate_of(traffic, ranks);
    if (rate.together < least.together) least = rate;
  };
  const auto add_unit = [&](const ServingUnit& unit, UnitTraffic experts) {
    add(UnitTraffic::kRing, unit.tensor);
    if (groups_of(unit) > 1) add(experts, unit.gpus);
  };
  add_unit(scenario.unit, UnitTraffic::kDirect);
  add_unit(prompt_unit(scenario), UnitTraffic::kTwoHops);
  return least;
}

ServingWhatIf without_network(ServingPrices& prices, const ServingScenario& scenario) {
  const auto shown = [](BytesPerSecond rate) {
    return fmt::format("{:.3g} GB/s", rate.value / 1e9);
  };
  const NetworkRate rate = slowest_rate(prices, scenario);
  const BytesPerSecond nic = scenario.cluster.scale_out.peak;
  ServingWhatIf other{.what = "cluster.fabric",
                      .value = shown(rate.together) + " a GPU",
                      .range = shown(rate.together) + " to " + shown(nic) + " without a network",
                      .why = "",
                      .scenario = scenario};
  other.why =
      rate.together < nic
          ? "what the slowest group has while all units of the deployment transfer, which is "
            "assumed; " +
                shown(rate.alone) + " while only its own unit does"
          : "nothing between the nodes is narrower than the NICs for these transfers";
  other.scenario.cluster.fabric.reset();
  return other;
}

std::string loads_words(const UnitSkew& skew) {
  const std::string placed = fmt::format("{:.3g}", skew.placed);
  return skew.plain ? placed + fmt::format(" ({:.3g} in order)", *skew.plain) : placed;
}

ServingWhatIf without_popularity(const ServingScenario& scenario) {
  std::string value = loads_words(scenario.unit.skew);
  if (scenario.prefill_unit) value += ", prefill " + loads_words(scenario.prefill_unit->skew);
  ServingWhatIf other{.what = "skew.routing",
                      .value = value + " times the mean on the fullest rank",
                      .range = "this to equally popular experts",
                      .why =
                          "the mean over layers, beside assumptions.expert_load; the balancer "
                          "knows the loads that come",
                      .scenario = scenario};
  other.scenario.skew.routing.reset();
  place_experts(other.scenario);
  return other;
}

/// The units with their experts in order and no copies.
ServingWhatIf without_balancer(const ServingScenario& scenario) {
  ServingWhatIf other{
      .what = "skew.eplb",
      .value = scenario.skew.eplb->policy == BalancerPolicy::kGlobal ? "global" : "hierarchical",
      .range = "this to experts in their order, where ranks divide them",
      .why = "loads as if no expert had a copy; memory and products as they are",
      .scenario = scenario};
  const auto undo = [](ServingUnit& unit) {
    unit.skew.placed = unit.skew.plain.value_or(unit.skew.placed);
  };
  undo(other.scenario.unit);
  if (other.scenario.prefill_unit) undo(*other.scenario.prefill_unit);
  return other;
}

ServingWhatIf without_straggler(const ServingScenario& scenario) {
  const double decode = scenario.unit.skew.slowest;
  const double prompt = prompt_unit(scenario).skew.slowest;
  ServingWhatIf other{
      .what = "skew.speed.stragglers",
      .value = fmt::format("{:g} times as long for prompts, {:g} for decoding", prompt, decode),
      .range = "this to no straggler",
      .why = "a unit waits for its slowest GPU at every layer",
      .scenario = scenario};
  other.scenario.skew.speed.reset();
  place_experts(other.scenario);
  return other;
}

}  // namespace

std::vector<ServingWhatIf> serving_what_ifs(ServingPrices& prices,
                                            const ServingScenario& scenario) {
  std::vector<ServingWhatIf> all;
  const ServingSkew& skew = scenario.skew;
  if (scenario.cluster.fabric) all.push_back(without_network(prices, scenario));
  if (skew.routing) all.push_back(without_popularity(scenario));
  if (skew.eplb) all.push_back(without_balancer(scenario));
  if (skew.speed && !skew.speed->stragglers.empty()) all.push_back(without_straggler(scenario));
  return all;
}

}  // namespace windtunnel
