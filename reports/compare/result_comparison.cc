#include "reports/compare/result_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "reports/compare/comparison_notes.h"
#include "reports/compare/file_drift.h"
#include "reports/compare/judgement.h"
#include "reports/compare/machine_steps.h"
#include "reports/compare/pairs.h"
#include "reports/compare/scatter.h"
#include "reports/compare/shared_change.h"
#include "reports/render/format.h"

namespace windtunnel {
namespace {

// Few ratios say nothing of their scatter, and below these factors it may be chance: 1.3, and of
// fewer than 20 ratios 1 + 6 / n, which one file in thirty of normal noise passes.
constexpr std::size_t kLeastScattered = 8;
constexpr std::size_t kLeastCalm = 4;  // of those that are left beside a group that changed
constexpr double kLeastWidening = 1.3;
constexpr double kChanceOfWidening = 6;
constexpr double kNoiseTimes = 3;
// So many more benchmarks must have changed one way than the other.
constexpr int kOneWay = 4;
// All of so many go one way by chance once in 128 times.
constexpr int kManyOneWay = 8;
constexpr double kInOrder = 0.3;

/// Ratios scatter by their standard error if samples are independent. Where most scatter more,
/// something differs between the two runs that neither shows in itself (a clock that wanders, a
/// warm machine), and every interval is that much too narrow.
struct Scatter {
  double widening = 1;
  double noise = 0;  ///< of the logarithms of ratios; 0 where intervals need no widening
};

Scatter scatter_of(const std::vector<RatioInterval>& ratios, double level, std::size_t fewest) {
  std::vector<double> errors;
  std::vector<double> logs;
  for (const RatioInterval& ratio : ratios) {
    const double error = standard_error(ratio, level);
    if (error <= 0) continue;
    logs.push_back(std::log(ratio.ratio));
    errors.push_back(error);
  }
  if (errors.size() < fewest) return {};
  const double noise = robust_scatter(logs);
  const double widening = noise / median(errors);
  const double by_chance = 1 + kChanceOfWidening / static_cast<double>(errors.size());
  if (widening <= std::max(kLeastWidening, by_chance)) return {};
  return {.widening = widening, .noise = noise};
}

/// How much a ratio says of the next in the file: near 1 for a machine that wanders.
double order_correlation(const std::vector<RatioInterval>& ratios) {
  std::vector<double> logs;
  double mean = 0;
  for (const RatioInterval& ratio : ratios) {
    logs.push_back(std::log(ratio.ratio));
    mean += logs.back() / static_cast<double>(ratios.size());
  }
  double squares = 0;
  double products = 0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    squares += (logs[i] - mean) * (logs[i] - mean);
    if (i > 0) products += (logs[i] - mean) * (logs[i - 1] - mean);
  }
  return squares > 0 ? products / squares : 0;
}

/// A group of benchmarks that changed one way, beside others that scatter no more than they should,
/// is a change of the code; so are many that changed one way in no order. A clock on two levels
/// moves as many one way as the other, and what wanders moves neighbours alike.
Scatter unexplained_scatter(const std::vector<Pair>& pairs, const CompareRules& rules) {
  std::vector<RatioInterval> all;
  std::vector<RatioInterval> calm;
  int slower = 0;
  int faster = 0;
  for (const Pair& pair : pairs) {
    if (!pair.evidence) continue;
    all.push_back(pair.evidence->time.ratio);
    const int side = side_of(all.back(), rules.minimum_effect);
    slower += side > 0 ? 1 : 0;
    faster += side < 0 ? 1 : 0;
    if (side == 0) calm.push_back(all.back());
  }
  const Scatter scatter = scatter_of(all, rules.level, kLeastScattered);
  const bool one_way = std::max(slower, faster) >= kOneWay * std::min(slower, faster);
  const bool beside_calm = calm.size() >= std::max(kLeastCalm, all.size() / 3) &&
                           scatter_of(calm, rules.level, kLeastCalm).widening <= 1;
  const bool many = std::max(slower, faster) >= kManyOneWay && order_correlation(all) < kInOrder;
  const bool explained = one_way && (beside_calm || many);
  return explained ? Scatter{} : scatter;
}

/// What the same code on the same machine was off by is noise, and no effect below it counts; nor
/// does one within three standard deviations of a scatter that samples don't explain.
double noise_effect(const std::vector<Pair>& pairs, double noise, const CompareRules& rules) {
  double effect = std::expm1(kNoiseTimes * noise);
  for (const Pair& pair : pairs) {
    if (!pair.same_code || !pair.evidence || pair.adjusted_p > rules.false_discoveries) continue;
    effect = std::max(effect, std::expm1(std::abs(std::log(pair.evidence->time.ratio.ratio))));
  }
  return effect;
}

/// What the machine did to both files, in logarithms.
struct MachineDrift {
  double file;    ///< from the first benchmark to the last
  double within;  ///< of medians, where most benchmarks rise while they are measured
};

/// Tells every benchmark by how much the machine alone explains its ratio.
MachineDrift follow_drift(std::vector<Pair>& pairs, double least) {
  std::vector<double> ratios;
  std::vector<double> base_rises;
  std::vector<double> new_rises;
  for (const Pair& pair : pairs) {
    if (!pair.evidence) continue;
    ratios.push_back(std::log(pair.evidence->time.ratio.ratio));
    base_rises.push_back(pair.evidence->base_drift.rise);
    new_rises.push_back(pair.evidence->new_drift.rise);
  }
  const std::optional<FileDrift> line = file_drift(ratios, std::log1p(least));
  // A rise by d while a sample is taken moves its median by half of that.
  const double within = 0.5 * (shared_rise(new_rises) - shared_rise(base_rises));
  const MachineDrift drift{.file = line ? line->rise : 0,
                           .within = std::abs(within) > least / 2 ? within : 0};
  double next = 0;
  for (Pair& pair : pairs) {
    if (!pair.evidence) continue;
    pair.machine_drift =
        drift.within + drift.file * next / std::max(1.0, static_cast<double>(ratios.size() - 1));
    ++next;
  }
  return drift;
}

/// Tells every benchmark what steps of the machine may explain.
void follow_steps(std::vector<Pair>& pairs, const Standard& standard) {
  std::vector<Moved> moved;
  for (const Pair& pair : pairs) {
    if (!pair.evidence) continue;
    const RatioInterval& ratio = pair.evidence->time.ratio;
    moved.push_back({.base = pair.base->seconds,
                     .now = pair.now->seconds,
                     .change = std::log(ratio.ratio),
                     .side = side_of(widened(ratio, standard.widening), standard.minimum_effect),
                     .clocked = pair.evidence->cycles.has_value()});
  }
  const std::vector<double> steps = machine_steps(moved);
  std::size_t next = 0;
  for (Pair& pair : pairs) {
    if (pair.evidence) pair.machine_step = steps[next++];
  }
}

/// Tells every benchmark which others changed as it did: as files show it, before anything that
/// scatter between them does to intervals.
void follow_company(std::vector<Pair>& pairs, const CompareRules& rules) {
  std::vector<FileChange> file;
  for (const Pair& pair : pairs) {
    if (!pair.evidence) continue;
    const RatioInterval& time = pair.evidence->time.ratio;
    file.push_back({.family = family_of(pair.base->name),
                    .change = std::log(time.ratio),
                    .error = standard_error(time, rules.level),
                    .side = side_of(time, rules.minimum_effect),
                    .clocked = pair.evidence->cycles.has_value()});
  }
  const std::vector<SharedChange> shared = shared_changes(file, rules.minimum_effect / 2);
  std::size_t next = 0;
  for (Pair& pair : pairs) {
    if (pair.evidence) pair.shared = shared[next++];
  }
}

struct Prepared {
  std::vector<Pair> pairs;
  Standard standard;
  double noise;  ///< the effect that it alone may have
  MachineDrift drift;
};

Prepared prepare(const ResultSet& base, const ResultSet& now, const CompareRules& rules,
                 int threads) {
  std::vector<Pair> pairs = matched(base, now);
  weigh_all(pairs, rules.level, threads);
  const Scatter scatter = unexplained_scatter(pairs, rules);
  const double noise = noise_effect(pairs, scatter.noise, rules);
  for (Pair& pair : pairs) {
    const std::string& name = pair.base != nullptr ? pair.base->name : pair.now->name;
    pair.own_effect = minimum_effect_of(rules.effects, name, rules.minimum_effect);
  }
  const Standard standard{.minimum_effect = std::max(rules.minimum_effect, noise),
                          .equivalence = rules.minimum_effect,
                          .false_discoveries = rules.false_discoveries,
                          .widening = scatter.widening,
                          .machine_drift = 0,
                          .machine_step = 0,
                          .shared = {}};
  follow_steps(pairs, standard);
  follow_company(pairs, rules);
  const MachineDrift drift = follow_drift(pairs, rules.minimum_effect / 2);
  return {std::move(pairs), standard, noise, drift};
}

/// Of benchmarks that can't be compared by their samples.
Judged judge_without(const Pair& pair) {
  if (pair.base == nullptr) return {Outcome::kUndecided, "only in NEW"};
  if (pair.now == nullptr) return {Outcome::kUndecided, "only in BASE"};
  const bool worked = pair.base->failure.empty();
  if (!pair.now->failure.empty()) {
    return {worked ? Outcome::kRegressed : Outcome::kUndecided,
            (worked ? "fails in NEW: " : "fails in both: ") + pair.now->failure};
  }
  if (!worked) return {Outcome::kUndecided, "failed in BASE: " + pair.base->failure};
  return {Outcome::kUndecided, fmt::format("{} and {}: a verdict needs {} a side, better 9",
                                           format_number_of(pair.base->seconds.size(), "sample"),
                                           pair.now->seconds.size(), kLeastCompared)};
}

Judged judge_pair(const Pair& pair, const Prepared& all) {
  if (!pair.evidence) return judge_without(pair);
  if (pair.same_code) return {Outcome::kUnchanged, "same code"};
  Standard standard = all.standard;
  standard.minimum_effect = std::max(pair.own_effect, all.noise);
  standard.equivalence = pair.own_effect;
  standard.machine_drift = pair.machine_drift;
  standard.machine_step = pair.machine_step;
  standard.shared = pair.shared;
  return judge(*pair.evidence, pair.adjusted_p, pair.base->seconds.size(), pair.now->seconds.size(),
               standard);
}

std::size_t samples_of(const BenchmarkSamples* samples) {
  return samples == nullptr ? 0 : samples->seconds.size();
}

double median_of(const BenchmarkSamples* samples) {
  return samples_of(samples) == 0 ? kUnknown : median(samples->seconds);
}

BenchmarkRow row_of(const Pair& pair, const Prepared& all) {
  const Judged judged = judge_pair(pair, all);
  const double base_s = median_of(pair.base);
  const double new_s = median_of(pair.now);
  BenchmarkRow row{.name = pair.base != nullptr ? pair.base->name : pair.now->name,
                   .base_samples = samples_of(pair.base),
                   .new_samples = samples_of(pair.now),
                   .base_s = base_s,
                   .new_s = new_s,
                   .time = {.ratio = new_s / base_s, .low = kUnknown, .high = kUnknown},
                   .cycles = std::nullopt,
                   .p = kUnknown,
                   .adjusted_p = pair.adjusted_p,
                   .outcome = judged.outcome,
                   .reason = judged.reason,
                   .confirming = std::nullopt};
  if (pair.evidence) {
    row.time = widened(pair.evidence->time.ratio, all.standard.widening);
    row.p = pair.evidence->time.p;
    if (pair.evidence->cycles) {
      row.cycles = widened(pair.evidence->cycles->ratio, all.standard.widening);
    }
  }
  return row;
}

/// What `judged` is where a second run shows the same.
Outcome if_again(const Judged& judged) { return judged.if_again.value_or(judged.outcome); }

/// A change stands only if the second run of the new code shows it as well; one that was left open
/// because others share it stands if it does.
void confirm(std::vector<BenchmarkRow>& rows, const Prepared& first, const Prepared& second) {
  std::unordered_map<std::string_view, const Pair*> by_name;
  for (const Pair& pair : second.pairs) {
    by_name.emplace(pair.base != nullptr ? pair.base->name : pair.now->name, &pair);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    BenchmarkRow& row = rows[i];
    const auto found = by_name.find(row.name);
    if (found != by_name.end()) {
      row.confirming = median_of(found->second->now) / median_of(found->second->base);
    }
    const Outcome changed = if_again(judge_pair(first.pairs[i], first));
    if (changed != Outcome::kRegressed && changed != Outcome::kImproved) continue;
    const bool again =
        found != by_name.end() && if_again(judge_pair(*found->second, second)) == changed;
    if (again && row.outcome != changed) {
      row.reason = "others changed as much, and so in the second run";
      row.outcome = changed;
    } else if (!again && row.outcome == changed) {
      row.reason = std::isfinite(row.time.low)
                       ? fmt::format("{}, not confirmed by the second run",
                                     changed == Outcome::kRegressed ? "slower" : "faster")
                       : row.reason + ", not so in the second run";
      row.outcome = Outcome::kUndecided;
    }
  }
}

/// Empty unless as good as all benchmarks changed alike.
std::string shared_by_all(const Prepared& all) {
  const auto found = std::find_if(all.pairs.begin(), all.pairs.end(), [](const Pair& pair) {
    return pair.shared.company == Company::kAll;
  });
  if (found == all.pairs.end()) return "";
  return fmt::format(
      "as good as all benchmarks changed alike, by {}: another clock does so, too; SM clocks "
      "beside the samples (mhz), or BASE measured again, would tell",
      format_change(std::expm1(found->shared.level)));
}

ResultSet head_of(const ResultSet& set) {
  ResultSet head = set;
  head.benchmarks.clear();
  return head;
}

}  // namespace

