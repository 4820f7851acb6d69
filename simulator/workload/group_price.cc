#include "simulator/workload/group_price.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "simulator/hardware/collective_price.h"
#include "simulator/hardware/shape_price.h"
#include "simulator/workload/link_price.h"
#include "simulator/workload/parallelism/data.h"

namespace windtunnel {
namespace {

Price in_node(const PriceBook& book, const Cluster& cluster, const KernelShape& kernel, int ranks,
              Bytes buffer) {
  const Price price =
      collective_price(book.tables, cluster.gpu, operation_name(kernel.operation), ranks, buffer);
  return moved(price, cluster.gpu.nvlink / cluster.scale_up.peak, Basis::kScaled,
               "by the node's links");
}

/// One reduce-scatter or all-gather, or both where all ranks keep everything.
GroupPrice by_links(const Cluster& cluster, const KernelShape& kernel, const GpuGroup& group,
                    Bytes buffer) {
  const double hops = kernel.operation == Operation::kAllReduce ? 2 : 1;
  const CollectiveCost cost = scatter_cost({.parameters = buffer.value,
                                            .replicas = group.ranks,
                                            .replicas_per_node = ranks_in_node(group, cluster)},
                                           1, cluster);
  const bool between = cost.scale_out.value > 0;
  const Link& link = between ? cluster.scale_out : cluster.scale_up;
  return {
      .price = link_price(link, cost.time * hops, std::string(operation_name(kernel.operation))),
      .scale_out = cost.scale_out * hops};
}

GroupPrice ring(const Cluster& cluster, const GpuGroup& group, Bytes buffer) {
  const bool between = ranks_in_node(group, cluster) < group.ranks;
  const Link& link = between ? cluster.scale_out : cluster.scale_up;
  const double steps = group.ranks - 1;
  const Seconds time = (buffer / link.effective + link.latency) * steps;
  return {.price = link_price(link, time, "ring exchange"),
          .scale_out = between ? buffer * steps : Bytes{0}};
}

}  // namespace

int ranks_in_node(const GpuGroup& group, const Cluster& cluster) {
  return std::clamp(cluster.gpus_per_node / group.stride, 1, group.ranks);
}

GroupPrice group_price(const PriceBook& book, const Cluster& whole, const KernelShape& kernel,
                       const GpuGroup& group) {
  const Bytes buffer = work(kernel).bytes;
  const Cluster cluster = spanned_by(whole, group.ranks * group.stride);
  if (kernel.operation == Operation::kRingExchange) return ring(cluster, group, buffer);
  const bool inside = ranks_in_node(group, cluster) == group.ranks;
  if (inside && find_source(book.tables, "nccl", cluster.gpu)) {
    return {.price = in_node(book, cluster, kernel, group.ranks, buffer), .scale_out = {0}};
  }
  return by_links(cluster, kernel, group, buffer);
}

}  // namespace windtunnel
