#include <algorithm>
#include <cmath>

#include "kernels/ops/reference.h"

namespace windtunnel::reference {
namespace {

std::int64_t blocks(std::int64_t extent, std::int64_t block) {
  return (extent + block - 1) / block;
}

}  // namespace

double block_scale(double amax, ScaleKind kind) {
  const double scale = std::max(amax, kSmallestAmax) / kE4m3.largest;
  if (kind == ScaleKind::kExact) return scale;
  int exponent = 0;
  const bool is_power = std::frexp(scale, &exponent) == 0.5;
  return std::ldexp(1.0, is_power ? exponent - 1 : exponent);
}

Quantized quantize(MatrixView x, Block block, ScaleKind kind) {
  Quantized result{zeros(x.rows, x.columns),
                   zeros(blocks(x.rows, block.rows), blocks(x.columns, block.columns)), block};
  Matrix& scales = result.scales;
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) {
      double& amax = scales(i / block.rows, j / block.columns);
      amax = std::max(amax, std::abs(x(i, j)));
    }
  }
  for (double& value : scales.values) value = block_scale(value, kind);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) {
      result.codes(i, j) = round_to(x(i, j) / scales(i / block.rows, j / block.columns), kE4m3);
    }
  }
  return result;
}

Quantized quantize_transposed(MatrixView x, ScaleKind kind) {
  return quantize(transposed(x), kActivationBlock, kind);
}

Matrix dequantize(const Quantized& x) {
  Matrix y = x.codes;
  for (std::int64_t i = 0; i < y.rows; ++i) {
    for (std::int64_t j = 0; j < y.columns; ++j) {
      y(i, j) *= x.scales(i / x.block.rows, j / x.block.columns);
    }
  }
  return y;
}

}  // namespace windtunnel::reference
