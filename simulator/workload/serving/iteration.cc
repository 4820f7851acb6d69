#include "simulator/workload/serving/iteration.h"

#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/engine/run.h"
#include "simulator/workload/serving/kernel_price.h"
#include "simulator/workload/serving/transfer_price.h"
#include "simulator/workload/serving/weave.h"

namespace windtunnel {
namespace {

/// A half's rows; odd ones are in both, as the larger half sets the pace.
ServingRows part_of(const ServingRows& rows, int parts) {
  const auto part = [&](std::int64_t value) { return (value + parts - 1) / parts; };
  ServingRows half = rows;
  half.prompt_tokens = part(rows.prompt_tokens);
  half.prompts = part(rows.prompts);
  half.requests = part(rows.requests);
  half.tiles = part(rows.tiles);
  return half;
}

Seconds at(const Price& price, const ServingKernel& kernel, const PriceEnd& end) {
  if (!end.family || *end.family != kernel.index()) return price.time;
  return end.high ? price.high : price.low;
}

/// Rows of the fullest expert rank over their mean: by one draw of tokens, and by popularity.
double expert_load_of(const ServingScenario& scenario, const ServingUnit& unit) {
  return scenario.assumptions.expert_load.value * unit.skew.placed;
}

/// How much longer kernels take on the GPU that the others wait for: those of `compute`, and expert
/// transfers by `transfers`, the rows of its experts.
struct Stretch {
  double compute;
  double transfers;
};

Stretch stretch_for(const ServingScenario& scenario, const ServingUnit& unit,
                    const ServingRows& rows) {
  return {.compute = compute_stretch(scenario, unit, rows.prompt_tokens > 0),
          .transfers = std::max(1.0, expert_load_of(scenario, unit))};
}

double stretch_of(const ServingKernel& kernel, const Stretch& stretch) {
  if (std::holds_alternative<ExpertTransfer>(kernel)) return stretch.transfers;
  return is_transfer(kernel) ? 1 : stretch.compute;
}

ServingStageTimes stage_times(ServingPrices& prices, const ServingBlock& block, Seconds gap,
                              const Stretch& stretch, const PriceEnd& end) {
  ServingStageTimes times{};
  for (const ServingOp& op : block.ops) {
    const Seconds each = at(prices.of(op.kernel), op.kernel, end);
    const double factor = stretch_of(op.kernel, stretch);
    times[static_cast<std::size_t>(op.stage)] += op.launches * (each * factor + gap);
  }
  return times;
}

/// The simulator's clock ends after 53 days; a block gets a share of them.
void check_clock(const ServingScenario& scenario, const ServingStageTimes& times, int count) {
  constexpr double kLongest = 4e5;
  double seconds = 0;
  for (const Seconds& time : times) seconds += time.value * count;
  if (seconds <= kLongest) return;
  throw ConfigError(scenario.requests_at, "an iteration takes days",
                    "shorter requests, fewer at once, or a smaller batching.chunk");
}

}  // namespace

const Price& ServingPrices::of(const ServingKernel& kernel) {
  // Words sort kernels into small heaps, of which few hold two.
  auto& alike = known_[kernel_words(kernel)];
  const auto found =
      std::find_if(alike.begin(), alike.end(), [&](const auto& it) { return it.first == kernel; });
  if (found != alike.end()) return found->second;
  return alike.emplace_back(kernel, price_of(kernel)).second;
}

NetworkRate ServingPrices::rate_of(UnitTraffic traffic, std::int64_t ranks) {
  const auto found = rates_.find({traffic, ranks});
  if (found != rates_.end()) return found->second;
  const NetworkRate rate = network_rate(scenario_, traffic, static_cast<int>(ranks));
  return rates_.emplace(std::pair(traffic, ranks), rate).first->second;
}

Price ServingPrices::price_of(const ServingKernel& kernel) {
  const Cluster& cluster = scenario_.cluster;
  if (const auto* collective = std::get_if<GroupCollective>(&kernel)) {
    return group_collective_price(book_, cluster, rate_of(UnitTraffic::kRing, collective->ranks),
                                  *collective);
  }
  if (const auto* transfer = std::get_if<ExpertTransfer>(&kernel)) {
    const auto traffic = transfer->low_latency ? UnitTraffic::kDirect : UnitTraffic::kTwoHops;
    return expert_transfer_price(book_, cluster, rate_of(traffic, transfer->ranks),
                                 scenario_.communication.sms, *transfer);
  }
  return serving_kernel_price(book_, scenario_, kernel);
}

ServingDivision division_of(const ServingScenario& scenario, const ServingUnit& unit) {
  return {.tensor = unit.tensor,
          .groups = groups_of(unit),
          .expert = unit.expert,
          .redundant_experts = unit.redundant_experts,
          .shared_routed = unit.shared_routed,
          .fp8 = scenario.weights == WeightFormat::kFp8,
          .load = expert_load_of(scenario, unit),
          .all_logits = scenario.memory.logits == LogitRows::kAll,
          .drafts = scenario.mtp.depth};
}

double compute_stretch(const ServingScenario& scenario, const ServingUnit& unit, bool prompts) {
  const double slowest = unit.skew.slowest;
  if (unit.micro_batches == 1 || !prompts) return slowest;
  const double sms = scenario.cluster.gpu.sms;
  return slowest * sms / (sms - scenario.communication.sms);
}

Iteration run_iteration(ServingPrices& prices, const ServingScenario& scenario,
                        const ServingUnit& unit, const ServingRows& rows, const PriceEnd& end) {
  const Stretch stretch = stretch_for(scenario, unit, rows);
  Weave weave(unit.micro_batches);
  for (const ServingBlock& block : serving_blocks(scenario.model, part_of(rows, unit.micro_batches),
                                                  division_of(scenario, unit))) {
    const ServingStageTimes times =
        stage_times(prices, block, scenario.assumptions.launch_gap.value, stretch, end);
    check_clock(scenario, times, block.count * unit.micro_batches);
    for (int i = 0; i < block.count; ++i) weave.add_layer(times);
  }
  return {.time = to_seconds(run(weave.graph).makespan),
          .compute = weave.compute,
          .transfers = weave.transfers};
}

std::vector<IterationTerm> iteration_terms(ServingPrices& prices, const ServingScenario& scenario,
                                           const ServingUnit& unit, const ServingRows& rows) {
  const Stretch stretch = stretch_for(scenario, unit, rows);
  std::vector<IterationTerm> terms;
  for (const ServingBlock& block : serving_blocks(scenario.model, part_of(rows, unit.micro_batches),
                                                  division_of(scenario, unit))) {
    for (const ServingOp& op : block.ops) {
      terms.push_back({.block = block.name,
                       .kernel = kernel_words(op.kernel),
                       .launches = op.launches * block.count * unit.micro_batches,
                       .each = prices.of(op.kernel),
                       .stretched = stretch_of(op.kernel, stretch),
                       .transfer = is_transfer(op.kernel),
                       .stage = op.stage,
                       .layers = block.count});
    }
  }
  return terms;
}

double hidden_share(const Iteration& iteration) {
  if (iteration.transfers.value <= 0) return 1;
  const double exposed = (iteration.time - iteration.compute).value;
  return std::clamp(1 - exposed / iteration.transfers.value, 0.0, 1.0);
}

}  // namespace windtunnel
