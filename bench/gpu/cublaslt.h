// cuBLASLt's BF16 product as a case: the yardstick of ours.
#pragma once

#include "bench/cases/values.h"

namespace windtunnel::bench {

/// y[m, n] = x[m, k] w[n, k], BF16 with FP32 sums, the library's first choice of algorithm. Throws
/// std::runtime_error where the library refuses.
Prepared prepare_cublaslt(device::Gpu& gpu, const KernelShape& shape, Data data);

}  // namespace windtunnel::bench
