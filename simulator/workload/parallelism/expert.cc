#include "simulator/workload/parallelism/expert.h"

#include <algorithm>
#include <cmath>

namespace windtunnel {
namespace {

/// Expected number of distinct boxes hit by `throws` independent uniform throws into `boxes`.
double distinct(double boxes, double throws) {
  return boxes * (1 - std::pow(1 - 1 / boxes, throws));
}

int node_count(const ExpertTraffic& traffic) {
  return std::max(1, traffic.ranks / traffic.ranks_per_node);
}

int local_ranks(const ExpertTraffic& traffic) {
  return std::min(traffic.ranks, traffic.ranks_per_node);
}

}  // namespace

double nodes_per_token(const ExpertTraffic& traffic) {
  const int nodes = node_count(traffic);
  if (nodes == 1) return 1;
  // A node limit below the number of nodes is used up: the router picks exactly that many groups.
  if (traffic.node_limit > 0 && traffic.node_limit < nodes) {
    return std::min(traffic.node_limit, traffic.top_k);
  }
  return distinct(nodes, traffic.top_k);
}

double ranks_per_token(const ExpertTraffic& traffic) {
  const int local = local_ranks(traffic);
  if (local == 1) return nodes_per_token(traffic);
  const double nodes = nodes_per_token(traffic);
  return nodes * distinct(local, traffic.top_k / nodes);
}

HopBytes dispatch_bytes(const ExpertTraffic& traffic, double tokens, Bytes row_bytes) {
  const int nodes = node_count(traffic);
  const int local = local_ranks(traffic);
  const double remote_nodes = nodes_per_token(traffic) * (nodes - 1) / nodes;
  const double other_ranks = ranks_per_token(traffic) * (local - 1) / local;
  return {.scale_out = row_bytes * (tokens * remote_nodes),
          .scale_up = row_bytes * (tokens * other_ranks)};
}

Bytes fp8_row(int hidden) { return {hidden + 4.0 * std::ceil(hidden / 128.0)}; }

Bytes bf16_row(int hidden) { return {2.0 * hidden}; }

}  // namespace windtunnel
