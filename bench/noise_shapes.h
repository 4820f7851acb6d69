// Invented benchmark results with known truth: what machines do to times, drawn from a seed.
#pragma once

#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "reports/compare/result_set.h"
#include "simulator/base/random.h"

namespace windtunnel {

enum class NoiseShape {
  kNormal,          ///< 1 %
  kHeavyTails,      ///< 1 % times Student's t with two degrees of freedom
  kSpikes,          ///< 1 %, and one sample in ten up to 50 % longer
  kWarmUp,          ///< 1 %, and every benchmark rises by up to 6 % while it is measured
  kFileDrift,       ///< 1 %, and the file rises by up to 5 % from its first to its last sample
  kWander,          ///< a clock that forgets slowly (0.9 a sample), 1 % in all, over the whole file
  kTwoClocks,       ///< 1 %, and each sample on one of two clocks 5 % apart
  kStickyClock,     ///< the same, but the clock changes only every thirty samples or so
  kLongClock,       ///< every ninety or so
  kBenchmarkClock,  ///< each benchmark on one of two clocks 5 % apart
  kFileClock,       ///< each file on one of them
};

inline constexpr std::array kNoiseShapes = {
    NoiseShape::kNormal,         NoiseShape::kHeavyTails,  NoiseShape::kSpikes,
    NoiseShape::kWarmUp,         NoiseShape::kFileDrift,   NoiseShape::kWander,
    NoiseShape::kTwoClocks,      NoiseShape::kStickyClock, NoiseShape::kLongClock,
    NoiseShape::kBenchmarkClock, NoiseShape::kFileClock};

inline std::string_view noise_name(NoiseShape shape) {
  constexpr std::array<std::string_view, 11> kNames = {
      "normal",        "heavy tails", "spikes",       "warm-up",    "file drift",
      "wander",        "two clocks",  "sticky clock", "long clock", "a clock a benchmark",
      "a clock a file"};
  return kNames[static_cast<std::size_t>(shape)];
}

/// One file: `benchmarks` of `samples` each. `seed` decides everything; benchmark `slow` (none: -1)
/// takes `factor` times as long. With `clocks` each sample has its SM clock beside it.
struct InventedFile {
  NoiseShape shape;
  std::uint64_t seed;
  int benchmarks = 20;
  int samples = 9;
  int slow = -1;
  double factor = 1;
  bool clocks = false;
};

/// What slows sample `i` of `n` of a benchmark beside its own noise, and by how much the clock.
class Machine {
 public:
  explicit Machine(const InventedFile& file)
      : file_(file),
        state_(normal(mix(file.seed, 1, 0))),
        slow_clock_(uniform(mix(file.seed, 1, 1)) < 0.5),
        drift_(0.05 * uniform(mix(file.seed, 1, 2))) {}

  /// The factor on the clock's period for the next sample, `at` of all in the file.
  double next(int at, double within) {
    const auto draw = static_cast<std::uint64_t>(at);
    const double all = file_.benchmarks * file_.samples;
    switch (file_.shape) {
      case NoiseShape::kWarmUp:
        return 1 + 2 * 0.6 * drift_ * within;
      case NoiseShape::kFileDrift:
        return 1 + drift_ * at / all;
      case NoiseShape::kWander:
        state_ = 0.9 * state_ + std::sqrt(1 - 0.81) * normal(mix(file_.seed, 2, draw));
        return 1 + 0.01 * state_;
      case NoiseShape::kTwoClocks:
        return uniform(mix(file_.seed, 2, draw)) < 0.5 ? 1.05 : 1;
      case NoiseShape::kStickyClock:
      case NoiseShape::kLongClock: {
        const double stays = file_.shape == NoiseShape::kStickyClock ? 30 : 90;
        if (uniform(mix(file_.seed, 2, draw)) < 1 / stays) slow_clock_ = !slow_clock_;
        return slow_clock_ ? 1.05 : 1;
      }
      case NoiseShape::kBenchmarkClock:
        if (within <= 0) slow_clock_ = uniform(mix(file_.seed, 2, draw)) < 0.5;
        return slow_clock_ ? 1.05 : 1;
      case NoiseShape::kFileClock:
        return slow_clock_ ? 1.05 : 1;
      default:
        return 1;
    }
  }

 private:
  InventedFile file_;
  double state_;
  bool slow_clock_;
  double drift_;
};

inline double own_noise(NoiseShape shape, std::uint64_t seed) {
  const double gauss = normal(mix(seed, 1));
  if (shape == NoiseShape::kHeavyTails) {
    const double other = normal(mix(seed, 2));
    const double third = normal(mix(seed, 3));
    const double t = gauss / std::sqrt(0.5 * (other * other + third * third));
    return std::max(0.2, 1 + 0.01 * t);
  }
  if (shape == NoiseShape::kWander) return 1 + 0.001 * gauss;
  const bool spike = shape == NoiseShape::kSpikes && uniform(mix(seed, 4)) < 0.1;
  return 1 + 0.01 * gauss + (spike ? 0.5 * uniform(mix(seed, 5)) : 0);
}

inline ResultSet invented(const InventedFile& file) {
  ResultSet set{};
  set.path = "seed " + std::to_string(file.seed);
  Machine machine(file);
  int at = 0;
  for (int k = 0; k < file.benchmarks; ++k) {
    BenchmarkSamples samples{};
    samples.name = "kernel_" + std::to_string(k);
    const double base = 1e-4 * (k + 1) * (k == file.slow ? file.factor : 1);
    for (int i = 0; i < file.samples; ++i) {
      const double period = machine.next(at, static_cast<double>(i) / (file.samples - 1));
      const std::uint64_t draw = mix(file.seed, 3, static_cast<std::uint64_t>(at++));
      samples.seconds.push_back(base * period * own_noise(file.shape, draw));
      if (file.clocks) samples.mhz.push_back(1980 / period);
    }
    set.benchmarks.push_back(samples);
  }
  return set;
}

}  // namespace windtunnel
