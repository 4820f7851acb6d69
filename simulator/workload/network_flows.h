// Who talks to whom in a step: the GPUs of other nodes that the NIC of each GPU exchanges with.
#pragma once

#include <vector>

#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// Transfers that take the same ways: tokens to and from experts, parameters that are sharded,
/// matrices and sequences that are divided, gradients and new parameters, and activations to the
/// pipeline rank after (before) one's own, the last one's neighbour being the first.
enum class Traffic { kExperts, kShards, kTensor, kContext, kReplicas, kSendsOn, kSendsBack };

inline constexpr Traffic kTraffics[] = {Traffic::kExperts,  Traffic::kShards,   Traffic::kTensor,
                                        Traffic::kContext,  Traffic::kReplicas, Traffic::kSendsOn,
                                        Traffic::kSendsBack};

/// A ring moves at the speed of its slowest link, so that its members share what crosses any.
constexpr bool is_ring(Traffic traffic) {
  return traffic == Traffic::kShards || traffic == Traffic::kTensor ||
         traffic == Traffic::kContext || traffic == Traffic::kReplicas;
}

/// A share of what a GPU sends, to the GPU `to` on another node.
struct Flow {
  int to;
  double share;
};

/// What GPU `gpu` of the group [first, first + count) sends to other nodes in an all-to-all of two
/// hops, this being the first: to the GPU of its place among the group's members on each other node
/// (its index, where nodes are full), as much as the group has GPUs there.
std::vector<Flow> all_to_all_flows(int first, int count, int gpus_per_node, int gpu);

/// In an all-to-all of a single hop: alike to each GPU of the group on other nodes.
std::vector<Flow> direct_flows(int first, int count, int gpus_per_node, int gpu);

/// In a ring by node: to the GPU of its place on the next node with members of the group.
std::vector<Flow> ring_flows(int first, int count, int gpus_per_node, int gpu);

/// Where GPU `gpu` of a step sends what leaves its node, by kind of traffic: experts in two hops,
/// collectives in rings. Nothing inside a node.
std::vector<Flow> flows_of(const StepPlan& plan, Traffic traffic, int gpu);

}  // namespace windtunnel
