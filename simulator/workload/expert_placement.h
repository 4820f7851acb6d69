// Which experts a GPU holds, and copies of popular ones as DeepSeek's expert-parallel load balancer
// places them (deepseek-ai/EPLB).
//
// Hierarchical, where the nodes divide the groups of experts, so that a token's groups stay on few
// nodes: (1) groups are packed onto nodes, as many on each, the heaviest first and each onto the
// lightest node that has room; (2) within a node the expert with the most load a copy gets one more
// copy until all places are taken; (3) copies are packed onto the node's GPUs as in (1). Global:
// the same with a single node and a single group.
#pragma once

#include <span>
#include <vector>

namespace windtunnel {

/// The experts of each GPU; one with copies stands once for each of them.
struct ExpertPlacement {
  std::vector<std::vector<int>> gpus;
};

/// `experts` in order, as many on each of `gpus`, which divide them.
ExpertPlacement ordered_placement(int experts, int gpus);

/// Of how many GPUs, of how many nodes, and how many places they have in all. Nodes divide GPUs and
/// groups, groups the experts, GPUs the places; places are as many as experts or more.
struct PlacementShape {
  int gpus;
  int nodes;
  int groups;
  int places;
};

/// The balancer's placement for experts of these loads.
ExpertPlacement balanced_placement(std::span<const double> loads, const PlacementShape& shape);

/// What each GPU receives if the copies of an expert share its load evenly.
std::vector<double> gpu_loads(const ExpertPlacement& placement, std::span<const double> loads);

}  // namespace windtunnel
