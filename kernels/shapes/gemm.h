// Work of matrix products: dense, grouped by expert, and their weight gradients.
#pragma once

#include "kernels/shapes/units.h"

namespace windtunnel {

/// y[m, n] = x[m, k] w[n, k] for each of `groups` weights, which share the m rows; x and w of
/// `element` bytes, y in BF16.
constexpr Work gemm_work(double m, double n, double k, double groups, double element) {
  return {Flops{2 * m * n * k}, Bytes{element * (m * k + groups * n * k) + 2 * m * n}};
}

/// `groups` products y[m, n] = x[m, k] w[n, k] in BF16, each with its own x and w.
constexpr Work batched_gemm_work(double m, double n, double k, double groups) {
  return {Flops{2 * groups * m * n * k}, Bytes{2 * groups * (m * k + n * k + m * n)}};
}

/// dw[n, k] += dy[m, n] x[m, k], dw read and written in FP32.
constexpr Work weight_gradient_work(double m, double n, double k, double element) {
  return {Flops{2 * m * n * k}, Bytes{element * m * (n + k) + 8 * n * k}};
}

}  // namespace windtunnel
