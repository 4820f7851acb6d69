#include "kernels/mla/tolerance.h"

#include <cmath>

#include "kernels/ops/error.h"

namespace windtunnel::tolerance {
namespace {

constexpr double kTensorCore = 11.0 / 8;  // roundings a product
constexpr double kBf16Unit = 0x1p-8;

/// What the relative errors of products leave out, with BF16's among them.
constexpr double kCross = 1 + 0x1p-6;

}  // namespace

double attention_probability(const AttentionBound& bound) {
  const double exponent = bound.reach * (roundings(kTensorCore * bound.qk) + 9 * kUnit) +
                          2 * kUnit * std::log(bound.keys);
  return (exponent + kEx2Error + bound.tiles * (kEx2Error + 2 * kUnit)) * kCross;
}

double attention_output(double o, double magnitude, const AttentionBound& bound) {
  const double terms = kBf16Unit + roundings(kTensorCore * bound.keys);
  const double sum = roundings(bound.keys) + kRcpError + roundings(2);
  const double relative = 2 * attention_probability(bound) + terms + sum;
  return stored(o, magnitude * relative * kCross, kBf16);
}

double attention_lse(double lse, const AttentionBound& bound) {
  const double sum = attention_probability(bound) + roundings(bound.keys);
  const double logarithm = std::fmax(1, std::log2(bound.keys)) * kLg2Error;
  return (sum + logarithm) * kCross + (std::abs(lse) + bound.reach) * roundings(4);
}

double attention_delta(double magnitude, const AttentionBound& bound) {
  return magnitude * roundings(bound.v) + kFlushed;
}

double attention_dv(double dv, double magnitude, const AttentionBound& bound) {
  const double relative =
      attention_probability(bound) + kBf16Unit + roundings(kTensorCore * bound.keys);
  return stored(dv, magnitude * relative * kCross, kBf16);
}

double attention_dqk(double value, double magnitude, double parts, const AttentionBound& bound) {
  const double relative = attention_probability(bound) + 2 * kBf16Unit +
                          roundings(kTensorCore * bound.keys + bound.tiles + 4);
  const double cancelled = parts * roundings(kTensorCore * bound.v + 1);
  return stored(value, (magnitude * relative + cancelled) * kCross, kBf16);
}

}  // namespace windtunnel::tolerance
