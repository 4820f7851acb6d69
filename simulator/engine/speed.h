// How far an op has come, without rounding. A speed is a whole number of 2^-60 parts of full speed,
// and what is left of an op counts parts times picoseconds, so time spent at a speed is subtracted
// exactly: when an op ends depends on the speeds it had and not on how often they were looked at.
// Only time_to_end() rounds, once for a completion.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>

#include "kernels/shapes/units.h"

namespace windtunnel {

__extension__ using Int128 = __int128;

/// Speed of an op relative to running alone: 0 (standing still) to kFullSpeed.
struct Speed {
  std::int64_t parts;

  friend constexpr auto operator<=>(Speed, Speed) = default;
};

inline constexpr int kSpeedBits = 60;
inline constexpr Speed kStandstill{0};
inline constexpr Speed kFullSpeed{std::int64_t{1} << kSpeedBits};

/// The last time an op may end: 53 days.
inline constexpr Picoseconds kEndOfClock{std::int64_t{1} << 62};

/// What is left to do of an op, in picoseconds at full speed times 2^60.
struct Remaining {
  Int128 parts;
};

constexpr Remaining remaining_of(Picoseconds work) { return {Int128{work.count} << kSpeedBits}; }

/// What is left after `elapsed` at `speed`; exact.
constexpr Remaining progress(Remaining remaining, Speed speed, Picoseconds elapsed) {
  return {remaining.parts - Int128{speed.parts} * elapsed.count};
}

/// Time until nothing is left, to the nearest picosecond (halves up); `speed` is above zero.
constexpr Picoseconds time_to_end(Remaining remaining, Speed speed) {
  assert(speed > kStandstill && remaining.parts >= 0);
  const Int128 time = speed == kFullSpeed ? (remaining.parts + kFullSpeed.parts / 2) >> kSpeedBits
                                          : (2 * remaining.parts + speed.parts) / (2 * speed.parts);
  assert(time <= kEndOfClock.count);
  return {static_cast<std::int64_t>(time)};
}

}  // namespace windtunnel
