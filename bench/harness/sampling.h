// How samples are taken: how many launches, over how many buffers, which samples count, when to
// wait. Decisions are pure; what draws a sample and what waits is given.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness/statistics.h"
#include "kernels/shapes/units.h"

namespace windtunnel::bench {

/// Burst: boost clocks, cold L2, rests between samples. Sustained: after the clocks have settled
/// under load, no rests.
enum class Regime { kBurst, kSustained };

std::string_view regime_name(Regime regime);
std::optional<Regime> find_regime(std::string_view name);

/// How one kernel is sampled: `launches` make one sample (in a CUDA graph where there is more than
/// one), and `samples` are wanted, over `buffer_sets` copies of its buffers in turn.
struct SamplePlan {
  Regime regime;
  int launches;
  int samples;
  int buffer_sets;
};

/// So many copies that a launch finds nothing of its own in an L2 of `l2`: at least two, and
/// together five times L2. `footprint` of one must be positive.
int buffer_sets(Bytes footprint, Bytes l2);

/// `floor` is the least time of a launch, `footprint` its buffers, `wanted` the samples asked for
/// or 0: then about half a second of them, 9 at least and 200 at most.
SamplePlan plan_samples(Regime regime, Seconds floor, Bytes footprint, Bytes l2, int wanted);

/// Fewer accepted samples are no result.
inline constexpr int kLeastSamples = 9;
/// A burst sample below this share of the default clock was throttled.
inline constexpr double kLeastClock = 0.75;

enum class Judgement { kAccepted, kThrottled, kBroken };

/// Broken: a time or a clock that isn't a positive finite number. Throttled: in burst only.
Judgement judge(const Sample& sample, Regime regime, double default_mhz);

/// The rest before the next sample after `throttled` of them in a row: 50 ms, then growing by 50 ms
/// up to half a second.
Seconds back_off(int throttled);

/// The SM clock at a moment.
struct ClockReading {
  Seconds time;
  double mhz;
};

/// Whether the clock stayed within 2 % over the last three seconds of readings in time order.
bool settled(std::span<const ClockReading> readings);

/// After this long without settling, sampling begins anyway and the result says so.
inline constexpr Seconds kLongestSettling{20};

/// What came of sampling. Empty `samples`: no result, and `notes` say why.
struct Collected {
  std::vector<Sample> samples;
  int throttled = 0;
  int broken = 0;
  std::vector<std::string> notes;
};

/// What sampling does to the world: draws a sample, waits, reads a clock that never goes back.
struct Sampler {
  std::function<Sample()> draw;
  std::function<void(Seconds)> rest;
  std::function<Seconds()> now;
};

/// Draws until the plan's samples are accepted, or as many were discarded again. Every discard is
/// counted; clocks on two levels, clocks that didn't settle and discards are in the notes.
Collected collect(const SamplePlan& plan, double default_mhz, const Sampler& sampler);

}  // namespace windtunnel::bench
