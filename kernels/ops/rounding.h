// The formats that kernels read and write, as pure functions on double: round to nearest, ties to
// even, once. A kernel that rounds an FP32 result rounds twice; tolerances count both.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace windtunnel {

/// A binary floating-point format.
struct Format {
  int significand_bits;   ///< the leading one counted
  int smallest_exponent;  ///< the smallest subnormal is 2 to this
  double largest;
  bool saturates;  ///< what is larger becomes `largest`, not infinity
};

inline constexpr Format kFp32{24, -149, 0x1.fffffep127, false};
inline constexpr Format kBf16{8, -133, 0x1.fep127, false};
/// The OCP format e4m3fn as PTX's cvt.rn.satfinite writes it: no infinity, one NaN.
inline constexpr Format kE4m3{4, -9, 448.0, true};

/// Distance of the format's numbers around |value|, `value` finite.
inline double spacing(double value, const Format& format) {
  if (value == 0) return std::ldexp(1.0, format.smallest_exponent);
  int exponent = 0;  // |value| lies in [2^(exponent - 1), 2^exponent)
  std::frexp(value, &exponent);
  return std::ldexp(1.0, std::max(exponent - format.significand_bits, format.smallest_exponent));
}

/// The format's number next to `value`, of two equally near the one whose last bit is 0; NaN stays.
inline double round_to(double value, const Format& format) {
  if (std::isnan(value)) return value;
  double rounded = value;
  if (std::isfinite(value)) {
    const double unit = spacing(value, format);
    rounded = std::nearbyint(value / unit) * unit;
  }
  if (std::abs(rounded) <= format.largest) return rounded;
  return std::copysign(format.saturates ? format.largest : std::numeric_limits<double>::infinity(),
                       value);
}

inline double bf16_value(std::uint16_t code) {
  return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(code) << 16U));
}

/// The code of the nearest BF16; 0x7FFF for NaN, as PTX's cvt writes it.
inline std::uint16_t bf16_code(double value) {
  if (std::isnan(value)) return 0x7FFF;
  const auto exact = static_cast<float>(round_to(value, kBf16));
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(exact) >> 16U);
}

inline double e4m3_value(std::uint8_t code) {
  const int exponent = (code >> 3U) & 15U;
  const int mantissa = code & 7U;
  if (exponent == 15 && mantissa == 7) return std::numeric_limits<double>::quiet_NaN();
  const double value =
      exponent == 0 ? std::ldexp(mantissa, -9) : std::ldexp(8 + mantissa, exponent - 10);
  return (code & 0x80U) != 0 ? -value : value;
}

/// The code of the nearest e4m3, +-448 beyond; 0x7F for NaN.
inline std::uint8_t e4m3_code(double value) {
  if (std::isnan(value)) return 0x7F;
  const double size = std::abs(round_to(value, kE4m3));
  const unsigned sign = std::signbit(value) ? 0x80U : 0U;
  if (size < 0x1p-6) return static_cast<std::uint8_t>(sign + static_cast<unsigned>(size * 0x1p9));
  const int exponent = std::ilogb(size);
  const auto mantissa = static_cast<unsigned>(std::ldexp(size, 3 - exponent)) - 8U;
  return static_cast<std::uint8_t>(sign + (static_cast<unsigned>(exponent + 7) << 3U) + mantissa);
}

}  // namespace windtunnel
