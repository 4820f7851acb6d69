#include <cmath>

#include "kernels/ops/reference.h"

namespace windtunnel::reference {

Matrix scaled(MatrixView x, double factor) {
  Matrix y = zeros(x.rows, x.columns);
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] = x.values[i] * factor;
  return y;
}

Matrix added(MatrixView x, MatrixView y) {
  assert(x.rows == y.rows && x.columns == y.columns);
  Matrix z = zeros(x.rows, x.columns);
  for (std::size_t i = 0; i < z.values.size(); ++i) z.values[i] = x.values[i] + y.values[i];
  return z;
}

Matrix cast(MatrixView x, const Format& format) {
  Matrix y = zeros(x.rows, x.columns);
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] = round_to(x.values[i], format);
  return y;
}

AdamState adam(const AdamRule& rule, const AdamState& before, double gradient) {
  const double mean = rule.beta1 * before.mean + (1 - rule.beta1) * gradient;
  const double square = rule.beta2 * before.square + (1 - rule.beta2) * gradient * gradient;
  const double root = std::sqrt(square * rule.square_correction) + rule.epsilon;
  const double change = mean * rule.mean_correction / root + rule.decay * before.weight;
  return {before.weight - rule.rate * change, mean, square};
}

}  // namespace windtunnel::reference
