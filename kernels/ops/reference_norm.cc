#include <cmath>

#include "kernels/ops/reference.h"

namespace windtunnel::reference {
namespace {

double inverse_root(MatrixView x, std::int64_t i, double epsilon) {
  double squares = 0;
  for (std::int64_t j = 0; j < x.columns; ++j) squares += x(i, j) * x(i, j);
  return 1 / std::sqrt(squares / static_cast<double>(x.columns) + epsilon);
}

double at(std::span<const double> values, std::int64_t j) {
  return values[static_cast<std::size_t>(j)];
}

}  // namespace

Matrix rms_norm(MatrixView x, std::span<const double> gamma, double epsilon) {
  Matrix y = zeros(x.rows, x.columns);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    const double r = inverse_root(x, i, epsilon);
    for (std::int64_t j = 0; j < x.columns; ++j) y(i, j) = x(i, j) * r * at(gamma, j);
  }
  return y;
}

ResidualNorm rms_norm_residual(MatrixView x, MatrixView residual, std::span<const double> gamma,
                               double epsilon) {
  Matrix stream = cast(added(x, residual), kBf16);
  Matrix y = rms_norm(stream, gamma, epsilon);
  return {std::move(stream), std::move(y)};
}

// With z_j = x_j r and g_j = dy_j gamma_j: dr/dx_k = -r^3 x_k / n, so
//   dx_k = r (g_k - z_k mean_j(g_j z_j)),   dgamma_j = sum over rows of dy_j z_j.
NormGradient rms_norm_backward(MatrixView x, std::span<const double> gamma, double epsilon,
                               MatrixView dy) {
  const std::int64_t n = x.columns;
  NormGradient result{no_sum(x.rows, n), no_sum(1, n)};
  for (std::int64_t i = 0; i < x.rows; ++i) {
    const double r = inverse_root(x, i, epsilon);
    double mean = 0;
    double mean_size = 0;
    for (std::int64_t j = 0; j < n; ++j) {
      const double term = dy(i, j) * at(gamma, j) * x(i, j) * r / static_cast<double>(n);
      mean += term;
      mean_size += std::abs(term);
      result.dgamma.value(0, j) += dy(i, j) * x(i, j) * r;
      result.dgamma.magnitude(0, j) += std::abs(dy(i, j) * x(i, j) * r);
    }
    for (std::int64_t j = 0; j < n; ++j) {
      const double g = dy(i, j) * at(gamma, j);
      const double z = x(i, j) * r;
      result.dx.value(i, j) = r * (g - z * mean);
      result.dx.magnitude(i, j) = r * (std::abs(g) + std::abs(z) * mean_size);
    }
  }
  return result;
}

}  // namespace windtunnel::reference
