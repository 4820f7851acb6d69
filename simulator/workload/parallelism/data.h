// Data parallelism with ZeRO-1: gradients are summed and scattered, each replica updates its shard,
// the new parameters are gathered. Hierarchical: NVLink inside a node, then the NIC between nodes.
#pragma once

#include "kernels/shapes/units.h"
#include "simulator/hardware/cluster.h"

namespace windtunnel {

/// One set of parameters that is replicated `replicas` times, `replicas_per_node` of them in a
/// node.
struct Replication {
  double parameters;
  int replicas;
  int replicas_per_node;
};

/// Time and NIC bytes, per GPU, of one reduce-scatter or all-gather over the replicas.
struct CollectiveCost {
  Seconds time;
  Bytes scale_out;

  friend CollectiveCost operator+(CollectiveCost a, CollectiveCost b) {
    return {a.time + b.time, a.scale_out + b.scale_out};
  }
};

/// A reduce-scatter of `bytes_per_parameter` each; an all-gather moves the same bytes backwards.
CollectiveCost scatter_cost(const Replication& replication, double bytes_per_parameter,
                            const Cluster& cluster);

}  // namespace windtunnel
