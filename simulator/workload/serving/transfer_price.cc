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

/// A row for each expert that lies in another node.
Price low_latency_between_nodes(const Cluster& cluster, const ExpertTransfer& it) {
  const double elsewhere =
      1 - static_cast<double>(cluster.gpus_per_node) / static_cast<double>(it.ranks);
  const Bytes bytes{it.tokens * static_cast<double>(it.top_k) * row_bytes(it) * elsewhere};
  const Link& link = cluster.scale_out;
  return link_price(link, link.latency + bytes / link.effective,
                    "a row for each expert of another node");
}

/// A row for each node and GPU, over two hops.
Price unmeasured(const Cluster& cluster, const ExpertTransfer& it) {
  const ExpertTraffic traffic{.ranks = static_cast<int>(it.ranks),
                              .ranks_per_node = cluster.gpus_per_node,
                              .top_k = static_cast<int>(it.top_k),
                              .node_limit = static_cast<int>(it.node_limit)};
  const HopBytes bytes = dispatch_bytes(traffic, it.tokens, {row_bytes(it)});
  const Seconds out = cluster.scale_out.latency + bytes.scale_out / cluster.scale_out.effective;
  const Seconds up = cluster.scale_up.latency + bytes.scale_up / cluster.scale_up.effective;
  if (nodes_of(cluster, it) > 1 && out > up) {
    return link_price(cluster.scale_out, out, "a row for each node");
  }
  return link_price(cluster.scale_up, up, "a row for each GPU of the node");
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

Price group_collective_price(const PriceBook& book, const Cluster& cluster,
                             const GroupCollective& it) {
  const auto ranks = static_cast<double>(it.ranks);
  const double local = std::min(ranks, static_cast<double>(cluster.gpus_per_node));
  const double nodes = std::max(1.0, std::floor(ranks / cluster.gpus_per_node));
  if (nodes == 1) return in_node(book, cluster.gpu, it.kind, ranks, it.bytes);
  std::vector<Price> parts{ring(cluster.scale_out, it.kind, nodes, it.bytes / local)};
  if (local > 1 && it.kind != CollectiveKind::kAllGather) {
    parts.push_back(in_node(book, cluster.gpu, CollectiveKind::kReduceScatter, local, it.bytes));
  }
  if (local > 1 && it.kind != CollectiveKind::kReduceScatter) {
    parts.push_back(in_node(book, cluster.gpu, CollectiveKind::kAllGather, local, it.bytes));
  }
  return sum(parts);
}

Price expert_transfer_price(const PriceBook& book, const Cluster& cluster, int sms,
                            const ExpertTransfer& it) {
  const bool one_node = nodes_of(cluster, it) <= 1;
  if (it.low_latency) {
    if (!one_node) return low_latency_between_nodes(cluster, it);
    if (auto found = low_latency_in_node(book, cluster.gpu, it)) return *found;
    return unmeasured(cluster, it);
  }
  if (!find_source(book.tables, kDeepepTable, cluster.gpu)) return unmeasured(cluster, it);
  const AllToAllPrice price = all_to_all_price(
      book.tables, cluster.gpu,
      {.expert_ranks = static_cast<int>(it.ranks),
       .ranks_per_node = std::min<int>(cluster.gpus_per_node, static_cast<int>(it.ranks)),
       .tokens = static_cast<std::int64_t>(std::ceil(std::max(1.0, it.tokens))),
       .hidden = it.hidden,
       .top_k = static_cast<int>(it.top_k),
       .experts = static_cast<int>(it.experts),
       .sms = sms});
  return it.combine ? price.combine : price.dispatch;
}

}  // namespace windtunnel
