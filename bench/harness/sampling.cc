#include "bench/harness/sampling.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace windtunnel::bench {
namespace {

/// Launches shorter than this are gathered into a graph that lasts about `kGraph`.
constexpr Seconds kShort{20e-6};
constexpr Seconds kGraph{200e-6};
constexpr Seconds kBusy{0.5};
/// No launch takes less, whatever its floor.
constexpr Seconds kLaunch{1e-6};
constexpr int kMostSamples = 200;
constexpr Seconds kSettledFor{3};
constexpr double kSettledWithin = 0.02;
/// Clocks further apart than this share of their median deserve a note.
constexpr double kClockSpread = 0.05;

void settle(const Sampler& sampler, Collected& collected) {
  std::vector<ClockReading> readings;
  const Seconds start = sampler.now();
  while (sampler.now() - start < kLongestSettling) {
    const Sample sample = sampler.draw();
    if (std::isfinite(sample.mhz) && sample.mhz > 0)
      readings.push_back({sampler.now(), sample.mhz});
    if (settled(readings)) return;
  }
  collected.notes.push_back(
      fmt::format("the clock did not settle within {:.0f} s", kLongestSettling.value));
}

void draw_all(const SamplePlan& plan, double default_mhz, const Sampler& sampler,
              Collected& collected) {
  const auto wanted = static_cast<std::size_t>(plan.samples);
  int in_a_row = 0;
  while (collected.samples.size() < wanted &&
         collected.throttled + collected.broken < plan.samples) {
    const Sample sample = sampler.draw();
    switch (judge(sample, plan.regime, default_mhz)) {
      case Judgement::kAccepted:
        collected.samples.push_back(sample);
        in_a_row = 0;
        break;
      case Judgement::kThrottled:
        ++collected.throttled;
        sampler.rest(back_off(++in_a_row));
        break;
      case Judgement::kBroken:
        ++collected.broken;
        break;
    }
  }
}

void take_notes(const SamplePlan& plan, double default_mhz, Collected& collected) {
  std::vector<std::string>& notes = collected.notes;
  if (collected.throttled > 0) {
    notes.push_back(fmt::format("discarded {} samples below {:.0f} MHz ({:.0f} % of {:.0f} MHz)",
                                collected.throttled, kLeastClock * default_mhz, 100 * kLeastClock,
                                default_mhz));
  }
  if (collected.broken > 0) {
    notes.push_back(
        fmt::format("discarded {} samples without a time or a clock", collected.broken));
  }
  const int least = std::min(kLeastSamples, plan.samples);
  if (std::ssize(collected.samples) < least) {
    notes.push_back(fmt::format("no result: {} samples accepted, {} are needed",
                                collected.samples.size(), least));
    collected.samples.clear();
    return;
  }
  const auto [low, high] =
      std::minmax_element(collected.samples.begin(), collected.samples.end(),
                          [](const Sample& a, const Sample& b) { return a.mhz < b.mhz; });
  const double median = summarize_mhz(collected.samples)->median;
  if (high->mhz - low->mhz > kClockSpread * median) {
    notes.push_back(fmt::format("the clock moved between {:.0f} and {:.0f} MHz: compare cycles",
                                low->mhz, high->mhz));
  }
}

}  // namespace

std::string_view regime_name(Regime regime) {
  return regime == Regime::kBurst ? "burst" : "sustained";
}

std::optional<Regime> find_regime(std::string_view name) {
  for (const Regime regime : {Regime::kBurst, Regime::kSustained}) {
    if (regime_name(regime) == name) return regime;
  }
  return std::nullopt;
}

int buffer_sets(Bytes footprint, Bytes l2) {
  return std::max(2, static_cast<int>(std::ceil(5 * l2.value / footprint.value)));
}

SamplePlan plan_samples(Regime regime, Seconds floor, Bytes footprint, Bytes l2, int wanted) {
  const Seconds launch = std::max(floor, kLaunch);
  const int launches = launch < kShort ? static_cast<int>(std::round(kGraph / launch)) : 1;
  const auto affordable = static_cast<int>(kBusy / (launch * launches));
  return {.regime = regime,
          .launches = launches,
          .samples = wanted > 0 ? wanted : std::clamp(affordable, kLeastSamples, kMostSamples),
          .buffer_sets = buffer_sets(footprint, l2)};
}

Judgement judge(const Sample& sample, Regime regime, double default_mhz) {
  const auto sound = [](double value) { return std::isfinite(value) && value > 0; };
  if (!sound(sample.ns) || !sound(sample.mhz)) return Judgement::kBroken;
  const bool slow = sample.mhz < kLeastClock * default_mhz;
  return regime == Regime::kBurst && slow ? Judgement::kThrottled : Judgement::kAccepted;
}

Seconds back_off(int throttled) { return {std::min(0.05 * throttled, 0.5)}; }

bool settled(std::span<const ClockReading> readings) {
  if (readings.empty()) return false;
  const Seconds from = readings.back().time - kSettledFor;
  if (readings.front().time > from) return false;
  double low = readings.back().mhz;
  double high = low;
  for (std::size_t i = readings.size(); i-- > 0 && readings[i].time >= from;) {
    low = std::min(low, readings[i].mhz);
    high = std::max(high, readings[i].mhz);
  }
  return high - low <= kSettledWithin * high;
}

Collected collect(const SamplePlan& plan, double default_mhz, const Sampler& sampler) {
  Collected collected;
  if (plan.regime == Regime::kSustained) settle(sampler, collected);
  draw_all(plan, default_mhz, sampler, collected);
  take_notes(plan, default_mhz, collected);
  return collected;
}

}  // namespace windtunnel::bench
