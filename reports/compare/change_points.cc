#include "reports/compare/change_points.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "reports/compare/median_ratio.h"
#include "simulator/base/random.h"

namespace windtunnel {
namespace {

struct Split {
  std::size_t at;
  double distance;
};

/// n m / (n + m) (2 between / (n m) - within / pairs of n - within / pairs of m).
double scaled(double between, double first, double second, double n, double m) {
  const double pairs = n * (n - 1) / 2;
  const double others = m * (m - 1) / 2;
  return n * m / (n + m) *
         (2 * between / (n * m) - (pairs > 0 ? first / pairs : 0) -
          (others > 0 ? second / others : 0));
}

/// The split with the largest distance. Moving one value across the split changes the three sums by
/// its distances to the values on either side.
Split best_split(std::span<const double> values, std::size_t shortest) {
  double first = 0;
  double between = 0;
  double second = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) second += std::abs(values[i] - values[j]);
  }
  Split best{0, -HUGE_VAL};
  for (std::size_t at = 1; at + shortest <= values.size(); ++at) {
    const double moved = values[at - 1];
    double before = 0;
    double after = 0;
    for (std::size_t i = 0; i + 1 < at; ++i) before += std::abs(values[i] - moved);
    for (std::size_t i = at; i < values.size(); ++i) after += std::abs(values[i] - moved);
    first += before;
    second -= after;
    between += after - before;
    if (at < shortest) continue;
    const double distance = scaled(between, first, second, static_cast<double>(at),
                                   static_cast<double>(values.size() - at));
    if (distance > best.distance) best = {at, distance};
  }
  return best;
}

/// Fisher and Yates' shuffle number `round` of the segment that begins at `from`.
std::vector<double> shuffled(std::span<const double> values, std::size_t from, int round) {
  std::vector<double> out(values.begin(), values.end());
  for (std::size_t i = out.size() - 1; i > 0; --i) {
    const double draw = uniform(mix(static_cast<std::uint64_t>(round), from, values.size(), i));
    std::swap(out[i], out[static_cast<std::size_t>(draw * static_cast<double>(i + 1))]);
  }
  return out;
}

/// The share of shuffles, the values as they are among them, that split as well; more than the
/// limit as soon as that is certain.
double permutation_p(std::span<const double> values, std::size_t from, double distance,
                     const ChangePointRules& rules) {
  const double all = rules.permutations + 1;
  int reached = 1;
  for (int round = 0; round < rules.permutations && reached <= rules.p * all; ++round) {
    const Split other = best_split(shuffled(values, from, round), rules.shortest);
    if (other.distance >= distance * (1 - 1e-12)) ++reached;
  }
  return reached / all;
}

void split_segment(std::span<const double> logs, std::size_t from, std::size_t to,
                   const ChangePointRules& rules, std::vector<ChangePoint>& found) {
  if (to - from < 2 * rules.shortest) return;
  const auto segment = logs.subspan(from, to - from);
  const Split split = best_split(segment, rules.shortest);
  const double p = permutation_p(segment, from, split.distance, rules);
  if (p > rules.p) return;
  split_segment(logs, from, from + split.at, rules, found);
  found.push_back({from + split.at, p, 1});
  split_segment(logs, from + split.at, to, rules, found);
}

void set_ratios(std::span<const double> values, std::vector<ChangePoint>& points) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::size_t before = i == 0 ? 0 : points[i - 1].at;
    const std::size_t after = i + 1 == points.size() ? values.size() : points[i + 1].at;
    points[i].ratio = median(values.subspan(points[i].at, after - points[i].at)) /
                      median(values.subspan(before, points[i].at - before));
  }
}

}  // namespace

double energy_distance(std::span<const double> values, std::size_t split) {
  double first = 0;
  double between = 0;
  double second = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      double& sum = j < split ? first : i >= split ? second : between;
      sum += std::abs(values[i] - values[j]);
    }
  }
  return scaled(between, first, second, static_cast<double>(split),
                static_cast<double>(values.size() - split));
}

std::vector<ChangePoint> change_points(std::span<const double> values,
                                       const ChangePointRules& rules) {
  std::vector<double> logs;
  for (const double value : values) logs.push_back(std::log(value));
  std::vector<ChangePoint> points;
  split_segment(logs, 0, logs.size(), rules, points);
  // The smallest change goes first, as long as one is too small to matter.
  while (true) {
    set_ratios(values, points);
    const auto size = [](const ChangePoint& point) { return std::abs(std::log(point.ratio)); };
    const auto least =
        std::min_element(points.begin(), points.end(),
                         [&](const auto& a, const auto& b) { return size(a) < size(b); });
    if (least == points.end() || size(*least) >= std::log1p(rules.minimum_effect)) return points;
    points.erase(least);
  }
}

}  // namespace windtunnel
