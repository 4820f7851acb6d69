// A collective inside one node, standing alone.
#pragma once

#include <string_view>

#include "kernels/shapes/units.h"
#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// NCCL's `op` (all_gather, all_reduce, reduce_scatter, alltoall) among `ranks` GPUs of a node,
/// with a buffer of `bytes` as nccl-tests counts it (2-byte elements). On a GPU with slower links,
/// the sibling's time moves by the NVLink ratio except for its latency. Throws
/// std::invalid_argument for an unknown op or a GPU without measurements.
Price collective_price(const MeasurementStore& store, const Gpu& gpu, std::string_view op,
                       int ranks, Bytes bytes);

}  // namespace windtunnel
