#include "kernels/gemm/tolerance.h"

#include <algorithm>
#include <cmath>

#include "kernels/ops/error.h"

namespace windtunnel::tolerance {
namespace {

constexpr double kTensorCore = 11.0 / 8;  // roundings a product, see the header
constexpr double kScaleBlock = 128;

/// An FP32 result was rounded with its last addition.
double written(double value, double error, const Format& output) {
  if (output.significand_bits == kFp32.significand_bits) return error + kFlushed;
  return stored(value, error, output);
}

}  // namespace

double gemm(double value, double magnitude, double k, const Format& output) {
  return written(value, magnitude * roundings(kTensorCore * k), output);
}

double fp8_gemm(double value, double magnitude, double loss, double k, const Format& output) {
  const double blocks = std::ceil(k / kScaleBlock);
  const double operations = std::min(k, kScaleBlock) + blocks + 2;
  const double error = (loss + magnitude * roundings(operations)) * kSecondOrder;
  return written(value, error, output);
}

}  // namespace windtunnel::tolerance
