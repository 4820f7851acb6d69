#include <cmath>

#include "kernels/ops/reference.h"

namespace windtunnel::reference {
namespace {

Sum turned(MatrixView x, MatrixView cosines, MatrixView sines, double direction) {
  assert(x.columns == 2 * cosines.columns && x.columns == 2 * sines.columns);
  Sum y = no_sum(x.rows, x.columns);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < cosines.columns; ++j) {
      const double a = x(i, 2 * j);
      const double b = x(i, 2 * j + 1);
      const double c = cosines(i, j);
      const double s = direction * sines(i, j);
      y.value(i, 2 * j) = a * c - b * s;
      y.value(i, 2 * j + 1) = a * s + b * c;
      y.magnitude(i, 2 * j) = std::abs(a * c) + std::abs(b * s);
      y.magnitude(i, 2 * j + 1) = std::abs(a * s) + std::abs(b * c);
    }
  }
  return y;
}

}  // namespace

Sum rope(MatrixView x, MatrixView cosines, MatrixView sines) {
  return turned(x, cosines, sines, 1);
}

Sum rope_backward(MatrixView dy, MatrixView cosines, MatrixView sines) {
  return turned(dy, cosines, sines, -1);
}

}  // namespace windtunnel::reference
