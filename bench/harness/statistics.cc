#include "bench/harness/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace windtunnel::bench {
namespace {

/// `sorted` is not empty; share in [0, 1].
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

template <typename Value>
std::optional<Summary> summarize_by(std::span<const Sample> samples, Value value) {
  std::vector<double> values;
  for (const Sample& sample : samples) values.push_back(value(sample));
  return summarize(values);
}

/// Of the intervals [least, q3]: kSame where they have a common point.
Difference side(const Summary& base, const Summary& now) {
  if (now.q3 < base.least) return Difference::kFaster;
  if (now.least > base.q3) return Difference::kSlower;
  return Difference::kSame;
}

}  // namespace

std::optional<Summary> summarize(std::span<const double> values) {
  const bool sound = std::all_of(values.begin(), values.end(),
                                 [](double value) { return std::isfinite(value) && value > 0; });
  if (values.empty() || !sound) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  Summary summary{.n = sorted.size(),
                  .least = sorted.front(),
                  .p10 = quantile(sorted, 0.1),
                  .q1 = quantile(sorted, 0.25),
                  .median = quantile(sorted, 0.5),
                  .q3 = quantile(sorted, 0.75),
                  .p90 = quantile(sorted, 0.9),
                  .noise = 0};
  summary.noise = (summary.q3 - summary.q1) / summary.median;
  return summary;
}

std::optional<Summary> summarize_ns(std::span<const Sample> samples) {
  return summarize_by(samples, [](const Sample& it) { return it.ns; });
}

std::optional<Summary> summarize_cycles(std::span<const Sample> samples) {
  return summarize_by(samples, [](const Sample& it) { return cycles(it); });
}

std::optional<Summary> summarize_mhz(std::span<const Sample> samples) {
  return summarize_by(samples, [](const Sample& it) { return it.mhz; });
}

Difference compare(std::span<const Sample> base, std::span<const Sample> now) {
  const auto base_ns = summarize_ns(base);
  const auto now_ns = summarize_ns(now);
  const auto base_cycles = summarize_cycles(base);
  const auto now_cycles = summarize_cycles(now);
  if (!base_ns || !now_ns || !base_cycles || !now_cycles) return Difference::kUndecided;
  const Difference in_time = side(*base_ns, *now_ns);
  const Difference in_cycles = side(*base_cycles, *now_cycles);
  return in_time == in_cycles ? in_time : Difference::kUndecided;
}

std::string_view difference_name(Difference difference) {
  switch (difference) {
    case Difference::kFaster:
      return "faster";
    case Difference::kSlower:
      return "slower";
    case Difference::kSame:
      return "same";
    case Difference::kUndecided:
      break;
  }
  return "undecided";
}

}  // namespace windtunnel::bench
