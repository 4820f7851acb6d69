#include "simulator/workload/network_flows.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace windtunnel {
namespace {

/// GPUs [first, first + count) of the cluster.
struct GpuRange {
  int first;
  int count;
};

int gpus_of_pipeline_rank(const StepPlan& plan) {
  return plan.data_ranks * plan.network->gpus_per_rank;
}

/// The neighbours in groups of `count` that `gpu` is one of, counted from its pipeline rank's
/// first.
GpuRange group_of(const StepPlan& plan, int gpu, int count) {
  const int offset = gpu % gpus_of_pipeline_rank(plan);
  return {.first = gpu - offset % count, .count = count};
}

/// The nodes of every `stride`-th GPU of a range, those whose number leaves `rest`; rising.
void add_nodes(std::vector<int>& nodes, const GpuRange& range, int stride, int rest,
               int gpus_per_node) {
  for (int gpu = range.first + rest; gpu < range.first + range.count; gpu += stride) {
    const int node = gpu / gpus_per_node;
    if (nodes.empty() || nodes.back() != node) nodes.push_back(node);
  }
}

/// The GPU with the index of `gpu` on another node.
int beside(const NetworkShape& network, int gpu, int node) {
  return node * network.gpus_per_node + gpu % network.gpus_per_node;
}

/// To the node after that of `gpu`, the first after the last.
void add_ring(std::vector<Flow>& flows, const NetworkShape& network, const std::vector<int>& nodes,
              int gpu, double share) {
  if (nodes.size() < 2 || share <= 0) return;
  const auto own = std::find(nodes.begin(), nodes.end(), gpu / network.gpus_per_node);
  const auto next = own + 1 == nodes.end() ? nodes.begin() : own + 1;
  flows.push_back({beside(network, gpu, *next), share});
}

std::vector<Flow> ring_flows(const StepPlan& plan, int gpu, const GpuRange& group) {
  std::vector<int> nodes;
  add_nodes(nodes, group, 1, 0, plan.network->gpus_per_node);
  std::vector<Flow> flows;
  add_ring(flows, *plan.network, nodes, gpu, 1);
  return flows;
}

std::vector<Flow> expert_flows(const StepPlan& plan, int gpu) {
  const NetworkShape& network = *plan.network;
  std::vector<int> nodes;
  add_nodes(nodes, group_of(plan, gpu, network.expert_gpus), 1, 0, network.gpus_per_node);
  std::vector<Flow> flows;
  for (const int node : nodes) {
    if (node == gpu / network.gpus_per_node) continue;
    flows.push_back({beside(network, gpu, node), 1.0 / static_cast<double>(nodes.size() - 1)});
  }
  return flows;
}

/// Two rings: experts are `expert_gpus` apart, everything else is on all GPUs of the pipeline rank;
/// with two copies of the model also on those of the mirrored rank.
std::vector<Flow> replica_flows(const StepPlan& plan, int gpu) {
  const NetworkShape& network = *plan.network;
  const int gpus = gpus_of_pipeline_rank(plan);
  const int rank = gpu / gpus;
  std::array<int, 2> ranks{rank, rank};
  if (plan.schedule->parameter_copies == 2) ranks[1] = plan.shape.pipeline_ranks - 1 - rank;
  std::sort(ranks.begin(), ranks.end());
  // Where an expert group shares a node with others, its replicas are on all nodes.
  const int stride = network.expert_gpus > network.gpus_per_node ? network.expert_gpus : 1;
  std::vector<int> experts;
  std::vector<int> all;
  for (std::size_t copy = 0; copy < 2; ++copy) {
    if (copy == 1 && ranks[1] == ranks[0]) break;
    const GpuRange range{.first = ranks[copy] * gpus, .count = gpus};
    add_nodes(experts, range, stride, gpu % gpus % stride, network.gpus_per_node);
    add_nodes(all, range, 1, 0, network.gpus_per_node);
  }
  const double share = network.expert_share[static_cast<std::size_t>(rank)];
  std::vector<Flow> flows;
  add_ring(flows, network, experts, gpu, share);
  add_ring(flows, network, all, gpu, 1 - share);
  return flows;
}

/// To the GPU of the same place in the next (or previous) pipeline rank.
std::vector<Flow> send_flows(const StepPlan& plan, int gpu, int step) {
  const int gpus = gpus_of_pipeline_rank(plan);
  const int all = gpus * plan.shape.pipeline_ranks;
  const int to = (gpu + step * gpus + all) % all;
  const int node = plan.network->gpus_per_node;
  if (to / node == gpu / node) return {};
  return {{.to = to, .share = 1}};
}

}  // namespace

std::vector<Flow> flows_of(const StepPlan& plan, Traffic traffic, int gpu) {
  const NetworkShape& network = *plan.network;
  switch (traffic) {
    case Traffic::kExperts:
      return expert_flows(plan, gpu);
    case Traffic::kShards:
      return ring_flows(plan, gpu, group_of(plan, gpu, plan.shard_ranks * network.gpus_per_rank));
    case Traffic::kTensor:
      return ring_flows(plan, gpu, group_of(plan, gpu, network.tensor));
    case Traffic::kContext:
      return ring_flows(plan, gpu, group_of(plan, gpu, network.gpus_per_rank));
    case Traffic::kReplicas:
      return replica_flows(plan, gpu);
    case Traffic::kSendsOn:
      return send_flows(plan, gpu, 1);
    case Traffic::kSendsBack:
      break;
  }
  return send_flows(plan, gpu, -1);
}

}  // namespace windtunnel
