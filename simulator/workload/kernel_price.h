// The one place that decides which measurement answers for a compute kernel of a training step.
#pragma once

#include "kernels/shapes/ops.h"
#include "simulator/hardware/gpu.h"
#include "simulator/hardware/price_book.h"

namespace windtunnel {

/// Two settings of a kernel: beside the other half of an overlapped pair (communication holds
/// its SMs and the memory is shared), or alone.
struct SettingPrices {
  Price paired;
  Price alone;
};

/// One launch of a compute kernel with `sms` SMs: BF16 matrix products outside the traced step (the
/// output heads) from the gemm tables, everything else from the traced step and its classes.
Price kernel_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel, int sms);

}  // namespace windtunnel
