#include "simulator/hardware/author_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "simulator/hardware/link_scaling.h"

namespace windtunnel {
namespace {

constexpr double kFadeOctaves = 4;

double fade_of(const TableRule& rule) {
  return rule.binding == Binding::kNvlink ? std::numeric_limits<double>::infinity() : kFadeOctaves;
}

/// The group of these categories, or, where they are a number of nodes, of the next lower number.
const MeasurementGroup* reference_group(const MeasurementTable& table,
                                        const std::vector<std::string>& categories) {
  const MeasurementGroup* group = find_group(table, categories);
  if (group != nullptr || table.rule->categories.front() != "node_num") return group;
  const auto nodes = [](const std::string& text) { return std::strtod(text.c_str(), nullptr); };
  for (const MeasurementGroup& other : table.groups) {
    if (nodes(other.categories[0]) > nodes(categories[0])) continue;
    if (group == nullptr || nodes(other.categories[0]) > nodes(group->categories[0])) {
      group = &other;
    }
  }
  return group;
}

/// What a ratio leaves alone.
double fixed_part(const Surface& surface, std::span<const double> place) {
  return surface.rule->binding == Binding::kNvlink ? latency_seconds(surface, place) : 0;
}

/// The sibling's answer on the GPU asked for.
Answer moved_answer(const TableSource& source, const MeasurementGroup& reference, std::size_t value,
                    std::span<const double> place) {
  const Surface& surface = reference.surfaces[value];
  return moved_to_links(look_up(surface, source.stored->calibrations[value], place), surface, place,
                        *source.measured_on, *source.asked_for);
}

/// ln of the factor that leads from `from` to `to` seconds beyond the fixed part.
double log_factor(double to, double from, double fixed) {
  const double least = 0.01 * std::min(to, from);
  return std::log(std::max(to - fixed, least) / std::max(from - fixed, least));
}

double times_factor(double seconds, double fixed, double log_factor) {
  const double kept = std::min(fixed, seconds);
  return kept + (seconds - kept) * std::exp(log_factor);
}

void add_ratios(AuthorGroup& group, const TableSource& source, const TableRule& rule) {
  const std::size_t values = rule.values.size();
  group.ratios.resize(values);
  for (std::size_t value = 0; value < values; ++value) {
    const Surface& surface = group.reference->surfaces[value];
    for (const AuthorTime& time : group.times) {
      // From what is interpolated there, not from the sibling's row: so that the neighbours of a
      // published shape meet it.
      const Answer between = calibrated(interpolate(surface, time.place, surface.usable),
                                        source.stored->calibrations[value]);
      const double there =
          moved_to_links(between, surface, time.place, *source.measured_on, *source.asked_for)
              .seconds;
      group.ratios[value].push_back(
          {time.place, log_factor(time.seconds[value], there, fixed_part(surface, time.place))});
    }
    group.calibrations.push_back(calibrate_ratio(group.ratios[value], fade_of(rule)));
  }
}

AuthorRatios make_ratios(const MeasurementStore& store, const TableSource& source) {
  const MeasurementTable& table = source.stored->table;
  AuthorRatios ratios;
  for (AuthorTime& time : author_times(store, *table.rule, *source.asked_for)) {
    auto group =
        std::find_if(ratios.groups.begin(), ratios.groups.end(),
                     [&](const AuthorGroup& other) { return other.categories == time.categories; });
    if (group == ratios.groups.end()) {
      const MeasurementGroup* reference = reference_group(table, time.categories);
      if (reference == nullptr) continue;
      ratios.groups.push_back({time.categories, reference, {}, {}, {}});
      group = std::prev(ratios.groups.end());
    }
    group->times.push_back(std::move(time));
  }
  for (AuthorGroup& group : ratios.groups) add_ratios(group, source, *table.rule);
  return ratios;
}

const AuthorTime& nearest_time(const AuthorGroup& group, std::span<const double> place) {
  const auto distance = [&](const AuthorTime& time) {
    double sum = 0;
    for (std::size_t i = 0; i < place.size(); ++i) {
      sum += (time.place[i] - place[i]) * (time.place[i] - place[i]);
    }
    return sum;
  };
  return *std::min_element(
      group.times.begin(), group.times.end(),
      [&](const AuthorTime& a, const AuthorTime& b) { return distance(a) < distance(b); });
}

/// The authors' own figure, with the range of their dates or else what repetitions of the sibling's
/// measurements show.
Price own_price(const AuthorTime& time, const AuthorGroup& group, const TableSource& source,
                std::size_t value) {
  const double seconds = time.seconds[value];
  const Provenance provenance(Basis::kMeasured, time.origin, false);
  if (!time.range.empty()) {
    const auto [low, high] = time.range[value];
    return {Seconds{seconds}, Seconds{low}, Seconds{high}, provenance};
  }
  const Surface& surface = group.reference->surfaces[value];
  const double noise = krige(surface, time.place, surface.usable).noise;
  const Calibration& calibration = source.stored->calibrations[value];
  return {Seconds{seconds}, Seconds{seconds * std::exp(calibration.low * noise)},
          Seconds{seconds * std::exp(calibration.high * noise)}, provenance};
}

/// ln of the factors at the ends of the interval.
struct FactorRange {
  double low;
  double high;
};

FactorRange factor_range(const AuthorGroup& group, std::size_t value, const LocalRatio& ratio,
                         const AuthorTime& nearest) {
  const RatioCalibration& calibration = group.calibrations[value];
  FactorRange range = {ratio.mean + calibration.low * ratio.spread,
                       ratio.mean + calibration.high * ratio.spread};
  if (nearest.range.empty()) return range;
  const auto [low, high] = nearest.range[value];
  range.low = std::min(range.low, ratio.mean + std::log(low / nearest.seconds[value]));
  range.high = std::max(range.high, ratio.mean + std::log(high / nearest.seconds[value]));
  return range;
}

/// The published time moved to `place` by the trend alone, without the sibling's curve: the other
/// way to get there.
double by_trend(const Surface& surface, const AuthorTime& time, std::size_t value,
                std::span<const double> place) {
  const double fixed = std::min(latency_seconds(surface, place), time.seconds[value]);
  const double grown = (trend_at(surface, place) - latency_seconds(surface, place)) /
                       (trend_at(surface, time.place) - latency_seconds(surface, time.place));
  return fixed + (time.seconds[value] - fixed) * grown;
}

Price scaled_price(const AuthorGroup& group, const TableSource& source, std::size_t value,
                   std::span<const double> place) {
  const Surface& surface = group.reference->surfaces[value];
  const TableRule& rule = *surface.rule;
  const Answer there = moved_answer(source, *group.reference, value, place);
  const double fixed = fixed_part(surface, place);
  const LocalRatio ratio = local_ratio(group.ratios[value], place, fade_of(rule));
  const AuthorTime& nearest = nearest_time(group, place);
  const FactorRange range = factor_range(group, value, ratio, nearest);
  const double seconds = times_factor(there.seconds, fixed, ratio.mean);
  double low = times_factor(there.low, fixed, range.low);
  double high = times_factor(there.high, fixed, range.high);
  if (rule.binding == Binding::kNvlink) {
    const double other = by_trend(surface, nearest, value, place);
    low = std::min(low, other);
    high = std::max(high, other);
  }
  const bool outside = there.reach == Reach::kOutside;
  return {Seconds{seconds}, Seconds{low}, Seconds{high},
          Provenance(outside ? Basis::kEstimated : Basis::kScaled,
                     fmt::format("{}; measured on {}, x {:.3g} as {} shows near this shape",
                                 origin_text(source.stored->manifest, file_of(rule)),
                                 source.measured_on->id, seconds / there.seconds, nearest.origin),
                     outside)};
}

}  // namespace

const AuthorRatios& author_ratios(const MeasurementStore& store, const TableSource& source) {
  return kept_ratios(
      store,
      {source.asked_for->id, source.measured_on->id, std::string(source.stored->table.rule->table)},
      [&] { return make_ratios(store, source); });
}

std::optional<std::vector<Price>> author_prices(const MeasurementStore& store,
                                                const TableSource& source,
                                                const std::vector<std::string>& categories,
                                                const std::vector<double>& axes) {
  const AuthorRatios& ratios = author_ratios(store, source);
  const auto group =
      std::find_if(ratios.groups.begin(), ratios.groups.end(),
                   [&](const AuthorGroup& it) { return it.categories == categories; });
  if (group == ratios.groups.end()) return std::nullopt;
  std::vector<double> place;
  for (double value : axes) place.push_back(std::log2(value));
  const auto own = std::find_if(group->times.begin(), group->times.end(),
                                [&](const AuthorTime& time) { return time.place == place; });
  std::vector<Price> prices;
  for (std::size_t value = 0; value < group->ratios.size(); ++value) {
    prices.push_back(own == group->times.end() ? scaled_price(*group, source, value, place)
                                               : own_price(*own, *group, source, value));
  }
  return prices;
}

}  // namespace windtunnel
