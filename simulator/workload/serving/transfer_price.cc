#include "simulator/workload/serving/transfer_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "simulator/hardware/all_to_all_price.h"
#include "simulator/hardware/collective_price.h"
#include "simulator/hardware/deepep_times.h"
#include "simulator/hardware/shape_price.h"
#include "simulator/workload/link_price.h"
#include "simulator/workload/parallelism/expert.h"
#include "simulator/workload/serving/table_choice.h"

namespace windtunnel {
namespace {

/// Up to here an all-reduce is the frameworks' own kernel.
constexpr double kOwnKernel = 8 * 1024 * 1024;

const char* nccl_name(CollectiveKind kind) {
  switch (kind) {
    case CollectiveKind::kReduceScatter:
      return "reduce_scatter";
    case CollectiveKind::kAllGather:
      return "all_gather";
    case CollectiveKind::kAllReduce:
      break;
  }
  return "all_reduce";
}

Price in_node(const PriceBook& book, const Gpu& gpu, CollectiveKind kind, double ranks,
              double bytes) {
  constexpr double kElement = 2;
  if (kind == CollectiveKind::kAllReduce && bytes <= kOwnKernel) {
    const auto own = first_answer(book.tables, gpu,
                                  {{.table = "custom_allreduce",
                                    .categories = {"bfloat16"},
                                    .axes = {ranks, bytes / kElement}}});
    if (own) return *own;
  }
  return collective_price(book.tables, gpu, nccl_name(kind), static_cast<int>(ranks), {bytes});
}

/// Bytes that a node of a ring of `nodes` sends on in all.
Bytes ring_bytes(CollectiveKind kind, double nodes, double bytes) {
  const double rounds = kind == CollectiveKind::kAllReduce ? 2 : 1;
  return Bytes{rounds * (nodes - 1) * bytes / nodes};
}

/// A ring of `nodes`: each step sends a part of `bytes` to the next; twice around for a sum that
/// all get.
Price ring(const Link& link, CollectiveKind kind, double nodes, double bytes) {
  const double rounds = kind == CollectiveKind::kAllReduce ? 2 : 1;
  const double steps = rounds * (nodes - 1);
  const Seconds time = steps * (link.latency + Bytes{bytes / nodes} / link.effective);
  return link_price(link, time, fmt::format("a ring of {:g} nodes", nodes));
}

double row_bytes(const ExpertTransfer& it) {
  const auto hidden = static_cast<int>(it.hidden);
  return (it.combine ? bf16_row(hidden) : fp8_row(hidden)).value;
}

int nodes_of(const Cluster& cluster, const ExpertTransfer& it) {
  return static_cast<int>(it.ranks) / cluster.gpus_per_node;
}

/// The link as `left` narrows it, its range with it; unchanged where it is no faster.
Link narrowed(Link link, BytesPerSecond left) {
  if (left >= link.effective) return link;
  const double range = link.effective_high.value_or(link.peak) / link.effective;
  link.effective = left;
  link.effective_high = left * range;
  link.source += fmt::format("; the network leaves {:.3g} GB/s", left.value / 1e9);
  return link;
}

/// A price by `price_at(link)`: at worst all units share the network, at best it is one's own. The
/// range of the link's estimate does not reach below `bytes` at the rate that is left then.
template <typename PriceAt>
Price shared(const Link& link, const NetworkRate& rate, Bytes bytes, PriceAt price_at) {
  Price price = price_at(narrowed(link, rate.together));
  price.low = std::min(price.low, price_at(narrowed(link, rate.alone)).low);
  price.low = std::min(price.time, std::max(price.low, bytes / rate.alone));
  return price;
}

ExpertTraffic traffic_of(const Cluster& cluster, const ExpertTransfer& it) {
  return {.ranks = static_cast<int>(it.ranks),
          .ranks_per_node = cluster.gpus_per_node,
          .top_k = static_cast<int>(it.top_k),
          .node_limit = static_cast<int>(it.node_limit)};
}

/// A row for each expert that lies in another node.
Price low_latency_between_nodes(const Cluster& cluster, const NetworkRate& rate,
                                const ExpertTransfer& it) {
  const double elsewhere =
      1 - static_cast<double>(cluster.gpus_per_node) / static_cast<double>(it.ranks);
  const Bytes bytes{it.tokens * static_cast<double>(it.top_k) * row_bytes(it) * elsewhere};
  return shared(cluster.scale_out, rate, bytes, [&](const Link& link) {
    return link_price(link, link.latency + bytes / link.effective,
                      "a row for each expert of another node");
  });
}

/// A row for each node and GPU, over two hops.
Price unmeasured(const Cluster& cluster, const NetworkRate& rate, const ExpertTransfer& it) {
  const HopBytes bytes = dispatch_bytes(traffic_of(cluster, it), it.tokens, {row_bytes(it)});
  const Seconds up = cluster.scale_up.latency + bytes.scale_up / cluster.scale_up.effective;
  const auto over_nodes = [&](const Link& link) {
    const Seconds out = link.latency + bytes.scale_out / link.effective;
    if (out > up) return link_price(link, out, "a row for each node");
    return link_price(cluster.scale_up, up, "a row for each GPU of the node");
  };
  if (nodes_of(cluster, it) > 1)
    return shared(cluster.scale_out, rate, bytes.scale_out, over_nodes);
  return link_price(cluster.scale_up, up, "a row for each GPU of the node");
}

/// A measured transfer that takes no less than its bytes at the rate that is left.
Price limited(const Cluster& cluster, const NetworkRate& rate, const ExpertTransfer& it,
              Price price) {
  const HopBytes bytes = dispatch_bytes(traffic_of(cluster, it), it.tokens, {row_bytes(it)});
  const Seconds least = bytes.scale_out / rate.together;
  if (nodes_of(cluster, it) <= 1) return price;
  price.low = std::max(price.low, std::min(price.time, bytes.scale_out / rate.alone));
  if (least <= price.time) return price;
  const std::string how = fmt::format("; its bytes at the {:.3g} GB/s that the network leaves",
                                      rate.together.value / 1e9);
  return {.time = least,
          .low = std::max(price.low, bytes.scale_out / rate.alone),
          .high = std::max(price.high, least),
          .provenance = Provenance(Basis::kEstimated, price.provenance.source + how,
                                   price.provenance.outside_range)};
}

std::optional<Price> low_latency_in_node(const PriceBook& book, const Gpu& gpu,
                                         const ExpertTransfer& it) {
  const auto source = find_source(book.tables, "deepep_low_latency", gpu);
  if (!source) return std::nullopt;
  const auto prices = shape_prices(book.tables, *source, {"1"},
                                   {static_cast<double>(it.hidden), static_cast<double>(it.top_k),
                                    static_cast<double>(it.experts), std::max(1.0, it.tokens)});
  if (!prices) return std::nullopt;
  return prices->at(it.combine ? 1 : 0);
}

}  // namespace

Price group_collective_price(const PriceBook& book, const Cluster& whole, const NetworkRate& rate,
                             const GroupCollective& it) {
  const Cluster cluster = spanned_by(whole, static_cast<int>(it.ranks));
  const auto ranks = static_cast<double>(it.ranks);
  const double local = std::min(ranks, static_cast<double>(cluster.gpus_per_node));
  const double nodes = std::max(1.0, std::floor(ranks / cluster.gpus_per_node));
  if (nodes == 1) return in_node(book, cluster.gpu, it.kind, ranks, it.bytes);
  const Bytes sent = ring_bytes(it.kind, nodes, it.bytes / local);
  std::vector<Price> parts{shared(cluster.scale_out, rate, sent, [&](const Link& link) {
    return ring(link, it.kind, nodes, it.bytes / local);
  })};
  if (local > 1 && it.kind != CollectiveKind::kAllGather) {
    parts.push_back(in_node(book, cluster.gpu, CollectiveKind::kReduceScatter, local, it.bytes));
  }
  if (local > 1 && it.kind != CollectiveKind::kReduceScatter) {
    parts.push_back(in_node(book, cluster.gpu, CollectiveKind::kAllGather, local, it.bytes));
  }
  return sum(parts);
}

Price expert_transfer_price(const PriceBook& book, const Cluster& whole, const NetworkRate& rate,
                            int sms, const ExpertTransfer& it) {
  const Cluster cluster = spanned_by(whole, static_cast<int>(it.ranks));
  const bool one_node = nodes_of(cluster, it) <= 1;
  if (it.low_latency) {
    if (!one_node) return low_latency_between_nodes(cluster, rate, it);
    if (auto found = low_latency_in_node(book, cluster.gpu, it)) return *found;
    return unmeasured(cluster, rate, it);
  }
  if (!find_source(book.tables, kDeepepTable, cluster.gpu)) return unmeasured(cluster, rate, it);
  const double tokens = std::ceil(std::max(1.0, it.tokens));
  const AllToAllPrice both =
      all_to_all_price(book.tables, cluster.gpu,
                       {.expert_ranks = static_cast<int>(it.ranks),
                        .ranks_per_node = std::min<int>(kMeasuredNode, static_cast<int>(it.ranks)),
                        .tokens = static_cast<std::int64_t>(tokens),
                        .hidden = it.hidden,
                        .top_k = static_cast<int>(it.top_k),
                        .experts = static_cast<int>(it.experts),
                        .sms = sms});
  const double ratio = topology_ratio(traffic_of(cluster, it), tokens, static_cast<int>(it.hidden),
                                      cluster, cluster.gpu);
  return limited(cluster, rate, it,
                 moved(it.combine ? both.combine : both.dispatch, ratio, Basis::kScaled,
                       "moved by the hop that binds"));
}

}  // namespace windtunnel
