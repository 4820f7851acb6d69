// The rules from which every tolerance is derived (Higham, Accuracy and Stability of Numerical
// Algorithms, ch. 3 and 4). Write u = 2^-24, FP32's unit roundoff: one operation returns the exact
// result times 1 + d, |d| <= u. Then
//   n operations in a row:          relative error at most roundings(n) = n u / (1 - n u);
//   a sum along `depth` additions:  error at most roundings(depth) times the sum of |terms|;
//   a function of an argument off by e: f's slope times e, plus the error of f itself;
//   storing y, known to within e, in a format: e plus half the format's spacing at |y| + e.
// What a bound rests on is all in these lines: the inputs are exact, so nothing else is lost.
#pragma once

#include <cmath>

#include "kernels/ops/rounding.h"

namespace windtunnel {

inline constexpr double kUnit = 0x1p-24;

// Relative errors that the PTX ISA grants its approximations, rounded up to a power of two
// (rsqrt: 2^-22.9; ex2, rcp: at most 2 and 1 units in the last place; lg2 absolute in (0.5, 2)).
inline constexpr double kEx2Error = 0x1p-22;
inline constexpr double kLg2Error = 0x1p-22;
inline constexpr double kRcpError = 0x1p-23;
inline constexpr double kRsqrtError = 0x1p-22;

/// Relative errors are added where they multiply; this covers the products left out, as long as
/// their sum stays below 2^-9.
inline constexpr double kSecondOrder = 1 + 0x1p-8;

/// The .ftz forms turn results below this into 0.
inline constexpr double kFlushed = 0x1p-126;

/// Relative error of `operations` roundings in a row.
constexpr double roundings(double operations) {
  return operations * kUnit / (1 - operations * kUnit);
}

/// Error of a result `value`, known to `error`, after it was rounded to `format`.
inline double stored(double value, double error, const Format& format) {
  const double reached = std::abs(value) + error;
  return error + kFlushed + spacing(reached, format) / 2;
}

}  // namespace windtunnel
