// What a collective among some GPUs of the cluster costs: measured inside a node, by its links
// beyond one.
#pragma once

#include "kernels/shapes/ops.h"
#include "simulator/hardware/cluster.h"
#include "simulator/hardware/price_book.h"

namespace windtunnel {

/// `ranks` GPUs, every `stride`-th of the cluster.
struct GpuGroup {
  int ranks;
  int stride;
};

/// GPUs of the group that share a node.
int ranks_in_node(const GpuGroup& group, const Cluster& cluster);

/// A price, and the bytes that leave each GPU's NIC.
struct GroupPrice {
  Price price;
  Bytes scale_out;
};

/// An all-gather, reduce-scatter, all-reduce or ring exchange of `kernel`'s rows. Inside a node
/// NCCL's measured times (moved to the cluster's links where those differ from the GPU's), else
/// hierarchical: NVLink inside each node and a ring of NICs between them, at the links' effective
/// rates. A ring exchange passes everything over the slowest hop.
GroupPrice group_price(const PriceBook& book, const Cluster& cluster, const KernelShape& kernel,
                       const GpuGroup& group);

}  // namespace windtunnel
