// Which share of a layer's rows each expert receives, and with it each rank of an expert group.
#pragma once

#include <vector>

#include "simulator/workload/scenario.h"

namespace windtunnel {

/// A layer with routed experts, by its number in the model (MTP modules count on after the last).
struct RoutedLayer {
  int number;
  const Moe* moe;
};

std::vector<RoutedLayer> routed_layers(const Architecture& model);

/// Whether experts of one layer differ in popularity.
bool is_skewed(const RoutingSkew& routing);

/// Loads (1 = the mean of all) of the experts of the model's `index`-th layer with experts.
std::vector<double> expert_loads(const RoutingSkew& routing, int index, int experts);

/// Loads (1 = the mean) of the data ranks of an expert group in one layer: with experts placed in
/// their order, and as the scenario's balancer places them and their copies, which here knows the
/// loads that come (the same without a balancer). A data rank of several GPUs waits for the
/// fullest of them, so that a mean above 1 is possible.
struct RankLoads {
  int layer;
  std::vector<double> plain;
  std::vector<double> placed;
};

/// Of every layer with experts, in the model's order; nothing where experts are equally popular.
std::vector<RankLoads> rank_loads(const Scenario& scenario);

}  // namespace windtunnel
