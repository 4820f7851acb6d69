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

/// Those of a rising list that sit on the node of its `first`-th: [first, last) of it.
struct NodeMembers {
  std::size_t first;
  std::size_t last;
};

NodeMembers members_of_node(const std::vector<int>& members, std::size_t first, int gpus_per_node) {
  const int end = (members[first] / gpus_per_node + 1) * gpus_per_node;
  const auto last = std::lower_bound(members.begin(), members.end(), end);
  return {first, static_cast<std::size_t>(last - members.begin())};
}

/// Nodes with members, in their order.
std::vector<NodeMembers> nodes_of(const std::vector<int>& members, int gpus_per_node) {
  std::vector<NodeMembers> nodes;
  for (std::size_t first = 0; first < members.size(); first = nodes.back().last) {
    nodes.push_back(members_of_node(members, first, gpus_per_node));
  }
  return nodes;
}

/// The member on `node` of the same place as the `place`-th of another node: of its index where
/// both nodes are full, and always one of the group.
int beside(const std::vector<int>& members, const NodeMembers& node, std::size_t place) {
  return members[node.first + place % (node.last - node.first)];
}

/// Every `stride`-th GPU of a range, those whose number in it leaves `rest`.
void add_members(std::vector<int>& members, const GpuRange& range, int stride, int rest) {
  for (int gpu = range.first + rest; gpu < range.first + range.count; gpu += stride) {
    members.push_back(gpu);
  }
}

/// To the node after that of `gpu`, the first after the last.
void add_ring(std::vector<Flow>& flows, const std::vector<int>& members, int gpus_per_node, int gpu,
              double share) {
  if (members.empty() || share <= 0) return;
  const int from = gpu / gpus_per_node * gpus_per_node;
  const auto own = std::lower_bound(members.begin(), members.end(), from);
  const auto place = std::lower_bound(own, members.end(), gpu) - own;
  const NodeMembers here =
      members_of_node(members, static_cast<std::size_t>(own - members.begin()), gpus_per_node);
  const std::size_t next = here.last == members.size() ? 0 : here.last;
  if (next == here.first) return;
  const NodeMembers there = members_of_node(members, next, gpus_per_node);
  flows.push_back({beside(members, there, static_cast<std::size_t>(place)), share});
}

std::vector<Flow> ring_of(const StepPlan& plan, int gpu, int count) {
  const GpuRange group = group_of(plan, gpu, count);
  return ring_flows(group.first, group.count, plan.network->gpus_per_node, gpu);
}

std::vector<Flow> expert_flows(const StepPlan& plan, int gpu) {
  const GpuRange group = group_of(plan, gpu, plan.network->expert_gpus);
  return all_to_all_flows(group.first, group.count, plan.network->gpus_per_node, gpu);
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
    add_members(experts, range, stride, gpu % gpus % stride);
    add_members(all, range, 1, 0);
  }
  const double share = network.expert_share[static_cast<std::size_t>(rank)];
  std::vector<Flow> flows;
  add_ring(flows, experts, network.gpus_per_node, gpu, share);
  add_ring(flows, all, network.gpus_per_node, gpu, 1 - share);
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

std::vector<Flow> all_to_all_flows(int first, int count, int gpus_per_node, int gpu) {
  std::vector<int> members;
  add_members(members, {first, count}, 1, 0);
  const int own = std::max(first, gpu / gpus_per_node * gpus_per_node);
  const int own_end = std::min(first + count, (gpu / gpus_per_node + 1) * gpus_per_node);
  const int elsewhere = count - (own_end - own);
  std::vector<Flow> flows;
  for (const NodeMembers& node : nodes_of(members, gpus_per_node)) {
    if (members[node.first] == own) continue;
    flows.push_back({beside(members, node, static_cast<std::size_t>(gpu - own)),
                     static_cast<double>(node.last - node.first) / elsewhere});
  }
  return flows;
}

std::vector<Flow> direct_flows(int first, int count, int gpus_per_node, int gpu) {
  std::vector<Flow> flows;
  for (int to = first; to < first + count; ++to) {
    if (to / gpus_per_node != gpu / gpus_per_node) flows.push_back({to, 1});
  }
  for (Flow& flow : flows) flow.share = 1.0 / static_cast<double>(flows.size());
  return flows;
}

std::vector<Flow> ring_flows(int first, int count, int gpus_per_node, int gpu) {
  std::vector<int> members;
  add_members(members, {first, count}, 1, 0);
  std::vector<Flow> flows;
  add_ring(flows, members, gpus_per_node, gpu, 1);
  return flows;
}

std::vector<Flow> flows_of(const StepPlan& plan, Traffic traffic, int gpu) {
  const NetworkShape& network = *plan.network;
  switch (traffic) {
    case Traffic::kExperts:
      return expert_flows(plan, gpu);
    case Traffic::kShards:
      return ring_of(plan, gpu, plan.shard_ranks * network.gpus_per_rank);
    case Traffic::kTensor:
      return ring_of(plan, gpu, network.tensor);
    case Traffic::kContext:
      return ring_of(plan, gpu, network.gpus_per_rank);
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
