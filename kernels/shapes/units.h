// Quantities with a dimension. A bare number never stands for a time, a size or a rate: mixing two
// of them does not compile (tests/shapes/mixup_test.cmake builds the proof).
#pragma once

#include <cmath>
#include <compare>
#include <cstdint>

namespace windtunnel {

/// One dimension, held in its SI unit. Sums and ratios of like quantities, and scaling by a number.
template <typename Tag>
struct Quantity {
  double value;

  friend constexpr auto operator<=>(Quantity, Quantity) = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.value + b.value}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.value - b.value}; }
  friend constexpr Quantity operator*(Quantity a, double b) { return {a.value * b}; }
  friend constexpr Quantity operator*(double a, Quantity b) { return {a * b.value}; }
  friend constexpr Quantity operator/(Quantity a, double b) { return {a.value / b}; }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value / b.value; }
  constexpr Quantity& operator+=(Quantity other) {
    value += other.value;
    return *this;
  }
};

using Seconds = Quantity<struct SecondsTag>;
using Bytes = Quantity<struct BytesTag>;
using Flops = Quantity<struct FlopsTag>;
using Tokens = Quantity<struct TokensTag>;
using Dollars = Quantity<struct DollarsTag>;
using BytesPerSecond = Quantity<struct BytesPerSecondTag>;
using FlopsPerSecond = Quantity<struct FlopsPerSecondTag>;

constexpr Seconds operator/(Bytes bytes, BytesPerSecond rate) { return {bytes.value / rate.value}; }
constexpr Seconds operator/(Flops flops, FlopsPerSecond rate) { return {flops.value / rate.value}; }
constexpr BytesPerSecond operator/(Bytes bytes, Seconds time) { return {bytes.value / time.value}; }
constexpr FlopsPerSecond operator/(Flops flops, Seconds time) { return {flops.value / time.value}; }
constexpr Bytes operator*(BytesPerSecond rate, Seconds time) { return {rate.value * time.value}; }
constexpr Flops operator*(FlopsPerSecond rate, Seconds time) { return {rate.value * time.value}; }

/// The simulator's clock: whole picoseconds, exact up to 106 days.
struct Picoseconds {
  std::int64_t count;

  friend constexpr auto operator<=>(Picoseconds, Picoseconds) = default;
  friend constexpr Picoseconds operator+(Picoseconds a, Picoseconds b) {
    return {a.count + b.count};
  }
  friend constexpr Picoseconds operator-(Picoseconds a, Picoseconds b) {
    return {a.count - b.count};
  }
  constexpr Picoseconds& operator+=(Picoseconds other) {
    count += other.count;
    return *this;
  }
};

inline constexpr double kPicosecondsPerSecond = 1e12;

/// Rounds to the nearest picosecond; `time` must be finite and below 9e6 s.
inline Picoseconds to_picoseconds(Seconds time) {
  return {std::llround(time.value * kPicosecondsPerSecond)};
}

constexpr Seconds to_seconds(Picoseconds time) {
  return {static_cast<double>(time.count) / kPicosecondsPerSecond};
}

/// What a kernel does whatever runs it: arithmetic, and the least traffic to and from memory.
struct Work {
  Flops flops;
  Bytes bytes;

  friend constexpr Work operator+(Work a, Work b) { return {a.flops + b.flops, a.bytes + b.bytes}; }
};

}  // namespace windtunnel
