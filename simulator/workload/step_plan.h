// Everything the lowering of a training step needs, already priced: durations and demands, no
// model, GPU or file. One `BlockCost` stands for all layers that cost the same.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/hardware/fabric.h"
#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {

/// One transfer on the communication stream at load 1: the time it takes when nothing competes, and
/// the bytes per second it then draws from the GPU's NIC, each way.
struct TransferTime {
  Picoseconds time;
  std::int64_t nic_demand;
};

/// Time of a compute phase: a part that every rank pays, and a part proportional to the rows that
/// the rank's experts receive (at load 1, the expectation). Collectives of the GPUs that share the
/// layer: `tensor` ends before the phase computes; `tensor_beside` and `context` run beside it and
/// end before what follows. `host`: how long the host takes to launch it all, which runs ahead of
/// the GPU but never behind; 0 where nothing waits for it. `sms`: how many its kernels fill.
struct PhaseTime {
  Picoseconds fixed;
  Picoseconds routed;
  TransferTime tensor;
  TransferTime tensor_beside;
  TransferTime context;
  Picoseconds host{0};
  int sms{0};
};

/// Of a block whose parameters are sharded: gathered before its forward and its backward, their
/// gradients scattered behind it.
struct ShardTimes {
  TransferTime gather;
  TransferTime reduce;
};

/// A layer's (or head's, or embedding's) phases in one setting: beside the other half of an
/// overlapped pair, or alone on the GPU.
struct BlockTimes {
  PhaseTime attention_forward;
  PhaseTime mlp_forward;
  PhaseTime mlp_backward;
  PhaseTime attention_backward;
  PhaseTime mlp_weight;
  PhaseTime attention_weight;
  TransferTime dispatch_forward;
  TransferTime combine_forward;
  TransferTime combine_backward;
  TransferTime dispatch_backward;
};

/// `routed` blocks dispatch to and combine from their expert group; the others have no
/// transfers and may leave phases at zero.
struct BlockCost {
  bool layer;  ///< a transformer layer, not an embedding, projection or head
  bool routed;
  BlockTimes paired;
  BlockTimes alone;
  ShardTimes shard;
};

/// What follows the last chunk of a rank: gradients are reduced, the optimizer updates the rank's
/// shard once every rank's gradient norm is known, parameters are gathered.
struct UpdateCost {
  TransferTime reduce;
  Picoseconds optimizer;
  TransferTime gather;
};

/// How unevenly the router loads the ranks of an expert group: the standard deviation of a rank's
/// rows over their mean, drawn anew for each layer and micro-batch from `seed`.
struct RoutingSpread {
  double deviation;
  std::uint64_t seed;
};

/// SMs of a GPU, and those that a collective of tensor, context or data ranks asks for while it
/// runs: where that and the kernels beside it ask for more than there are, both are slower by the
/// same factor. 0: collectives take none.
struct SmPlan {
  int gpu;
  int collective;
};

/// Where the ranks sit in a cluster, which decides what their transfers share: each data rank is
/// `gpus_per_rank` neighbouring GPUs, `expert_gpus` of which form an expert group. GPU g sends
/// through the NIC of GPU `nics[g]` (all their own where empty), another's over the NVLink ports of
/// both, each of `port_capacity` bytes per second, `port_latency` later. Of the bytes that the
/// update of a pipeline rank exchanges, `expert_share` goes between replicas of experts only.
struct NetworkShape {
  std::optional<Fabric> fabric;
  int gpus_per_node;
  int gpus_per_rank;
  int tensor;
  int expert_gpus;
  std::vector<int> nics;
  std::vector<double> expert_share;
  std::int64_t port_capacity = 0;
  Picoseconds port_latency{0};
};

/// What makes ranks unlike beside the spread of routing. `shares`: loads (1 = the mean) of the
/// ranks of an expert group, for each routed block of the stages in the model's order;
/// `time_factors`: how many times as long each rank computes, by pipeline rank x data ranks + data
/// rank; none of either: all alike. `apart`: data ranks of one expert group that a folded step
/// shows one by one. `jitter`: the standard deviation of every op's time over its mean.
struct RankSkew {
  std::vector<std::vector<double>> shares;
  std::vector<double> time_factors;
  std::vector<int> apart;
  double jitter;
  std::uint64_t seed;
};

/// A step of `schedule` on `shape.pipeline_ranks` x `data_ranks` ranks, each a GPU or the GPUs in
/// lock-step that share its layers' matrices or sequences. `stages[s]` lists the blocks
/// of model stage s in forward order, as indices into `blocks`. Expert groups are `expert_ranks`
/// neighbouring data ranks of one pipeline rank.
struct StepPlan {
  const ScheduleKind* schedule;
  ScheduleShape shape;
  HandOn hand_on;
  int data_ranks;
  int expert_ranks;
  int shard_ranks;  ///< neighbouring data ranks that share a block's parameters
  std::vector<BlockCost> blocks;
  std::vector<std::vector<int>> stages;
  Pairing pairing;
  TransferTime send;  ///< activations of one micro-batch to the next stage
  std::int64_t nic_capacity;
  RoutingSpread routing;
  std::vector<UpdateCost> update;  ///< one a pipeline rank, or empty: no optimizer step
  SmPlan sms{.gpu = 0, .collective = 0};
  std::optional<NetworkShape> network = {};  ///< absent: nothing but NICs is shared
  RankSkew skew = {};
};

}  // namespace windtunnel
