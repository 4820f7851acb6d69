#include "reports/render/validation_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "reports/render/format.h"
#include "reports/render/ink.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

std::string painted(const ComparisonRow& row, const Ink& ink) {
  const std::string words = verdict_words(row);
  switch (verdict(row)) {
    case Verdict::kOutside:
      return ink.bad(words);
    case Verdict::kWithin:
      return ink.good(words);
    case Verdict::kNoTolerance:
    case Verdict::kNotComparable:
      return ink.faint(words);
  }
  return words;
}

constexpr int kWidestName = 72;

/// "DeepSeek-V3: gpu_hours, H800 hours"; nothing behind a quantity called like its unit.
std::string name_of(const ComparisonRow& row) {
  const bool same = row.quantity == row.unit || (row.quantity == "usd" && row.unit == "USD");
  const std::string unit = row.unit.empty() || same ? "" : ", " + row.unit;
  return shorten(row.model + ": " + row.quantity + unit, kWidestName);
}

std::string line(const ComparisonRow& row, std::size_t width, const Ink& ink) {
  std::string out = fmt::format("{:<{}} {:>12} {:>12} {:>10}  {}\n", name_of(row), width,
                                shorten(format_figure(row.published, row.unit), 12),
                                shorten(format_figure(row.projected, row.unit), 12),
                                format_change(row.error), painted(row, ink));
  if (row.comparable || row.reason.empty()) return out;
  out += "    " + row.reason + "\n";
  if (!row.low || !row.high) return out;
  const bool inside = row.published && *row.low <= *row.published && *row.published <= *row.high;
  out += fmt::format("    80 %: {} to {}{}\n", format_figure(*row.low, row.unit),
                     format_figure(*row.high, row.unit),
                     !row.published ? ""
                     : inside       ? ", the published one lies in it"
                                    : ", the published one lies outside");
  return out;
}

/// "within 8 %", "outside 8 %", "within the target of 8 %", "misses the target of 8 %", "no
/// tolerance".
std::string set_words(const SetSummary& set, const Ink& ink) {
  const auto percent = [](double share) { return format_short(share * 100, 3) + " %"; };
  const SetStatement& said = set.statement;
  if (said.tolerance) {
    return fails(set) ? ink.bad("outside " + percent(*said.tolerance))
                      : ink.good("within " + percent(*said.tolerance));
  }
  if (!said.target) return ink.faint("no tolerance");
  return set.median_absolute <= *said.target
             ? ink.good("within the target of " + percent(*said.target))
             : ink.bad("misses the target of " + percent(*said.target));
}

}  // namespace

std::string render_set_text(const std::vector<SetSummary>& sets, bool colour) {
  const Ink ink = {colour};
  std::string out;
  for (const SetSummary& set : sets) {
    out += fmt::format(
        "\n{}: {}, median |error| {}, nine of ten within {}  {}\n", set.statement.model,
        format_number_of(static_cast<std::size_t>(set.runs), "run"),
        format_percent(set.median_absolute), format_percent(set.p90_absolute), set_words(set, ink));
    if (!set.statement.missed.empty()) out += "    " + set.statement.missed + "\n";
  }
  return out;
}

std::string render_validation_text(const std::vector<ComparisonRow>& rows, bool colour) {
  const Ink ink = {colour};
  std::size_t width = 0;
  for (const ComparisonRow& row : rows) width = std::max(width, name_of(row).size());
  std::string out = ink.bold(fmt::format("{:<{}} {:>12} {:>12} {:>10}", "", width, "published",
                                         "projected", "error")) +
                    "\n";
  for (const ComparisonRow& row : failures_first(rows)) out += line(row, width, ink);
  return out + fmt::format(
                   "\n{} outside tolerance, {} within, {} without a tolerance, {} not comparable\n",
                   count(rows, Verdict::kOutside), count(rows, Verdict::kWithin),
                   count(rows, Verdict::kNoTolerance), count(rows, Verdict::kNotComparable));
}

}  // namespace windtunnel
