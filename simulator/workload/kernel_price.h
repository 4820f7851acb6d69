// The one place that decides which measurement answers for a compute kernel of a training step.
#pragma once

#include <optional>

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

/// One launch where a table of kernels standing alone answers, and not the traced step.
std::optional<Price> tabled_kernel_price(const PriceBook& book, const Gpu& gpu,
                                         const KernelShape& kernel, int sms);

/// One launch of a compute kernel with `sms` SMs: as the traced step has it; where that does not,
/// BF16 matrix products (batched ones as one) from the gemm tables and forward attention from those
/// of prompts; anything else by the step's classes of kernels.
Price kernel_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel, int sms);

}  // namespace windtunnel
