// Kernels as plain FP32 loops, to ask tolerances what they let through. PTX's approximations are
// taken at their worst: the right value, off by all that the ISA grants, up or down.
#pragma once

#include <cmath>

#include "kernels/ops/error.h"
#include "kernels/ops/rounding.h"

namespace windtunnel::single {

inline float number(double x) { return static_cast<float>(x); }

/// Which way approximations err: +1 or -1.
struct Approximations {
  double sign;

  float ex2(float x) const { return number(std::exp2(x) * (1 + sign * kEx2Error * 0.9)); }
  float rcp(float x) const {
    return number(1 / static_cast<double>(x) * (1 + sign * kRcpError * 0.5));
  }
  float rsqrt(float x) const {
    return number(1 / std::sqrt(static_cast<double>(x)) * (1 + sign * kRsqrtError * 0.7));
  }
  float exp(float x) const { return ex2(x * 1.44269504F); }
  float sigmoid(float x) const { return rcp(1.0F + exp(-x)); }
};
inline constexpr Approximations kApproximations[] = {{-1}, {1}};

/// A bound in FP32's unit roundoff, to be compared with a sum made by hand.
inline double units(double bound) { return bound / kUnit; }
/// The same of a bound around 1 in BF16, without the half spacing of the store.
inline double units_of_stored(double bound) { return units(bound - 0x1p-8); }

inline double bf16(float x) { return round_to(x, kBf16); }

}  // namespace windtunnel::single
