// What the matrix products compute, in double: the specification that a kernel is compared with,
// within kernels/gemm/tolerance.h. FP8 operands are given dequantised (reference::dequantize):
// scales differ by block of k, so the product of codes alone means nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/matrix.h"
#include "kernels/ops/reference.h"

namespace windtunnel::reference {

/// c[m, n] = a[m, k] b[n, k]: both operands' rows run along k.
Sum gemm(MatrixView a, MatrixView b);

/// Rows of a[m, k] sorted by expert, row_experts[m] naming each row's, -1 for padding, whose rows
/// of a are 0 and give 0; weights[experts * n, k] one expert after another. Returns [m, n].
Sum grouped_gemm_contiguous(MatrixView a, MatrixView weights, std::int64_t experts,
                            std::span<const std::int32_t> row_experts);

/// Expert e has a's rows e * capacity to e * capacity + counts[e]; the kernel leaves other rows of
/// c as they are, and the reference gives 0. a[experts * capacity, k], weights[experts * n, k].
Sum grouped_gemm_masked(MatrixView a, MatrixView weights, std::span<const std::int64_t> counts);

/// dw[experts * n, k] += dy_e^T x_e over the rows offsets[e] to offsets[e + 1] of dy[rows, n] and
/// x[rows, k]; dw in FP32, so an expert without rows keeps what it had.
Sum grouped_weight_gradient(MatrixView dw, MatrixView dy, MatrixView x,
                            std::span<const std::int64_t> offsets);

/// How much the 14-bit accumulator of FP8's tensor cores may lose of each c[m, n], given the
/// quantised operands, both scaled in blocks of 128 along k: see kernels/gemm/tolerance.h.
Matrix fp8_accumulation_loss(const Quantized& a, const Quantized& b);

}  // namespace windtunnel::reference
