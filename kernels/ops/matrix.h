// Row-major matrices of double: what references take and give. Their values are ones that the
// operand's format holds, because the caller rounded them (kernels/ops/rounding.h).
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace windtunnel {

/// rows x columns, not owned.
struct MatrixView {
  std::span<const double> values;
  std::int64_t rows;
  std::int64_t columns;

  double operator()(std::int64_t i, std::int64_t j) const {
    assert(0 <= i && i < rows && 0 <= j && j < columns);
    return values[static_cast<std::size_t>(i * columns + j)];
  }
};

/// rows x columns, owned.
struct Matrix {
  std::vector<double> values;
  std::int64_t rows;
  std::int64_t columns;

  double& operator()(std::int64_t i, std::int64_t j) {
    assert(0 <= i && i < rows && 0 <= j && j < columns);
    return values[static_cast<std::size_t>(i * columns + j)];
  }
  double operator()(std::int64_t i, std::int64_t j) const { return MatrixView(*this)(i, j); }
  operator MatrixView() const { return {values, rows, columns}; }

  friend bool operator==(const Matrix&, const Matrix&) = default;
};

inline Matrix zeros(std::int64_t rows, std::int64_t columns) {
  return {std::vector<double>(static_cast<std::size_t>(rows * columns)), rows, columns};
}

/// The `count` rows from `first`.
inline MatrixView rows_of(MatrixView x, std::int64_t first, std::int64_t count) {
  assert(0 <= first && 0 <= count && first + count <= x.rows);
  return {x.values.subspan(static_cast<std::size_t>(first * x.columns),
                           static_cast<std::size_t>(count * x.columns)),
          count, x.columns};
}

inline Matrix transposed(MatrixView x) {
  Matrix y = zeros(x.columns, x.rows);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) y(j, i) = x(i, j);
  }
  return y;
}

/// A computed sum, and the sum of its terms' absolute values: rounding can't do more to the first
/// than a multiple of the second.
struct Sum {
  Matrix value;
  Matrix magnitude;
};

inline Sum no_sum(std::int64_t rows, std::int64_t columns) {
  return {zeros(rows, columns), zeros(rows, columns)};
}

}  // namespace windtunnel
