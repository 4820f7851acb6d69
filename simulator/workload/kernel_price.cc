#include "simulator/workload/kernel_price.h"

#include <fmt/format.h>

#include <algorithm>

#include "simulator/hardware/gemm_price.h"

namespace windtunnel {

Price kernel_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel, int sms) {
  const bool product =
      kernel.operation == Operation::kGemm || kernel.operation == Operation::kWeightGradient;
  // A profile's only BF16 products are the router's, too small to speak for an output head.
  constexpr std::int64_t kSmallestTabled = 1024;
  if (product && kernel.dtype == Dtype::kBf16 &&
      std::min({kernel.m, kernel.n, kernel.k}) >= kSmallestTabled) {
    const bool weight = kernel.operation == Operation::kWeightGradient;
    const Price price =
        weight ? gemm_price(book.tables, gpu, "bfloat16", kernel.n, kernel.k, kernel.m)
               : gemm_price(book.tables, gpu, "bfloat16", kernel.m, kernel.n, kernel.k);
    return moved(price, static_cast<double>(gpu.sms) / sms, Basis::kScaled,
                 fmt::format("on {} of {} SMs", sms, gpu.sms));
  }
  return step_price(book.step, gpu, kernel, sms);
}

}  // namespace windtunnel
