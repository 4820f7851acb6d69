// What the links of a cluster alone say of a transfer.
#pragma once

#include <string>

#include "kernels/shapes/ops.h"
#include "simulator/hardware/price.h"
#include "simulator/model/architecture.h"
#include "simulator/workload/parallelism/expert.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// Transfers were measured on nodes of eight GPUs.
inline constexpr int kMeasuredNode = 8;

/// The time of a dispatch or combine of `tokens` on a cluster's nodes and links over that on nodes
/// of eight `measured_on` with a 400 Gb/s NIC a GPU, by the hop that binds.
double topology_ratio(ExpertTraffic traffic, double tokens, int hidden, const Cluster& cluster,
                      const Gpu& measured_on);

/// The same of a training scenario's kernel.
double topology_ratio(const Scenario& scenario, const Moe& moe, const KernelShape& kernel,
                      const Gpu& measured_on);

/// A transfer that nobody measured on this kind of GPU: its bytes at the links' effective rates,
/// behind the latency of the hops it takes.
Price unmeasured_transfer(const Scenario& scenario, const Moe& moe, const KernelShape& kernel);

/// A collective priced by its links alone: estimated, as good as the links' ranges say.
Price link_price(const Link& link, Seconds time, const std::string& what);

}  // namespace windtunnel
