#include "simulator/workload/link_price.h"

#include <algorithm>

#include "simulator/workload/parallelism/expert.h"
#include "simulator/workload/stages.h"

namespace windtunnel {
namespace {

/// Transfers were measured with a 400 Gb/s NIC a GPU.
constexpr BytesPerSecond kMeasuredNic{50e9};

/// The slower of the two hops of BF16 rows: over the NIC, then inside the node.
Seconds hop_time(const ExpertTraffic& traffic, double tokens, int hidden, BytesPerSecond out,
                 BytesPerSecond up) {
  const HopBytes bytes = dispatch_bytes(traffic, tokens, bf16_row(hidden));
  return std::max(bytes.scale_out / out, bytes.scale_up / up);
}

}  // namespace

double topology_ratio(ExpertTraffic traffic, double tokens, int hidden, const Cluster& cluster,
                      const Gpu& measured_on) {
  const Seconds here =
      hop_time(traffic, tokens, hidden, cluster.scale_out.peak, cluster.scale_up.peak);
  traffic.ranks_per_node = kMeasuredNode;
  return here / hop_time(traffic, tokens, hidden, kMeasuredNic, measured_on.nvlink);
}

double topology_ratio(const Scenario& scenario, const Moe& moe, const KernelShape& kernel,
                      const Gpu& measured_on) {
  return topology_ratio(traffic_of(scenario, moe), static_cast<double>(kernel.m),
                        static_cast<int>(kernel.n), scenario.cluster, measured_on);
}

Price unmeasured_transfer(const Scenario& scenario, const Moe& moe, const KernelShape& kernel) {
  const Degrees& degrees = scenario.parallelism;
  const Cluster cluster = spanned_by(scenario.cluster, degrees.expert * degrees.expert_tensor);
  const bool narrow = kernel.operation != Operation::kCombine && kernel.dtype == Dtype::kFp8;
  const double bytes = narrow ? 0.5 * (1 + 4.0 / 128) : 1;
  const bool between = degrees.expert > cluster.gpus_per_node;
  const Seconds latency =
      cluster.scale_up.latency + (between ? cluster.scale_out.latency : Seconds{0});
  const auto at = [&](BytesPerSecond out, BytesPerSecond up) {
    return latency + hop_time(traffic_of(scenario, moe), static_cast<double>(kernel.m),
                              static_cast<int>(kernel.n), out, up) *
                         bytes;
  };
  const Seconds time = at(cluster.scale_out.effective, cluster.scale_up.effective);
  return {.time = time,
          .low = at(cluster.scale_out.peak, cluster.scale_up.peak),
          .high = time * 2,
          .provenance = Provenance(Basis::kEstimated,
                                   "bytes at the links' effective rates; no all-to-all was "
                                   "measured on " +
                                       cluster.gpu.name,
                                   true)};
}

Price link_price(const Link& link, Seconds time, const std::string& what) {
  const double best = link.effective / link.effective_high.value_or(link.peak);
  return {.time = time,
          .low = time * best,
          .high = time * (2 - best),
          .provenance = Provenance(Basis::kEstimated,
                                   what + " at the link's effective rate: " + link.source, false)};
}

}  // namespace windtunnel
