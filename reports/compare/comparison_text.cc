#include "reports/compare/comparison_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"
#include "reports/render/ink.h"
#include "simulator/base/shown_text.h"

namespace windtunnel {
namespace {

constexpr std::size_t kShortComparison = 40;
constexpr std::size_t kMostUndecided = 20;
constexpr int kWidestName = 60;

std::string painted(Outcome outcome, const Ink& ink) {
  const std::string word = fmt::format("{:<9}", outcome_name(outcome));
  switch (outcome) {
    case Outcome::kRegressed:
      return ink.bad(word);
    case Outcome::kImproved:
      return ink.good(word);
    case Outcome::kUndecided:
      return ink.bold(word);
    case Outcome::kUnchanged:
      break;
  }
  return ink.faint(word);
}

std::string time_text(double seconds) {
  return std::isfinite(seconds) ? format_seconds({seconds}) : "-";
}

std::string p_text(double p) {
  if (!std::isfinite(p)) return "-";
  return p < 0.001 ? fmt::format("{:.0e}", p) : format_fixed(p, 3);
}

std::string line(const BenchmarkRow& row, int width, const Ink& ink) {
  const std::string remark = remark_text(row);
  return fmt::format("{}  {:<{}} {:>10} {:>10} {:>9}  {:<20} {:>6}{}\n", painted(row.outcome, ink),
                     shorten(shown_text(row.name), width), width, time_text(row.base_s),
                     time_text(row.new_s), ratio_text(row.time.ratio), interval_text(row.time),
                     p_text(row.p), remark.empty() ? "" : "  " + shown_text(remark));
}

}  // namespace

std::vector<BenchmarkRow> outcomes_first(std::vector<BenchmarkRow> rows) {
  const auto size = [](const BenchmarkRow& row) {
    const double ratio = row.time.ratio;
    return std::isfinite(ratio) && ratio > 0 ? std::abs(std::log(ratio)) : HUGE_VAL;
  };
  std::stable_sort(rows.begin(), rows.end(), [&](const BenchmarkRow& a, const BenchmarkRow& b) {
    return a.outcome != b.outcome ? a.outcome < b.outcome : size(a) > size(b);
  });
  return rows;
}

std::string ratio_text(double ratio) {
  return std::isfinite(ratio) ? format_change(ratio - 1) : "n/a";
}

std::string interval_text(const RatioInterval& ratio) {
  if (!std::isfinite(ratio.low) || !std::isfinite(ratio.high)) return "";
  return fmt::format("{} to {}", ratio_text(ratio.low), ratio_text(ratio.high));
}

std::string counts_text(const ResultComparison& comparison) {
  return fmt::format(
      "{} regressed, {} undecided, {} improved, {} unchanged",
      count_of(comparison, Outcome::kRegressed), count_of(comparison, Outcome::kUndecided),
      count_of(comparison, Outcome::kImproved), count_of(comparison, Outcome::kUnchanged));
}

std::string remark_text(const BenchmarkRow& row) {
  std::string text = row.reason;
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  const bool changed = row.outcome == Outcome::kRegressed || row.outcome == Outcome::kImproved;
  if (changed && row.cycles) add(ratio_text(row.cycles->ratio) + " in cycles");
  if (changed && row.confirming) add(ratio_text(*row.confirming) + " in the second run");
  return text;
}

std::string render_comparison_text(const ResultComparison& comparison, bool all, bool colour) {
  const Ink ink{colour};
  const bool whole = all || comparison.rows.size() <= kShortComparison;
  const std::vector<BenchmarkRow> rows = outcomes_first(comparison.rows);
  std::size_t widest = 9;
  for (const BenchmarkRow& row : rows) widest = std::max(widest, shown_text(row.name).size());
  const int width = static_cast<int>(std::min<std::size_t>(widest, kWidestName));
  std::string out =
      ink.bold(fmt::format("{:<9}  {:<{}} {:>10} {:>10} {:>9}  {:<20} {:>6}", "verdict",
                           "benchmark", width, "BASE", "NEW", "change", "99 % interval", "p")) +
      "\n";
  std::size_t undecided = 0;
  std::size_t hidden = 0;
  for (const BenchmarkRow& row : rows) {
    const bool dull = row.outcome == Outcome::kUnchanged ||
                      (row.outcome == Outcome::kUndecided && ++undecided > kMostUndecided);
    if (dull && !whole) {
      ++hidden;
    } else {
      out += line(row, width, ink);
    }
  }
  if (hidden > 0) out += ink.faint(fmt::format("{} more: --all shows them", hidden)) + "\n";
  out += "\n" + counts_text(comparison) + "\n";
  for (const std::string& note : comparison.notes) out += "note: " + shown_text(note) + "\n";
  return out;
}

}  // namespace windtunnel
