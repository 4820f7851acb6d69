#include "reports/compare/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reports/compare/mann_whitney.h"
#include "reports/render/format.h"

namespace windtunnel {
namespace {

// Samples that share no value and are this unlikely to do so by chance count whatever the number
// of benchmarks: ranks of few samples can't reach the corrected level where there are hundreds.
constexpr double kSeparatedEnough = 1e-4;
constexpr double kDriftP = 0.02;
// The same in standard deviations.
constexpr double kDriftScore = 2.33;
// A rise as large as the change explains it.
constexpr double kDriftExplains = 1;
// A median that changes from one level to the other moves by the gap between them.
constexpr double kLevelsExplain = 0.75;
constexpr double kMostSamples = 1000;

RatioInterval moved(const RatioInterval& ratio, double by) {
  const double factor = std::exp(by);
  return {.ratio = ratio.ratio * factor, .low = ratio.low * factor, .high = ratio.high * factor};
}

std::string change_text(double ratio) { return format_change(ratio - 1); }

/// Why a change that shows may still be none of the code's; empty where nothing says so.
std::string doubt(const Evidence& evidence, const Standard& standard, int side) {
  const double change = std::abs(std::log(evidence.time.ratio.ratio));
  const auto rise = [](const Drift& drift) { return drift.p < kDriftP ? std::abs(drift.rise) : 0; };
  const double rises = rise(evidence.base_drift) + rise(evidence.new_drift);
  const auto jumps = [&](const std::optional<Levels>& levels) {
    return levels && levels->gap > kLevelsExplain * change;
  };
  if (evidence.cycles) {
    const RatioInterval cycles = widened(evidence.cycles->ratio, standard.widening);
    if (side_of(cycles, standard.minimum_effect) != side) {
      return fmt::format("clock only: {} in cycles, SM clock {} to {} MHz",
                         change_text(cycles.ratio), format_fixed(evidence.base_mhz, 0),
                         format_fixed(evidence.new_mhz, 0));
    }
  }
  const RatioInterval straight =
      moved(widened(evidence.time.ratio, standard.widening), -standard.machine_drift);
  if (side_of(straight, standard.minimum_effect) != side) {
    return fmt::format("the machine drifted, which explains {}",
                       format_change(std::expm1(standard.machine_drift)));
  }
  if (standard.machine_step > 0) {
    return fmt::format("the machine itself changes between levels {} apart",
                       format_percent(std::expm1(standard.machine_step)));
  }
  for (const bool base : {true, false}) {
    const Drift& drift = base ? evidence.base_drift : evidence.new_drift;
    const auto& levels = base ? evidence.base_levels : evidence.new_levels;
    const char* name = base ? "BASE" : "NEW";
    if (rise(drift) > 0 && rises > kDriftExplains * change) {
      return fmt::format("{} drifted by {} while it was measured", name,
                         format_change(std::expm1(drift.rise)));
    }
    if (jumps(levels)) {
      return fmt::format("{} stands on two levels {} apart", name,
                         format_percent(std::expm1(levels->gap)));
    }
  }
  // Drifts too small to be seen in either may be seen where they run apart as the medians do.
  const double apart = side * (evidence.new_drift.rise - evidence.base_drift.rise);
  const double score =
      side * (evidence.new_drift.score - evidence.base_drift.score) / std::numbers::sqrt2;
  if (score > kDriftScore && apart > kDriftExplains * change) {
    return fmt::format("BASE and NEW drifted apart by {} while they were measured",
                       format_percent(std::expm1(apart)));
  }
  return "";
}

/// Why others that changed as much leave it open; empty where what they share explains too little.
std::string shared_doubt(const RatioInterval& time, const Standard& standard, int side) {
  const SharedChange& shared = standard.shared;
  if (shared.company == Company::kNone ||
      side_of(moved(time, -shared.level), standard.minimum_effect) == side) {
    return "";
  }
  constexpr const char* kAdvice = "as with another clock; --confirm would tell";
  const std::string change = format_change(std::expm1(shared.level));
  switch (shared.company) {
    case Company::kAll:
      return fmt::format(
          "as good as all changed by {}, as with another clock; BASE measured again "
          "would tell",
          change);
    case Company::kNeighbours:
      return fmt::format("its neighbours changed by {}, too, {}", change, kAdvice);
    default:
      return fmt::format("others are {} by as much, {}", side > 0 ? "faster" : "slower", kAdvice);
  }
}

/// How many more samples a side would tell, about.
std::string wanted(const RatioInterval& ratio, double effect, std::size_t count) {
  const double half = 0.5 * std::log(ratio.high / ratio.low);
  const double change = std::abs(std::log(ratio.ratio));
  // Either the interval comes to lie within the minimum effect, or away from half of it.
  const double room = std::max(effect - change, change - effect / 2);
  const double times = room > 0 ? std::pow(half / room, 2) : HUGE_VAL;
  const double more = std::ceil(static_cast<double>(count) * (times - 1));
  if (more > kMostSamples) return "more samples than are worth it would be needed";
  return fmt::format("about {} more {} a side would tell", std::max(1.0, more),
                     more > 1 ? "samples" : "sample");
}

}  // namespace

int side_of(const RatioInterval& ratio, double effect) {
  if (ratio.ratio > 1 + effect && ratio.low > 1 + effect / 2) return 1;
  if (ratio.ratio < 1 / (1 + effect) && ratio.high < 1 / (1 + effect / 2)) return -1;
  return 0;
}

Judged judge(const Evidence& evidence, double adjusted_p, std::size_t base_count,
             std::size_t new_count, const Standard& standard) {
  const double effect = standard.minimum_effect;
  const RatioInterval time = widened(evidence.time.ratio, standard.widening);
  const bool apart = evidence.time.separated && least_p(base_count, new_count) <= kSeparatedEnough;
  const bool told_apart = adjusted_p <= standard.false_discoveries || apart;
  const int side = told_apart ? side_of(time, effect) : 0;
  if (side != 0) {
    const std::string why = doubt(evidence, standard, side);
    if (!why.empty()) return {Outcome::kUndecided, why};
    const Outcome changed = side > 0 ? Outcome::kRegressed : Outcome::kImproved;
    const std::string shared = shared_doubt(time, standard, side);
    if (!shared.empty()) {
      const bool may_tell = standard.shared.company != Company::kAll;
      return {Outcome::kUndecided, shared, may_tell ? std::optional(changed) : std::nullopt};
    }
    return {changed, ""};
  }
  const double equal = 1 + standard.equivalence;
  if (time.low > 1 / equal && time.high < equal) return {Outcome::kUnchanged, ""};
  return {Outcome::kUndecided, wanted(time, effect, std::min(base_count, new_count))};
}

}  // namespace windtunnel
