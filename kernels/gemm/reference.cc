#include "kernels/gemm/reference.h"

#include <algorithm>
#include <cmath>

namespace windtunnel::reference {
namespace {

/// c's rows from `first` become a b^T.
void multiply(MatrixView a, MatrixView b, Sum& c, std::int64_t first) {
  assert(a.columns == b.columns && b.rows == c.value.columns);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    for (std::int64_t j = 0; j < b.rows; ++j) {
      double value = 0;
      double magnitude = 0;
      for (std::int64_t k = 0; k < a.columns; ++k) {
        value += a(i, k) * b(j, k);
        magnitude += std::abs(a(i, k) * b(j, k));
      }
      c.value(first + i, j) = value;
      c.magnitude(first + i, j) = magnitude;
    }
  }
}

}  // namespace

Sum gemm(MatrixView a, MatrixView b) {
  Sum c = no_sum(a.rows, b.rows);
  multiply(a, b, c, 0);
  return c;
}

Sum grouped_gemm_contiguous(MatrixView a, MatrixView weights, std::int64_t experts,
                            std::span<const std::int32_t> row_experts) {
  const std::int64_t n = weights.rows / experts;
  Sum c = no_sum(a.rows, n);
  for (std::int64_t i = 0; i < a.rows; ++i) {
    const std::int32_t expert = row_experts[static_cast<std::size_t>(i)];
    if (expert >= 0) multiply(rows_of(a, i, 1), rows_of(weights, expert * n, n), c, i);
  }
  return c;
}

Sum grouped_gemm_masked(MatrixView a, MatrixView weights, std::span<const std::int64_t> counts) {
  const std::int64_t capacity = a.rows / std::ssize(counts);
  const std::int64_t n = weights.rows / std::ssize(counts);
  Sum c = no_sum(a.rows, n);
  for (std::int64_t e = 0; e < std::ssize(counts); ++e) {
    const std::int64_t count = counts[static_cast<std::size_t>(e)];
    assert(0 <= count && count <= capacity);
    multiply(rows_of(a, e * capacity, count), rows_of(weights, e * n, n), c, e * capacity);
  }
  return c;
}

Sum grouped_weight_gradient(MatrixView dw, MatrixView dy, MatrixView x,
                            std::span<const std::int64_t> offsets) {
  const std::int64_t experts = std::ssize(offsets) - 1;
  const std::int64_t n = dy.columns;
  Sum result = no_sum(experts * n, x.columns);
  for (std::int64_t e = 0; e < experts; ++e) {
    const std::int64_t first = offsets[static_cast<std::size_t>(e)];
    const std::int64_t count = offsets[static_cast<std::size_t>(e) + 1] - first;
    multiply(transposed(rows_of(dy, first, count)), transposed(rows_of(x, first, count)), result,
             e * n);
  }
  for (std::size_t i = 0; i < dw.values.size(); ++i) {
    result.value.values[i] += dw.values[i];
    result.magnitude.values[i] += std::abs(dw.values[i]);
  }
  return result;
}

}  // namespace windtunnel::reference
