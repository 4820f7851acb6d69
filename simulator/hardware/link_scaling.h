// Moving a time measured on one GPU to a sibling whose NVLink is slower or faster.
#pragma once

#include "simulator/hardware/gpu.h"
#include "simulator/hardware/lookup.h"
#include "simulator/hardware/surface.h"

namespace windtunnel {

/// `answer` of `surface` on `measured_on`, as it is on `asked_for`: the part of the time that grows
/// with the bytes moves by the ratio of NVLink bandwidths, the latency stays. Times that NVLink
/// doesn't bind (single-GPU kernels, transfers between nodes) stay as they are.
Answer moved_to_links(Answer answer, const Surface& surface, std::span<const double> place,
                      const Gpu& measured_on, const Gpu& asked_for);

/// The part of a time at `place` that doesn't grow with the bytes: launch, and ranks of a
/// collective.
double latency_seconds(const Surface& surface, std::span<const double> place);

/// Whether such an answer moves at all.
bool is_bound_by_nvlink(const Surface& surface);

}  // namespace windtunnel
