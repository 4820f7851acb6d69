#include "reports/render/validation_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <utility>

#include "reports/render/format.h"
#include "reports/render/svg.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

constexpr double kRight = 62;
constexpr double kRow = 38;        // a name, and its marks below
constexpr double kNearest = 0.15;  // the axis shows at least +-15 %
constexpr double kFarthest = 1.0;  // and at most +-100 %; dots beyond sit on the edge
constexpr std::size_t kMostRows = 40;

const char* css_of(Verdict judged) {
  switch (judged) {
    case Verdict::kOutside:
      return "outside";
    case Verdict::kWithin:
      return "within";
    case Verdict::kNoTolerance:
    case Verdict::kNotComparable:
      return "open";
  }
  return "open";
}

double extent(const std::vector<ComparisonRow>& rows) {
  double reach = kNearest;
  for (const ComparisonRow& row : rows) {
    const auto cover = [&](double value) {
      if (std::isfinite(value)) reach = std::max(reach, std::abs(value) * 1.05);
    };
    if (row.error) cover(*row.error);
    if (row.low && row.high && row.published && *row.published != 0) {
      cover(*row.low / *row.published - 1);
      cover(*row.high / *row.published - 1);
    }
  }
  return std::min(reach, kFarthest);
}

// A circle within its tolerance, a diamond outside: told apart without colour.
std::string mark(double x, double y, Verdict judged, const std::string& title) {
  const std::string at = format_coordinate(x);
  const std::string data = judged == Verdict::kOutside
                               ? fmt::format("M{} {}l6 6-6 6-6-6z", at, format_coordinate(y - 6))
                               : fmt::format("M{} {}a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",
                                             format_coordinate(x - 5), format_coordinate(y));
  return svg_path(data, fmt::format("dot {}", css_of(judged)), title);
}

/// "gpu_hours" as people say it.
std::string spoken(const std::string& quantity) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"gpu", "GPU"}, {"gpus", "GPUs"}, {"usd", "USD"}, {"gflops", "GFLOPs"},
      {"t", "T"},     {"kv", "KV"},     {"mfu", "MFU"}};
  std::string out;
  for (std::size_t start = 0; start <= quantity.size();) {
    const std::size_t end = std::min(quantity.find('_', start), quantity.size());
    std::string word = quantity.substr(start, end - start);
    for (const auto& [written, said] : kWords) {
      if (word == written) word = said;
    }
    out += (out.empty() ? "" : " ") + word;
    start = end + 1;
  }
  return out;
}

/// The quantity and what was published of it.
std::string label_of(const ComparisonRow& row) {
  const std::string name = shorten(spoken(row.quantity), 44);
  return row.published ? name + ": " + format_figure(*row.published, row.unit) : name;
}

std::string row_marks(const ComparisonRow& row, const Scale& scale, double y) {
  const auto x = [&](double change) {
    const double inside =
        std::isfinite(change) ? std::clamp(change, scale.from, scale.to) : scale.to;
    return scale.at(inside);
  };
  std::string out = svg_text(0, y - 13, label_of(row), "label halo");
  if (row.tolerance) {
    out += svg_rect({x(-*row.tolerance), y - 9, x(*row.tolerance) - x(-*row.tolerance), 18},
                    "tolerance");
  }
  if (row.low && row.high && row.published && *row.published != 0) {
    out += svg_line(x(*row.low / *row.published - 1), y, x(*row.high / *row.published - 1), y,
                    "whisker");
  }
  const std::string title =
      fmt::format("{}: {}, published {}, projected {}, {}", row.model, row.quantity,
                  row.published ? format_quantity(*row.published, row.unit) : "nothing",
                  format_quantity(row.projected, row.unit), verdict_words(row));
  if (row.error) out += mark(x(*row.error), y, verdict(row), title);
  return out + svg_text(kHalfWidth, y + 4, format_change(row.error), "value end");
}

std::string badge_of(Verdict judged) {
  if (judged == Verdict::kOutside) return "bad";
  return judged == Verdict::kWithin ? "good" : "open";
}

DataTable validation_table(const std::vector<ComparisonRow>& rows) {
  DataTable table = {{{"model", false},
                      {"quantity", false},
                      {"unit", false},
                      {"published", true},
                      {"projected", true},
                      {"interval", true},
                      {"error", true},
                      {"verdict", false},
                      {"basis", false},
                      {"source", false},
                      {"remark", false}},
                     {}};
  for (const ComparisonRow& row : rows) {
    const std::string interval = row.low && row.high ? format_figure(*row.low, row.unit) + " to " +
                                                           format_figure(*row.high, row.unit)
                                                     : std::string();
    table.rows.push_back(
        {{row.model},
         {row.quantity},
         {row.unit},
         {format_figure(row.published, row.unit), row.published ? "published" : ""},
         {format_figure(row.projected, row.unit)},
         {interval},
         {format_change(row.error)},
         {verdict_words(row), badge_of(verdict(row))},
         {row.provenance},
         {row.source, "", "", true},
         {row.reason, "", "", true}});
  }
  return table;
}

}  // namespace

Figure validation_figure(const std::vector<ComparisonRow>& all, const std::string& id) {
  const std::vector<ComparisonRow> rows = failures_first(all);
  const std::size_t shown = std::min(rows.size(), kMostRows);
  const double reach = extent(rows);
  const Scale scale = {-reach, reach, 8, kHalfWidth - kRight};
  const double bottom = std::max(static_cast<double>(shown) * kRow + 8, 24.0);

  std::string body;
  if (!rows.empty()) {
    body += svg_axis({-reach * 100, reach * 100, scale.begin, scale.end}, 0, bottom,
                     "projected against published, %", format_signed);
    body += svg_line(scale.at(0), 0, scale.at(0), bottom, "axis");
  }
  for (std::size_t i = 0; i < shown; ++i) {
    body += row_marks(rows[i], scale, static_cast<double>(i) * kRow + 27);
  }
  if (rows.empty()) body += svg_text(0, 14, "Nothing was published about this scenario.", "label");
  const int outside = count(rows, Verdict::kOutside);
  const int within = count(rows, Verdict::kWithin);
  const std::string verdicts =
      fmt::format("{} within tolerance, {} outside, {} without a verdict.", within, outside,
                  rows.size() - static_cast<std::size_t>(within + outside));
  std::string caption =
      rows.empty() ? "Figures to compare with are read from scenarios/published."
                   : verdicts +
                         " Beside each name stands what was published. The band is the "
                         "tolerance, the line the 80 % interval; a diamond lies outside, an open "
                         "circle has no verdict.";
  if (shown < rows.size()) {
    caption += fmt::format(" {} of {} are drawn.", shown, rows.size());
  }
  const SvgFrame frame = {id, "Published figures and their projections",
                          "A dot a figure at its relative error. " + verdicts, kHalfWidth,
                          bottom + 38};
  return {"Published against projected", caption, svg_document(frame, body), validation_table(rows),
          false};
}

}  // namespace windtunnel
