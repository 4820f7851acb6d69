#include "simulator/workload/step_plan.h"

#include <algorithm>
#include <cmath>

#include "simulator/workload/expert_load.h"
#include "simulator/workload/rank_speed.h"
#include "simulator/workload/stages.h"
#include "simulator/workload/step_pricing.h"

namespace windtunnel {
namespace {

/// Which price of a kernel counts, and what every launch costs besides.
struct Reading {
  bool paired;
  ErrorClass moved;
  bool lowered;
  Seconds launch_gap;
  Seconds host_launch;
  int sms;  ///< that kernels were priced for
};

/// Which point of an interval is read.
enum class End { kValue, kLow, kHigh };

End end_of(bool moved, bool lowered) {
  return !moved ? End::kValue : lowered ? End::kLow : End::kHigh;
}

Seconds read(const Price& price, End end) {
  return end == End::kLow ? price.low : end == End::kHigh ? price.high : price.time;
}

Seconds launch_time(const PricedKernel& kernel, const Reading& reading) {
  const Price& price = reading.paired ? kernel.price.paired : kernel.price.alone;
  return read(price, end_of(error_class(kernel.op.kernel) == reading.moved, reading.lowered)) +
         reading.launch_gap;
}

/// Bytes per second that a transfer of `bytes` in `time` draws; at least 1 where it draws any.
std::int64_t demand(Bytes bytes, Seconds time) {
  if (bytes.value <= 0 || time.value <= 0) return 0;
  return std::max<std::int64_t>(1, std::llround((bytes / time).value));
}

/// The collectives of a phase, one after another, that tensor or context ranks run before it
/// computes or beside it.
TransferTime collective_time(const PricedBlock& block, Phase phase, bool context, Beside beside,
                             const Reading& reading) {
  const End end = end_of(reading.moved == ErrorClass::kSequence, reading.lowered);
  Seconds time{0};
  Bytes bytes{0};
  for (const PricedCollective& collective : block.collectives) {
    if (collective.op.op.phase != phase || collective.context != context ||
        collective.op.beside != beside) {
      continue;
    }
    time += read(collective.price, end);
    bytes += collective.scale_out;
  }
  return {to_picoseconds(time), demand(bytes, time)};
}

PhaseTime phase_time(const PricedBlock& block, Phase phase, const Reading& reading) {
  Seconds fixed{0};
  Seconds routed{0};
  double launches = 0;
  for (const PricedKernel& kernel : block.kernels) {
    if (kernel.op.phase != phase) continue;
    (kernel.op.routed ? routed : fixed) += launch_time(kernel, reading) * kernel.op.launches;
    launches += kernel.op.launches;
  }
  if (launches > 0) {
    launches += static_cast<double>(
        std::count_if(block.collectives.begin(), block.collectives.end(),
                      [&](const PricedCollective& one) { return one.op.op.phase == phase; }));
  }
  return {.fixed = to_picoseconds(fixed),
          .routed = to_picoseconds(routed),
          .tensor = collective_time(block, phase, false, Beside::kNothing, reading),
          .tensor_beside = collective_time(block, phase, false, Beside::kPhase, reading),
          .context = collective_time(block, phase, true, Beside::kPhase, reading),
          .host = to_picoseconds(reading.host_launch * launches),
          .sms = reading.sms};
}

ShardTimes shard_times(const PricedBlock& block, const Reading& reading) {
  if (!block.shard) return {{{0}, 0}, {{0}, 0}};
  const End end = end_of(reading.moved == ErrorClass::kShard, reading.lowered);
  const auto transfer = [&](const Price& price, Bytes bytes) -> TransferTime {
    const Seconds time = read(price, end);
    return {to_picoseconds(time), demand(bytes, time)};
  };
  return {.gather = transfer(block.shard->gather, block.shard->gather_bytes),
          .reduce = transfer(block.shard->reduce, block.shard->reduce_bytes)};
}

TransferTime transfer_time(const PricedBlock& block, Phase phase, const Reading& reading) {
  for (const PricedTransfer& transfer : block.transfers) {
    if (transfer.phase != phase) continue;
    const bool moved = reading.moved == transfer_class(phase);
    const Price& price = reading.paired ? transfer.price.paired : transfer.price.alone;
    const Seconds time = read(price, end_of(moved, reading.lowered));
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

TransferTime send_time(const Scenario& scenario, const PricedSend& send, ErrorClass moved,
                       bool lowered) {
  if (scenario.parallelism.pipeline == 1) return {{0}, 0};
  const Seconds time = read(send.price, end_of(moved == ErrorClass::kSend, lowered));
  return {to_picoseconds(time), demand(send.scale_out, time)};
}

UpdateCost update_cost(const PricedUpdate& update, ErrorClass moved, bool lowered) {
  const End end = end_of(moved == ErrorClass::kUpdate, lowered);
  const auto transfer = [&](const Price& price, Bytes bytes) -> TransferTime {
    const Seconds time = read(price, end);
    return {to_picoseconds(time), demand(bytes, time)};
  };
  return {.reduce = transfer(update.reduce, update.reduce_bytes),
          .optimizer = to_picoseconds(read(update.optimizer, end)),
          .gather = transfer(update.gather, update.gather_bytes)};
}

/// Where the ranks sit, if anything but their own NICs can slow them.
std::optional<NetworkShape> network_shape(const Scenario& scenario, const PricedStep& priced) {
  const Cluster& cluster = scenario.cluster;
  if (!cluster.fabric && cluster.failed_nics.empty()) return std::nullopt;
  const Degrees& degrees = scenario.parallelism;
  NetworkShape network{.fabric = cluster.fabric,
                       .gpus_per_node = cluster.gpus_per_node,
                       .gpus_per_rank = gpus_per_data_rank(scenario),
                       .tensor = degrees.tensor,
                       .expert_gpus = degrees.expert * degrees.expert_tensor,
                       .nics = {},
                       .expert_share = {},
                       .port_capacity = std::llround(cluster.scale_up.peak.value),
                       .port_latency = to_picoseconds(cluster.scale_up.latency)};
  for (int gpu = 0; gpu < gpu_count(cluster) && !cluster.failed_nics.empty(); ++gpu) {
    network.nics.push_back(nic_of(cluster, gpu));
  }
  network.expert_share.assign(static_cast<std::size_t>(degrees.pipeline), 0);
  for (std::size_t rank = 0; rank < priced.update.size(); ++rank) {
    network.expert_share[rank] = priced.update[rank].expert_share;
  }
  return network;
}

/// Any fixed number: two runs of a scenario draw the same loads.
constexpr std::uint64_t kRoutingSeed = 20241226;
constexpr std::uint64_t kJitterSeed = 20250505;

/// Blocks that a stage routes, one after another; the scenario's part of the model may begin behind
/// the model's first layers.
std::vector<std::vector<double>> shares_of_blocks(const Scenario& scenario) {
  std::vector<std::vector<double>> shares;
  const int first = scenario.stages.first_layer.value_or(0);
  for (RankLoads& loads : rank_loads(scenario)) {
    if (loads.layer >= first) shares.push_back(std::move(loads.placed));
  }
  return shares;
}

RankSkew rank_skew(const Scenario& scenario) {
  const Skew& skew = scenario.skew;
  return {.shares = shares_of_blocks(scenario),
          .time_factors = time_factors(scenario),
          .apart = straggling_ranks(scenario),
          .jitter = skew.jitter ? skew.jitter->value : 0,
          .seed = kJitterSeed};
}

}  // namespace

StepPlan step_plan(const Scenario& scenario, const PricedStep& priced, const ScheduleKind& schedule,
                   int micro_batches, ErrorClass moved, bool lowered) {
  const Seconds gap = scenario.assumptions.launch_gap.value;
  const auto& eager = scenario.assumptions.host_launch;
  const int gpu_sms = scenario.cluster.gpu.sms;
  const int held = scenario.communication.sms;
  StepPlan plan{
      .schedule = &schedule,
      .shape = schedule_shape(scenario, schedule, micro_batches),
      .hand_on = scenario.schedule.hand_on,
      .data_ranks = data_ranks(scenario),
      .expert_ranks = expert_data_ranks(scenario),
      .shard_ranks = scenario.parallelism.shard_group.value_or(data_ranks(scenario)),
      .blocks = {},
      .stages = priced.stages,
      .pairing = scenario.stages.pairing,
      .send = send_time(scenario, priced.send, moved, lowered),
      .nic_capacity = std::llround(scenario.cluster.scale_out.peak.value),
      .routing = {.deviation = scenario.assumptions.routing_deviation.value, .seed = kRoutingSeed},
      .update = {},
      .sms = {.gpu = gpu_sms, .collective = held},
      .network = network_shape(scenario, priced),
      .skew = rank_skew(scenario)};
  for (const PricedBlock& block : priced.blocks) {
    const auto reading = [&](bool paired) {
      return Reading{.paired = paired,
                     .moved = moved,
                     .lowered = lowered,
                     .launch_gap = gap,
                     .host_launch = eager ? eager->value : Seconds{0},
                     .sms = paired ? gpu_sms - held : scenario.assumptions.sms_alone.value};
    };
    plan.blocks.push_back({.layer = block.layer,
                           .routed = block.routed,
                           .paired = block_times(block, reading(true)),
                           .alone = block_times(block, reading(false)),
                           .shard = shard_times(block, reading(false))});
  }
  for (const PricedUpdate& update : priced.update) {
    plan.update.push_back(update_cost(update, moved, lowered));
  }
  return plan;
}

}  // namespace windtunnel
