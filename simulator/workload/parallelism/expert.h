// Expert parallelism: what dispatch and combine move, over which links.
#pragma once

#include "kernels/shapes/units.h"

namespace windtunnel {

/// The part of routing that decides traffic: each token chooses `top_k` experts on at most
/// `node_limit` nodes (0 = no limit), out of `ranks` GPUs in nodes of `ranks_per_node`.
struct ExpertTraffic {
  int ranks;
  int ranks_per_node;
  int top_k;
  int node_limit;
};

/// Expected number of distinct nodes a token is sent to, its own included.
double nodes_per_token(const ExpertTraffic& traffic);

/// Expected number of distinct GPUs a token is sent to, its own included: the rows a GPU receives
/// before they are copied to each of its experts, divided by its tokens.
double ranks_per_token(const ExpertTraffic& traffic);

/// Bytes that leave one GPU's NIC and its NVLink port when `tokens` rows of `row_bytes` each go
/// through two hops: to the same-index GPU of each destination node, then inside that node.
struct HopBytes {
  Bytes scale_out;
  Bytes scale_up;
};

HopBytes dispatch_bytes(const ExpertTraffic& traffic, double tokens, Bytes row_bytes);

/// One row as dispatched in FP8 with an FP32 scale for each 128 channels (V3 report 3.3.2).
Bytes fp8_row(int hidden);

/// One row as combined in BF16.
Bytes bf16_row(int hidden);

}  // namespace windtunnel
