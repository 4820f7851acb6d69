#include <cmath>

#include "kernels/moe/reference.h"

namespace windtunnel::reference {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double weight_of(std::span<const double> weights, std::int64_t row) {
  return weights.empty() ? 1 : weights[static_cast<std::size_t>(row)];
}

}  // namespace

Matrix swiglu(MatrixView x, std::span<const double> weights) {
  const std::int64_t n = x.columns / 2;
  Matrix y = zeros(x.rows, n);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      y(i, j) = x(i, j) * sigmoid(x(i, j)) * x(i, n + j) * weight_of(weights, i);
    }
  }
  return y;
}

// With s = sigmoid(g), h = dy w:  dup = h g s,  dgate = h u s (1 + g (1 - s)),  dw = sum of dy g s
// u.
SwigluGradient swiglu_backward(MatrixView x, std::span<const double> weights, MatrixView dy) {
  const std::int64_t n = x.columns / 2;
  SwigluGradient result{no_sum(x.rows, 2 * n), no_sum(x.rows, 1)};
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      const double g = x(i, j);
      const double u = x(i, n + j);
      const double s = sigmoid(g);
      const double h = dy(i, j) * weight_of(weights, i);
      result.dx.value(i, j) = h * u * s * (1 + g * (1 - s));
      result.dx.magnitude(i, j) = std::abs(h * u) * s * (1 + std::abs(g));
      result.dx.value(i, n + j) = h * g * s;
      result.dx.magnitude(i, n + j) = std::abs(h * g) * s;
      result.dweights.value(i, 0) += dy(i, j) * g * s * u;
      result.dweights.magnitude(i, 0) += std::abs(dy(i, j) * g * s * u);
    }
  }
  return result;
}

}  // namespace windtunnel::reference
