#include <cmath>

#include "kernels/ops/reference.h"

namespace windtunnel::reference {

Matrix embed(MatrixView table, std::span<const std::int64_t> tokens) {
  Matrix y = zeros(std::ssize(tokens), table.columns);
  for (std::int64_t i = 0; i < y.rows; ++i) {
    const std::int64_t token = tokens[static_cast<std::size_t>(i)];
    for (std::int64_t j = 0; j < y.columns; ++j) y(i, j) = table(token, j);
  }
  return y;
}

Sum embed_backward(MatrixView table_gradient, std::span<const std::int64_t> tokens, MatrixView dy) {
  assert(dy.rows == std::ssize(tokens) && dy.columns == table_gradient.columns);
  Sum sum = no_sum(table_gradient.rows, table_gradient.columns);
  const auto add = [&](std::int64_t row, std::int64_t column, double term) {
    sum.value(row, column) += term;
    sum.magnitude(row, column) += std::abs(term);
  };
  for (std::int64_t i = 0; i < table_gradient.rows; ++i) {
    for (std::int64_t j = 0; j < dy.columns; ++j) add(i, j, table_gradient(i, j));
  }
  for (std::int64_t i = 0; i < dy.rows; ++i) {
    const std::int64_t token = tokens[static_cast<std::size_t>(i)];
    for (std::int64_t j = 0; j < dy.columns; ++j) add(token, j, dy(i, j));
  }
  return sum;
}

}  // namespace windtunnel::reference
