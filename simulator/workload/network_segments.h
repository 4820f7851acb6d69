// The links of a fabric between its layers as segments with a capacity, and which of them a flow
// between two GPUs crosses.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/workload/network_flows.h"

namespace windtunnel {

/// `count` times the share of a transfer's bytes that crosses a segment.
struct Crossing {
  std::int32_t segment;
  double share;
  std::int32_t count;

  friend bool operator==(const Crossing&, const Crossing&) = default;
};

/// Segments numbered as built, each twice: even upwards and odd downwards. First those of leaves,
/// then those of pods, and where a NIC is down the NVLink port of each GPU, out of it and into it.
struct Segments {
  const NetworkShape& network;
  int leaves;
  int ways;      ///< segments of a leaf, one way
  int pods;      ///< 0 where there are none
  int pod_ways;  ///< of a pod

  int of_leaf(int leaf, int way, bool down) const {
    return (leaf * ways + way) * 2 + (down ? 1 : 0);
  }
  int of_pod(int pod, int way, bool down) const {
    return (leaves * ways + pod * pod_ways + way) * 2 + (down ? 1 : 0);
  }
  int of_port(int gpu, bool into) const {
    return (leaves * ways + pods * pod_ways + gpu) * 2 + (into ? 1 : 0);
  }
};

/// Those under `gpus` GPUs; without a fabric there are NVLink ports only.
Segments segments_of(const NetworkShape& network, int gpus);

/// Bytes per second of each, one after another.
std::vector<std::int64_t> capacities_of(const Segments& segments, int gpus);

/// Charges a flow of GPU `from` to the crossings of the rank that sends it and of the one that
/// receives it.
void add_flow(const Segments& segments, int from, const Flow& flow, std::vector<Crossing>& sender,
              std::vector<Crossing>& receiver);

}  // namespace windtunnel
