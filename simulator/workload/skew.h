// How GPUs of a run are unlike: in what the router sends to them, and in how fast they are.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "simulator/base/source.h"
#include "simulator/workload/assumption.h"

namespace windtunnel {

/// Measured loads of experts: rows that each received, in any unit, `layers[i][e]` of expert e of
/// the model's i-th layer with experts (those of MTP modules last).
struct ExpertLoadFile {
  std::filesystem::path file;
  std::vector<int> numbers;  ///< the layers' numbers in the file
  std::vector<std::vector<double>> layers;
};

/// How popular the experts of a layer are, one step like another: the k-th most popular one in
/// proportion to k^-zipf, which one that is drawn for each layer; or as a file has it; or all
/// alike.
struct RoutingSkew {
  std::optional<Assumption<double>> zipf;
  std::optional<ExpertLoadFile> loads;
};

/// Copies of popular experts by DeepSeek's balancer (EPLB). Hierarchical: groups of experts to
/// nodes, copies within each node, then to its GPUs. Global: regardless of groups and nodes.
enum class BalancerPolicy { kHierarchical, kGlobal };

/// `redundant` more places for experts in each layer.
struct BalancerPlan {
  int redundant;
  BalancerPolicy policy;
};

/// GPU `rank` of the cluster takes `factor` times as long for each kernel.
struct Straggler {
  int rank;
  double factor;
};

/// `deviation`: standard deviation of a GPU's speed over the mean of all.
struct SpeedSkew {
  std::optional<Assumption<double>> deviation;
  std::vector<Straggler> stragglers;
};

/// Where a scenario says that its GPUs are not equally fast.
struct SkewPlaces {
  Source deviation = {};
  Source stragglers = {};
  Source jitter = {};
};

/// `jitter`: standard deviation of each op's time over its mean, drawn for each op of each rank.
struct Skew {
  std::optional<RoutingSkew> routing;
  std::optional<BalancerPlan> eplb;
  std::optional<SpeedSkew> speed;
  std::optional<Assumption<double>> jitter;
  SkewPlaces at = {};
};

}  // namespace windtunnel
