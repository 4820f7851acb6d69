#include "simulator/workload/parallelism/data.h"

#include <algorithm>

namespace windtunnel {

CollectiveCost scatter_cost(const Replication& replication, double bytes_per_parameter,
                            const Cluster& cluster) {
  const int local = std::max(1, replication.replicas_per_node);
  const int nodes = std::max(1, replication.replicas / local);
  const Bytes buffer{replication.parameters * bytes_per_parameter};
  // First hop: each GPU of a node keeps 1/local of the node's sum, so (local-1)/local of the buffer
  // leaves it. Second hop: that shard is scattered over the nodes.
  const Bytes inside = buffer * ((local - 1.0) / local);
  const Bytes between = buffer * (1.0 / local) * ((nodes - 1.0) / nodes);
  Seconds time{0};
  if (local > 1) {
    time += inside / cluster.scale_up.effective + cluster.scale_up.latency * (local - 1.0);
  }
  if (nodes > 1) {
    time += between / cluster.scale_out.effective + cluster.scale_out.latency * (nodes - 1.0);
  }
  return {.time = time, .scale_out = between};
}

}  // namespace windtunnel
