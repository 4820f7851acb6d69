#include "simulator/workload/step_plan.h"

#include <algorithm>
#include <cmath>

#include "simulator/workload/stages.h"
#include "simulator/workload/step_pricing.h"

namespace windtunnel {
namespace {

/// Which price of a kernel counts, and what every launch costs besides.
struct Reading {
  bool paired;
  ErrorClass raised;
  Seconds launch_gap;
};

Seconds read(const Price& price, bool raised) { return raised ? price.high : price.time; }

Seconds launch_time(const PricedKernel& kernel, const Reading& reading) {
  const Price& price = reading.paired ? kernel.price.paired : kernel.price.alone;
  return read(price, error_class(kernel.op.kernel) == reading.raised) + reading.launch_gap;
}

PhaseTime phase_time(const PricedBlock& block, Phase phase, const Reading& reading) {
  Seconds fixed{0};
  Seconds routed{0};
  for (const PricedKernel& kernel : block.kernels) {
    if (kernel.op.phase != phase) continue;
    (kernel.op.routed ? routed : fixed) += launch_time(kernel, reading) * kernel.op.launches;
  }
  return {to_picoseconds(fixed), to_picoseconds(routed)};
}

/// Bytes per second that a transfer of `bytes` in `time` draws; at least 1 where it draws any.
std::int64_t demand(Bytes bytes, Seconds time) {
  if (bytes.value <= 0 || time.value <= 0) return 0;
  return std::max<std::int64_t>(1, std::llround((bytes / time).value));
}

TransferTime transfer_time(const PricedBlock& block, Phase phase, const Reading& reading) {
  for (const PricedTransfer& transfer : block.transfers) {
    if (transfer.phase != phase) continue;
    const bool outward = phase == Phase::kDispatchForward || phase == Phase::kCombineBackward;
    const bool raised = reading.raised == (outward ? ErrorClass::kDispatch : ErrorClass::kCombine);
    const Price& price = reading.paired ? transfer.price.paired : transfer.price.alone;
    const Seconds time = read(price, raised);
    return {to_picoseconds(time), demand(transfer.scale_out, time)};
  }
  return {{0}, 0};
}

BlockTimes block_times(const PricedBlock& block, const Reading& reading) {
  const auto phase = [&](Phase which) { return phase_time(block, which, reading); };
  const auto transfer = [&](Phase which) { return transfer_time(block, which, reading); };
  return {.attention_forward = phase(Phase::kAttentionForward),
          .mlp_forward = phase(Phase::kMlpForward),
          .mlp_backward = phase(Phase::kMlpBackward),
          .attention_backward = phase(Phase::kAttentionBackward),
          .mlp_weight = phase(Phase::kMlpWeight),
          .attention_weight = phase(Phase::kAttentionWeight),
          .dispatch_forward = transfer(Phase::kDispatchForward),
          .combine_forward = transfer(Phase::kCombineForward),
          .combine_backward = transfer(Phase::kCombineBackward),
          .dispatch_backward = transfer(Phase::kDispatchBackward)};
}

/// Activations of a micro-batch, BF16, over the link between neighbouring pipeline ranks.
TransferTime send_time(const Scenario& scenario) {
  const int data = data_ranks(scenario);
  if (scenario.parallelism.pipeline == 1) return {{0}, 0};
  const Cluster& cluster = scenario.cluster;
  const Link& link = path(cluster, 0, data);
  const Bytes bytes{2.0 * scenario.batch.sequence_length * scenario.batch.micro_batch *
                    static_cast<double>(scenario.model.hidden)};
  const bool on_nic = &link == &cluster.scale_out;
  const Seconds time = bytes / link.effective + link.latency;
  return {to_picoseconds(time), on_nic ? demand(bytes, bytes / link.effective) : 0};
}

UpdateCost update_cost(const PricedUpdate& update, ErrorClass raised_class) {
  const bool raised = raised_class == ErrorClass::kUpdate;
  const auto transfer = [&](const Price& price, Bytes bytes) -> TransferTime {
    const Seconds time = read(price, raised);
    return {to_picoseconds(time), demand(bytes, time)};
  };
  return {.reduce = transfer(update.reduce, update.reduce_bytes),
          .optimizer = to_picoseconds(read(update.optimizer, raised)),
          .gather = transfer(update.gather, update.gather_bytes)};
}

/// Any fixed number: two runs of a scenario draw the same loads.
constexpr std::uint64_t kRoutingSeed = 20241226;

}  // namespace

StepPlan step_plan(const Scenario& scenario, const PricedStep& priced, const ScheduleKind& schedule,
                   int micro_batches, ErrorClass raised) {
  const Seconds gap = scenario.assumptions.launch_gap.value;
  StepPlan plan{
      .schedule = &schedule,
      .shape = {.pipeline_ranks = scenario.parallelism.pipeline, .micro_batches = micro_batches},
      .data_ranks = data_ranks(scenario),
      .expert_ranks = scenario.parallelism.expert,
      .blocks = {},
      .stages = priced.stages,
      .send = send_time(scenario),
      .nic_capacity = std::llround(scenario.cluster.scale_out.peak.value),
      .routing = {.deviation = scenario.assumptions.routing_deviation.value, .seed = kRoutingSeed},
      .update = {}};
  for (const PricedBlock& block : priced.blocks) {
    plan.blocks.push_back(
        {.layer = block.layer,
         .routed = block.routed,
         .paired = block_times(block, {.paired = true, .raised = raised, .launch_gap = gap}),
         .alone = block_times(block, {.paired = false, .raised = raised, .launch_gap = gap})});
  }
  for (const PricedUpdate& update : priced.update) {
    plan.update.push_back(update_cost(update, raised));
  }
  return plan;
}

}  // namespace windtunnel
