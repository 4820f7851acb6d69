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

}  // namespace windtunnel::reference
