#include "simulator/study/critical.h"

#include <algorithm>
#include <cmath>

#include "simulator/base/threads.h"
#include "simulator/study/step.h"
#include "simulator/workload/rank_speed.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

void improve(SettingPrices& prices) {
  prices = {.paired = times(std::move(prices.paired), kImproved),
            .alone = times(std::move(prices.alone), kImproved)};
}

void improve(Price& price) { price = times(std::move(price), kImproved); }

void improve_block(PricedBlock& block, ErrorClass priced) {
  for (PricedKernel& kernel : block.kernels) {
    if (error_class(kernel.op.kernel) == priced) improve(kernel.price);
  }
  for (PricedTransfer& transfer : block.transfers) {
    if (transfer_class(transfer.phase) == priced) improve(transfer.price);
  }
  for (PricedCollective& collective : block.collectives) {
    if (priced == ErrorClass::kSequence) improve(collective.price);
  }
  if (block.shard && priced == ErrorClass::kShard) {
    improve(block.shard->gather);
    improve(block.shard->reduce);
  }
}

PricedStep improved(PricedStep step, ErrorClass priced) {
  for (PricedBlock& block : step.blocks) improve_block(block, priced);
  if (priced == ErrorClass::kSend) improve(step.send.price);
  if (priced == ErrorClass::kUpdate) {
    for (PricedUpdate& update : step.update) {
      improve(update.reduce);
      improve(update.optimizer);
      improve(update.gather);
    }
  }
  return step;
}

StepPlan full_plan(const Scenario& scenario, const PricedStep& priced) {
  return step_plan(scenario, priced, main_schedule(scenario),
                   micro_batches(scenario, scenario.batch.sequences));
}

/// A tenth nearer to what even ranks have.
void even_out(StepPlan& plan) {
  const auto nearer = [](double& value) { value = 1 + (value - 1) * kImproved; };
  plan.routing.deviation *= kImproved;
  plan.skew.jitter *= kImproved;
  for (std::vector<double>& shares : plan.skew.shares) {
    std::for_each(shares.begin(), shares.end(), nearer);
  }
  std::for_each(plan.skew.time_factors.begin(), plan.skew.time_factors.end(), nearer);
}

void widen_network(StepPlan& plan) {
  plan.nic_capacity = static_cast<std::int64_t>(static_cast<double>(plan.nic_capacity) / kImproved);
  if (plan.network && plan.network->fabric) {
    BytesPerSecond& rate = plan.network->fabric->link_rate;
    rate = {rate.value / kImproved};
  }
}

CriticalCause shown(const NamedTime& part) {
  return {.name = part.name, .time = to_seconds(part.time), .saved = {}, .saved_gpu_hours = {}};
}

std::vector<CriticalCause> shown(const std::vector<NamedTime>& parts) {
  std::vector<CriticalCause> all;
  for (const NamedTime& part : parts) all.push_back(shown(part));
  return all;
}

}  // namespace

StepPlan improved_plan(const Scenario& scenario, const PricedStep& priced, const Cause& cause) {
  if (cause.waste == Waste::kPrices) {
    return full_plan(scenario, improved(priced, cause.priced));
  }
  Scenario changed = scenario;
  const auto shorten = [](Seconds& time) { time = time * kImproved; };
  if (cause.waste == Waste::kLaunchGaps) shorten(changed.assumptions.launch_gap.value);
  if (cause.waste == Waste::kHost) shorten(changed.assumptions.host_launch->value);
  StepPlan plan = full_plan(changed, priced);
  if (cause.waste == Waste::kUneven) even_out(plan);
  if (cause.waste == Waste::kSharing) {
    widen_network(plan);
    plan.sms.gpu = static_cast<int>(std::lround(plan.sms.gpu / kImproved));
  }
  return plan;
}

StepPlan faster_links(const Scenario& scenario, const PricedStep& priced, bool scale_out) {
  PricedStep step = priced;
  const auto over = [scale_out](Bytes leaving) { return (leaving.value > 0) == scale_out; };
  for (PricedBlock& block : step.blocks) {
    for (PricedTransfer& transfer : block.transfers) {
      if (over(transfer.scale_out)) improve(transfer.price);
    }
    for (PricedCollective& collective : block.collectives) {
      if (over(collective.scale_out)) improve(collective.price);
    }
    if (!block.shard) continue;
    if (over(block.shard->gather_bytes)) improve(block.shard->gather);
    if (over(block.shard->reduce_bytes)) improve(block.shard->reduce);
  }
  if (over(step.send.scale_out)) improve(step.send.price);
  for (PricedUpdate& update : step.update) {
    if (over(update.reduce_bytes)) improve(update.reduce);
    if (over(update.gather_bytes)) improve(update.gather);
  }
  StepPlan plan = full_plan(scenario, step);
  if (scale_out) widen_network(plan);
  return plan;
}

CriticalProjection critical(const Scenario& scenario, const PricedStep& priced,
                            const StepCauses& causes, double gpu_hours, int threads) {
  CriticalProjection result{.time = to_seconds(causes.total),
                            .ops = causes.ops,
                            .classes = {},
                            .phases = shown(causes.phases),
                            .links = shown(causes.links),
                            .bindings = shown(causes.bindings)};
  for (const Cause& cause : causes.classes)
    result.classes.push_back(shown({cause.name, cause.time}));
  const Scenario folded = foldable(scenario);
  const int members = folded_members(folded);
  LoadShelf shelf;
  const auto time_of = [&](const StepPlan& plan) {
    return to_seconds(simulate_step(plan, members, {}, &shelf).timeline.makespan);
  };
  // The first job is the step as it is, then one for each class, then one for each link.
  const std::size_t classes = result.classes.size();
  std::vector<Seconds> step_times(1 + classes + result.links.size());
  const auto plan_of = [&](std::size_t job) {
    if (job == 0) return full_plan(folded, priced);
    if (job <= classes) return improved_plan(folded, priced, causes.classes[job - 1]);
    return faster_links(folded, priced, result.links[job - 1 - classes].name == kScaleOut);
  };
  parallel_for(static_cast<int>(step_times.size()), threads, [&](int index) {
    const auto job = static_cast<std::size_t>(index);
    const bool is_link = job > classes;
    if (is_link && result.links[job - 1 - classes].name == kNoLink) return;
    step_times[job] = time_of(plan_of(job));
  });
  for (std::size_t job = 1; job < step_times.size(); ++job) {
    CriticalCause& cause =
        job <= classes ? result.classes[job - 1] : result.links[job - 1 - classes];
    if (cause.name == kNoLink) continue;
    const double saved = 1 - step_times[job] / step_times[0];
    cause.saved = result.time * saved;
    if (gpu_hours > 0) cause.saved_gpu_hours = gpu_hours * saved;
  }
  return result;
}

}  // namespace windtunnel
