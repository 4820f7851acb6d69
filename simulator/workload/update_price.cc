#include "simulator/workload/update_price.h"

#include <set>

#include "simulator/workload/group_price.h"
#include "simulator/workload/kernel_price.h"
#include "simulator/workload/link_price.h"
#include "simulator/workload/parallelism/data.h"

namespace windtunnel {
namespace {

constexpr double kWeightBytes = 2;  // of a parameter as replicas exchange it: BF16

/// `count` parameters on every `stride`-th GPU of each pipeline rank in `ranks`, and the nodes that
/// these sit on; only the first `group` of a pipeline rank's GPUs (0: all of them).
Replication replication_of(const Scenario& scenario, double count, const std::vector<int>& ranks,
                           int stride, int group) {
  const int gpus = gpu_count(scenario.cluster) / scenario.parallelism.pipeline;
  std::set<int> nodes;
  int replicas = 0;
  for (const int rank : ranks) {
    for (int gpu = 0; gpu < (group > 0 ? group : gpus); gpu += stride) {
      nodes.insert((rank * gpus + gpu) / scenario.cluster.gpus_per_node);
      ++replicas;
    }
  }
  return {.parameters = count,
          .replicas = replicas,
          .replicas_per_node = replicas / static_cast<int>(nodes.size())};
}

/// The replicas of each part of a GPU's parameters: experts are `expert` x `expert_tensor` GPUs
/// apart, matrices `tensor`, and the rest is on every GPU.
struct PartReplication {
  Replication experts;
  Replication shared;
  Replication everywhere;
};

PartReplication replications_of(const Scenario& scenario, const StageParameters& held,
                                const std::vector<int>& ranks, int group = 0) {
  const Degrees& degrees = scenario.parallelism;
  const bool divided = degrees.tensor > 1;
  return {.experts = replication_of(scenario, held.experts, ranks,
                                    degrees.expert * degrees.expert_tensor, group),
          .shared = replication_of(scenario, held.shared + (divided ? 0 : held.everywhere), ranks,
                                   degrees.tensor, group),
          .everywhere = replication_of(scenario, divided ? held.everywhere : 0, ranks, 1, group)};
}

/// The slowest link that a collective takes.
const Link& slowest(const Cluster& cluster, const CollectiveCost& cost) {
  return cost.scale_out.value > 0 ? cluster.scale_out : cluster.scale_up;
}

/// One collective for each part that there is.
CollectiveCost scatter_all(const PartReplication& parts, double bytes, const Cluster& cluster) {
  CollectiveCost sum{.time = {0}, .scale_out = {0}};
  for (const Replication* part : {&parts.experts, &parts.shared, &parts.everywhere}) {
    if (part->parameters > 0) sum = sum + scatter_cost(*part, bytes, cluster);
  }
  return sum;
}

/// Parameters of which one replica updates its share.
double shard_of(const PartReplication& parts) {
  double sum = 0;
  for (const Replication* part : {&parts.experts, &parts.shared, &parts.everywhere}) {
    sum += part->parameters / part->replicas;
  }
  return sum;
}

/// Parameters that other replicas hold, too: all of them, or the share of one replica.
double exchanged(const Replication& part, bool share) {
  return part.replicas > 1 ? part.parameters / (share ? part.replicas : 1) : 0;
}

double exchanged(const PartReplication& parts, bool share) {
  return exchanged(parts.experts, share) + exchanged(parts.shared, share) +
         exchanged(parts.everywhere, share);
}

/// GPUs over which one pipeline rank's parameters are sharded under ZeRO-3.
int shard_gpus(const Scenario& scenario) {
  return scenario.parallelism.shard_group.value_or(data_ranks(scenario)) *
         gpus_per_data_rank(scenario);
}

/// The pipeline ranks that hold the same stages as `rank`.
std::vector<int> ranks_alike(const ScheduleKind& schedule, const ScheduleShape& shape, int rank) {
  if (schedule.parameter_copies == 1) return {rank};
  std::vector<int> alike;
  const std::vector<int> own = stages_of_rank(schedule, shape, rank);
  const std::set<int> held(own.begin(), own.end());
  for (int other = 0; other < shape.pipeline_ranks; ++other) {
    const std::vector<int> others = stages_of_rank(schedule, shape, other);
    if (std::set<int>(others.begin(), others.end()) == held) alike.push_back(other);
  }
  return alike;
}

/// What is left to do once a step: gradients of a rank's stages are reduced over the replicas that
/// did not meet in every micro-batch, its shard is updated, the new parameters are gathered.
struct UpdateTraffic {
  CollectiveCost reduce;
  CollectiveCost gather;
  Bytes reduce_tensor;
  Bytes gather_tensor;
  bool all_reduce;
  double updated;       ///< parameters
  double expert_share;  ///< of the bytes between nodes
};

double expert_share(const PartReplication& parts, const Cluster& cluster) {
  if (parts.experts.parameters <= 0) return 0;
  const Bytes all = scatter_all(parts, 1, cluster).scale_out;
  return all.value > 0 ? scatter_cost(parts.experts, 1, cluster).scale_out / all : 0;
}

/// Shards of `held` that the ranks of one copy reduced in every micro-batch, and that each of the
/// pipeline ranks `alike` holds: of a single one there is nothing to exchange.
Replication shards_of_copies(const Scenario& scenario, const StageParameters& held,
                             const std::vector<int>& alike) {
  const double shard = shard_of(replications_of(scenario, held, {0}));
  return replication_of(scenario, shard, alike, 1, 1);
}

UpdateTraffic update_traffic(const Scenario& scenario, const StageParameters& held,
                             const std::vector<int>& alike, const Cluster& cluster) {
  constexpr CollectiveCost kNone{.time = {0}, .scale_out = {0}};
  const PartReplication parts = replications_of(scenario, held, alike);
  const Replication copies = shards_of_copies(scenario, held, alike);
  const double experts = expert_share(parts, cluster);
  const double gradient = scenario.memory.gradient_bytes;
  const double shard = shard_of(parts);
  const CollectiveCost reduce = scatter_all(parts, gradient, cluster);
  const Bytes gradients{exchanged(parts, false) * gradient};
  const Bytes weights{exchanged(parts, true) * kWeightBytes};
  switch (scenario.parallelism.zero_stage) {
    case 0:  // an all-reduce; every replica updates everything
      return {.reduce = reduce + reduce,
              .gather = kNone,
              .reduce_tensor = gradients,
              .gather_tensor = {0},
              .all_reduce = true,
              .updated = sum(held),
              .expert_share = experts};
    case 1:
      return {.reduce = reduce,
              .gather = scatter_all(parts, kWeightBytes, cluster),
              .reduce_tensor = gradients,
              .gather_tensor = weights,
              .all_reduce = false,
              .updated = shard,
              .expert_share = experts};
    case 2:
      return {.reduce = scatter_cost(copies, gradient, cluster),
              .gather = scatter_all(parts, kWeightBytes, cluster),
              .reduce_tensor = {exchanged(copies, false) * gradient},
              .gather_tensor = weights,
              .all_reduce = false,
              .updated = shard,
              .expert_share = experts};
    default:
      return {.reduce = scatter_cost(copies, gradient, cluster),
              .gather = scatter_cost(copies, kWeightBytes, cluster),
              .reduce_tensor = {exchanged(copies, false) * gradient},
              .gather_tensor = {exchanged(copies, true) * kWeightBytes},
              .all_reduce = false,
              .updated = shard,
              .expert_share = experts};
  }
}

/// Shards that are replicated (HSDP) sum their gradients over the replicas once a step, which each
/// of the pipeline ranks `alike` has.
UpdateTraffic replicated_shards(const Scenario& scenario, const StageParameters& held,
                                const std::vector<int>& alike, const Cluster& cluster) {
  const Degrees& degrees = scenario.parallelism;
  const double shard = shard_of(replications_of(scenario, held, {0}, shard_gpus(scenario)));
  const int replicas = data_ranks(scenario) / *degrees.shard_group;
  const GpuGroup group{.ranks = replicas, .stride = shard_gpus(scenario)};
  const CollectiveCost half = scatter_cost({.parameters = shard,
                                            .replicas = replicas * static_cast<int>(alike.size()),
                                            .replicas_per_node = ranks_in_node(group, cluster)},
                                           scenario.memory.gradient_bytes, cluster);
  return {.reduce = half + half,
          .gather = {.time = {0}, .scale_out = {0}},
          .reduce_tensor = {shard * scenario.memory.gradient_bytes},
          .gather_tensor = {0},
          .all_reduce = true,
          .updated = shard,
          .expert_share = 0};
}

}  // namespace

std::optional<PricedShard> priced_shard(const Scenario& scenario, const StageParameters& held) {
  const int zero = scenario.parallelism.zero_stage;
  if (zero < 2) return std::nullopt;
  const Cluster cluster = spanned_by(scenario.cluster, shard_gpus(scenario));
  const PartReplication parts = replications_of(scenario, held, {0}, shard_gpus(scenario));
  const double gathered = zero >= 3 ? kWeightBytes : 0;
  const CollectiveCost gather = scatter_all(parts, gathered, cluster);
  const CollectiveCost reduce = scatter_all(parts, scenario.memory.gradient_bytes, cluster);
  const Seconds gather_time = zero >= 3 ? gather.time : Seconds{0};
  return PricedShard{
      .gather = link_price(slowest(cluster, gather), gather_time, "parameter all-gather"),
      .gather_bytes = gather.scale_out,
      .gather_tensor = {exchanged(parts, true) * gathered},
      .reduce = link_price(slowest(cluster, reduce), reduce.time, "gradient reduce-scatter"),
      .reduce_bytes = reduce.scale_out,
      .reduce_tensor = {exchanged(parts, false) * scenario.memory.gradient_bytes}};
}

PricedUpdate priced_update(const Scenario& scenario, const PriceBook& book,
                           const ScheduleKind& schedule, const ScheduleShape& shape, int rank) {
  const StageParameters held = learning_parameters(scenario, stages_of_rank(schedule, shape, rank));
  const std::vector<int> alike = ranks_alike(schedule, shape, rank);
  const int gpus = gpu_count(scenario.cluster);
  const Cluster cluster =
      spanned_by(scenario.cluster, alike.size() > 1 ? gpus : gpus / scenario.parallelism.pipeline);
  const UpdateTraffic traffic = scenario.parallelism.shard_group
                                    ? replicated_shards(scenario, held, alike, cluster)
                                    : update_traffic(scenario, held, alike, cluster);
  const double exposed = 1 - scenario.assumptions.gradient_overlap.value;
  const KernelShape adam{.operation = scenario.implementation.separate_passes
                                          ? Operation::kAdamPasses
                                          : Operation::kAdam,
                         .dtype = Dtype::kFp32,
                         .m = static_cast<std::int64_t>(traffic.updated),
                         .n = 0,
                         .k = 0,
                         .groups = 1};
  return {.reduce_bytes = traffic.reduce.scale_out * exposed,
          .gather_bytes = traffic.gather.scale_out * exposed,
          .reduce = link_price(slowest(cluster, traffic.reduce), traffic.reduce.time * exposed,
                               "gradient reduce-scatter"),
          .optimizer =
              kernel_price(book, scenario.cluster.gpu, adam, scenario.assumptions.sms_alone.value),
          .gather = link_price(slowest(cluster, traffic.gather), traffic.gather.time * exposed,
                               "parameter all-gather"),
          .expert_share = traffic.expert_share,
          .reduce_tensor = traffic.reduce_tensor,
          .gather_tensor = traffic.gather_tensor,
          .all_reduce = traffic.all_reduce};
}

}  // namespace windtunnel
