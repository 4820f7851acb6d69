#include "reports/compare/comparison_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

constexpr std::size_t kLeastShared = 8;
constexpr double kAsGoodAsAll = 0.9;

/// Empty unless as good as all benchmarks without clocks changed one way, and the intervals of as
/// many hold the same ratio.
std::string shared_change(const std::vector<BenchmarkRow>& rows) {
  std::vector<double> ratios;
  for (const BenchmarkRow& row : rows) {
    if (std::isfinite(row.time.low) && !row.cycles) ratios.push_back(row.time.ratio);
  }
  if (ratios.size() < kLeastShared) return "";
  const double ratio = median(ratios);
  const Outcome outcome = ratio > 1 ? Outcome::kRegressed : Outcome::kImproved;
  const auto alike = std::count_if(rows.begin(), rows.end(), [&](const BenchmarkRow& row) {
    return row.outcome == outcome && !row.cycles && row.time.low <= ratio && ratio <= row.time.high;
  });
  if (static_cast<double>(alike) < kAsGoodAsAll * static_cast<double>(ratios.size())) return "";
  return fmt::format(
      "as good as all benchmarks changed alike, by {}: another clock does so, too, and SM clocks "
      "beside the samples (mhz) would tell",
      format_change(ratio - 1));
}

}  // namespace

std::vector<std::string> comparison_notes(const ResultComparison& comparison) {
  const ResultSet& base = comparison.base;
  const ResultSet& now = comparison.now;
  std::vector<std::string> notes;
  const auto differs = [&](const char* what, const std::string& a, const std::string& b) {
    if (!a.empty() && !b.empty() && a != b) {
      notes.push_back(fmt::format("{} differs: {} and {}", what, a, b));
    }
  };
  differs("device", base.device, now.device);
  differs("driver", base.driver, now.driver);
  differs("CUDA", base.cuda, now.cuda);
  differs("regime", base.regime, now.regime);
  if (comparison.widening > 1) {
    notes.push_back(fmt::format(
        "benchmarks scatter {} times as much between the files as within: intervals are that "
        "much wider",
        format_short(comparison.widening, 2)));
  }
  if (comparison.minimum_effect > comparison.rules.minimum_effect) {
    notes.push_back(
        fmt::format("nothing below {} counts: so far runs of the same code may lie apart",
                    format_percent(comparison.minimum_effect)));
  }
  if (std::string shared = shared_change(comparison.rows); !shared.empty()) {
    notes.push_back(std::move(shared));
  }
  return notes;
}

}  // namespace windtunnel
