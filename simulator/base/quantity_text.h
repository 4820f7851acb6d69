// Quantities as people write them: "400 GB/s", "14.8 T", "64 GiB", "2 us", "989.4 TFLOPS", "2 USD".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// The dimensions of units.h, as a value.
enum class Dimension {
  kSeconds,
  kBytes,
  kFlops,
  kTokens,
  kDollars,
  kBytesPerSecond,
  kFlopsPerSecond
};

template <typename Q>
inline constexpr std::optional<Dimension> kDimensionOf = std::nullopt;
template <>
inline constexpr std::optional<Dimension> kDimensionOf<Seconds> = Dimension::kSeconds;
template <>
inline constexpr std::optional<Dimension> kDimensionOf<Bytes> = Dimension::kBytes;
template <>
inline constexpr std::optional<Dimension> kDimensionOf<Flops> = Dimension::kFlops;
template <>
inline constexpr std::optional<Dimension> kDimensionOf<Tokens> = Dimension::kTokens;
template <>
inline constexpr std::optional<Dimension> kDimensionOf<Dollars> = Dimension::kDollars;
template <>
inline constexpr std::optional<Dimension> kDimensionOf<BytesPerSecond> = Dimension::kBytesPerSecond;
template <>
inline constexpr std::optional<Dimension> kDimensionOf<FlopsPerSecond> = Dimension::kFlopsPerSecond;

/// `text` in SI units (s, B, FLOP, tokens, USD, B/s, FLOP/s), finite; nullopt where the number or
/// the unit is missing or unknown.
std::optional<double> parse_quantity(std::string_view text, Dimension dimension);

template <typename Q>
std::optional<Q> parse_quantity(std::string_view text) {
  static_assert(kDimensionOf<Q>, "a quantity of units.h");
  const std::optional<double> value = parse_quantity(text, *kDimensionOf<Q>);
  return value ? std::optional<Q>(Q{*value}) : std::nullopt;
}

/// `value` (SI) in the unit that keeps it readable: "400 GB/s"; parse_quantity reads it back, to
/// six digits.
std::string quantity_text(double value, Dimension dimension);

template <typename Tag>
std::string quantity_text(Quantity<Tag> quantity) {
  return quantity_text(quantity.value, *kDimensionOf<Quantity<Tag>>);
}

/// What it is called: "a duration", "a data rate", ...
std::string dimension_name(Dimension dimension);

/// Its units, in order of size: "ns, us, ms, s, min, h".
std::string dimension_units(Dimension dimension);

/// A regular expression of what parse_quantity reads, but for the size of the number; without a
/// minus unless `negative`.
std::string dimension_pattern(Dimension dimension, bool negative);

/// One of them as an example, with its quotes: "\"400 GB/s\"".
std::string dimension_example(Dimension dimension);

}  // namespace windtunnel
