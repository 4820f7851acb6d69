#include "reports/compare/comparison_notes.h"

#include <fmt/format.h>

#include "reports/render/format.h"

namespace windtunnel {

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
  return notes;
}

}  // namespace windtunnel
