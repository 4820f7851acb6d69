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

/// Where GPU `gpu` of a step sends what leaves its node, by kind of traffic. Experts: alike to the
/// GPU of its index on each other node of the expert group (the first of two hops). Collectives: to
/// that GPU on the next node of the group, in a ring by node. Nothing inside a node.
std::vector<Flow> flows_of(const StepPlan& plan, Traffic traffic, int gpu);

}  // namespace windtunnel
