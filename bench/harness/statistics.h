// What is said of samples: order statistics, and whether two sets of them differ.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace windtunnel::bench {

/// One timing: nanoseconds of one launch, and the SM clock beside it.
struct Sample {
  double ns;
  double mhz;

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// Clocks that the launch took.
constexpr double cycles(const Sample& sample) { return sample.ns * sample.mhz / 1000; }

/// Order statistics, linear between neighbours. `noise` is (q3 - q1) / median.
struct Summary {
  std::size_t n;
  double least;
  double p10;
  double q1;
  double median;
  double q3;
  double p90;
  double noise;
};

/// Nothing for no values, or where one isn't a positive finite number.
std::optional<Summary> summarize(std::span<const double> values);

/// Of the samples' times, clocks taken, or SM clocks.
std::optional<Summary> summarize_ns(std::span<const Sample> samples);
std::optional<Summary> summarize_cycles(std::span<const Sample> samples);
std::optional<Summary> summarize_mhz(std::span<const Sample> samples);

enum class Difference { kFaster, kSlower, kSame, kUndecided };

/// Whether `now` differs from `base`. The interval of each is [least, q3]; only intervals without a
/// common point differ, and only if those of the clocks taken differ the same way: else the GPU's
/// clock changed, not the kernel, and the answer is kUndecided, as it is without samples.
Difference compare(std::span<const Sample> base, std::span<const Sample> now);

std::string_view difference_name(Difference difference);

}  // namespace windtunnel::bench
