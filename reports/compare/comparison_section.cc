#include "reports/compare/comparison_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/compare/comparison_text.h"
#include "reports/render/format.h"
#include "reports/render/page.h"
#include "reports/render/svg.h"
#include "reports/render/table.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostDrawn = 40;
constexpr std::size_t kMostListed = 1000;
constexpr double kLine = 32;  // a name, and its whisker below
constexpr double kEdge = 26;

std::string badge_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kRegressed:
      return "bad";
    case Outcome::kImproved:
      return "good";
    case Outcome::kUndecided:
      return "estimated";
    case Outcome::kUnchanged:
      break;
  }
  return "plain";
}

std::string dot_of(Outcome outcome) {
  if (outcome == Outcome::kRegressed) return "outside dot";
  return outcome == Outcome::kImproved ? "within dot" : "open";
}

/// Rows with an interval, as many as are drawn.
std::vector<BenchmarkRow> drawn_rows(const ResultComparison& comparison) {
  std::vector<BenchmarkRow> rows;
  for (const BenchmarkRow& row : outcomes_first(comparison.rows)) {
    if (rows.size() < kMostDrawn && std::isfinite(row.time.low)) rows.push_back(row);
  }
  return rows;
}

/// A whisker a benchmark: its interval, a dot at the ratio; the band is the minimum effect.
std::string drawing(const ResultComparison& comparison, const std::vector<BenchmarkRow>& rows) {
  double most = 2 * comparison.minimum_effect;
  for (const BenchmarkRow& row : rows) {
    most = std::max({most, std::abs(row.time.low - 1), std::abs(row.time.high - 1)});
  }
  most = std::min(most, 1.0);
  const double height = 20 + kLine * static_cast<double>(rows.size());
  const Scale scale{-most, most, kEdge, kHalfWidth - kEdge};
  const auto at = [&](double ratio) { return scale.at(std::clamp(ratio - 1, -most, most)); };
  std::string body =
      svg_axis(scale, 10, height, "change of the median time", [](double value, int decimals) {
        return format_signed(100 * value, std::max(0, decimals - 2)) + " %";
      });
  const double effect = comparison.minimum_effect;
  body += svg_rect({at(1 - effect), 10, at(1 + effect) - at(1 - effect), height - 10}, "tolerance");
  body += svg_line(at(1), 10, at(1), height, "axis");
  double y = 10 + 0.7 * kLine;
  for (const BenchmarkRow& row : rows) {
    body += svg_text(0, y - 9, shorten(row.name, 64), "halo");
    body += svg_line(at(row.time.low), y, at(row.time.high), y, "whisker");
    body += svg_rect(
        {at(row.time.ratio) - 4, y - 4, 8, 8}, dot_of(row.outcome),
        fmt::format("{}: {} ({})", row.name, ratio_text(row.time.ratio), interval_text(row.time)));
    y += kLine;
  }
  return svg_document({.id = "comparison",
                       .title = "Change of each benchmark with its 99 % interval",
                       .description = counts_text(comparison),
                       .width = kHalfWidth,
                       .height = height + 45},
                      body);
}

DataTable table_of(const std::vector<BenchmarkRow>& rows) {
  DataTable table{{{"verdict", false},
                   {"benchmark", false},
                   {"base", true},
                   {"new", true},
                   {"change", true},
                   {"99 % interval", true},
                   {"p", true},
                   {"samples", true},
                   {"remark", false}},
                  {}};
  for (const BenchmarkRow& row : rows) {
    const auto time = [](double seconds) {
      return std::isfinite(seconds) ? format_seconds({seconds}) : "";
    };
    table.rows.push_back({{std::string(outcome_name(row.outcome)), badge_of(row.outcome)},
                          {row.name},
                          {time(row.base_s)},
                          {time(row.new_s)},
                          {ratio_text(row.time.ratio)},
                          {interval_text(row.time)},
                          {std::isfinite(row.p) ? fmt::format("{:.2g}", row.p) : ""},
                          {fmt::format("{} and {}", row.base_samples, row.new_samples)},
                          {remark_text(row)}});
  }
  return table;
}

std::string set_text(const char* name, const ResultSet& set) {
  std::string text = fmt::format("<dt>{}</dt><dd>{}", name, escape(set.path));
  for (const std::string* part : {&set.device, &set.commit, &set.date}) {
    if (!part->empty()) text += ", " + escape(*part);
  }
  return text + "</dd>";
}

}  // namespace

std::string comparison_section(const ResultComparison& comparison) {
  std::string out = fmt::format("<section id=\"comparison\">\n<h1>Benchmarks: {}</h1>\n<dl>{}{}",
                                counts_text(comparison), set_text("base", comparison.base),
                                set_text("new", comparison.now));
  if (comparison.confirming) out += set_text("second run", *comparison.confirming);
  out += "</dl>\n";
  for (const std::string& note : comparison.notes) {
    out += fmt::format("<p class=\"soft\">{}</p>\n", escape(note));
  }
  const std::vector<BenchmarkRow> rows = drawn_rows(comparison);
  if (!rows.empty()) {
    out += "<div class=\"figures\">\n";
    out += render_figure({.heading = "Change of each benchmark",
                          .caption = "Ratio of medians with its 99 % bootstrap interval; the band "
                                     "is the minimum effect.",
                          .svg = drawing(comparison, rows),
                          .table = table_of(rows),
                          .wide = false});
    out += "</div>\n";
  }
  std::vector<BenchmarkRow> listed = outcomes_first(comparison.rows);
  if (listed.size() > kMostListed) listed.resize(kMostListed);
  out += "<h2>All benchmarks</h2>\n" + render_table(table_of(listed));
  if (listed.size() < comparison.rows.size()) {
    out += fmt::format(
        "<p class=\"soft\">{} more, unchanged or undecided, are in the document."
        "</p>\n",
        comparison.rows.size() - listed.size());
  }
  return out + "</section>\n";
}

std::string render_comparison_page(const ResultComparison& comparison, const BuildVersion& build) {
  return page_head("Comparison") + comparison_section(comparison) + page_foot("", build);
}

}  // namespace windtunnel
