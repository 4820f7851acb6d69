// Expert dispatch and combine standing alone, not beside compute, without waiting for other ranks.
#pragma once

#include <cstdint>

#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// `tokens` of a rank, each of `hidden` values to `top_k` of `experts` experts that are spread over
/// `expert_ranks` GPUs, `ranks_per_node` in a node; `sms` SMs carry the communication kernels.
struct AllToAllShape {
  int expert_ranks;
  int ranks_per_node;
  std::int64_t tokens;
  std::int64_t hidden;
  int top_k;
  int experts;
  int sms;
};

/// Dispatch in FP8 with its scales, combine in BF16.
struct AllToAllPrice {
  Price dispatch;
  Price combine;
};

/// On H800 from the bandwidths that DeepEP's authors publish (4096 tokens of 7168 values), on H100
/// and H200 from the deepep_normal tables. Routing is limited to four nodes. Throws
/// std::invalid_argument for shapes without positive sizes and for a GPU without measurements.
AllToAllPrice all_to_all_price(const MeasurementStore& store, const Gpu& gpu,
                               const AllToAllShape& shape);

/// Distinct groups out of `groups` equal groups of experts that a token meets whose `top_k` experts
/// are drawn at random, all different, from those of `limit` groups at most: the expected number.
double expected_groups(int groups, int experts, int top_k, int limit);

}  // namespace windtunnel
