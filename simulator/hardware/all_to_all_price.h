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

/// As the deepep_normal table answers for the GPU (H800: its authors' bandwidths, and H100's rows
/// moved to them), nodes of eight; numbers of nodes between two measured ones are interpolated,
/// beyond them the nearest answers, outside the range. Routing is limited to four nodes. Throws
/// std::invalid_argument for shapes without positive sizes and for a GPU without measurements.
AllToAllPrice all_to_all_price(const MeasurementStore& store, const Gpu& gpu,
                               const AllToAllShape& shape);

}  // namespace windtunnel