ResultComparison compare_results(const ResultSet& base, const ResultSet& now,
                                 const ResultSet* confirming, const CompareRules& rules,
                                 int threads) {
  const Prepared first = prepare(base, now, rules, threads);
  ResultComparison comparison{.base = head_of(base),
                              .now = head_of(now),
                              .confirming = std::nullopt,
                              .rules = rules,
                              .minimum_effect = first.standard.minimum_effect,
                              .widening = first.standard.widening,
                              .notes = {},
                              .rows = {}};
  for (const Pair& pair : first.pairs) {
    comparison.rows.push_back(row_of(pair, first));
  }
  comparison.notes = comparison_notes(comparison);
  if (first.drift.file != 0) {
    comparison.notes.push_back(fmt::format(
        "times drift by {} from the first benchmark to the last: what that explains is undecided",
        format_change(std::expm1(first.drift.file))));
  }
  if (first.drift.within != 0) {
    comparison.notes.push_back(fmt::format(
        "most benchmarks drift while they are measured, which moves ratios by {}: what that "
        "explains is undecided",
        format_change(std::expm1(first.drift.within))));
  }
  if (std::string shared = shared_by_all(first); !shared.empty()) {
    comparison.notes.push_back(std::move(shared));
  }
  if (confirming != nullptr) {
    comparison.confirming = head_of(*confirming);
    confirm(comparison.rows, first, prepare(base, *confirming, rules, threads));
  }
  return comparison;
}

std::size_t count_of(const ResultComparison& comparison, Outcome outcome) {
  return static_cast<std::size_t>(
      std::count_if(comparison.rows.begin(), comparison.rows.end(),
                    [&](const BenchmarkRow& row) { return row.outcome == outcome; }));
}

}  // namespace windtunnel
