#include "reports/render/validation_text.h"

#include <fmt/format.h>

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

std::string line(const ComparisonRow& row, const Ink& ink) {
  std::string name = row.model + ": " + row.quantity;
  if (!row.unit.empty()) name += ", " + row.unit;
  std::string out = fmt::format("{:<60} {:>12} {:>12} {:>10}  {}\n", shorten(name, 60),
                                shorten(format_figure(row.published, row.unit), 12),
                                shorten(format_figure(row.projected, row.unit), 12),
                                format_change(row.error), painted(row, ink));
  if (!row.comparable && !row.reason.empty()) out += "    " + row.reason + "\n";
  return out;
}

}  // namespace

std::string render_validation_text(const std::vector<ComparisonRow>& rows, bool colour) {
  const Ink ink = {colour};
  std::string out =
      ink.bold(fmt::format("{:<60} {:>12} {:>12} {:>10}", "", "published", "projected", "error")) +
      "\n";
  for (const ComparisonRow& row : failures_first(rows)) out += line(row, ink);
  return out + fmt::format(
                   "\n{} outside tolerance, {} within, {} without a tolerance, {} not comparable\n",
                   count(rows, Verdict::kOutside), count(rows, Verdict::kWithin),
                   count(rows, Verdict::kNoTolerance), count(rows, Verdict::kNotComparable));
}

}  // namespace windtunnel
