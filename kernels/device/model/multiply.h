// wgmma inside the model: its operands, its sums, and when they land.
#pragma once

#include "kernels/device/model/grid.h"

namespace windtunnel::device::model {

/// The oldest wgmma of the warp reads shared memory and adds to its accumulator.
void land_wgmma(Warp& warp);

/// sums[16, n] (+)= a[16, k] b[k, n] in FP32, each dot product first. With `kept_bits` > 0 every
/// term is cut to that many bits below the largest, as Hopper's FP8 units do.
void multiply_add(float* sums, const float* a, const float* b, int n, int k, bool accumulate,
                  int kept_bits);

}  // namespace windtunnel::device::model
