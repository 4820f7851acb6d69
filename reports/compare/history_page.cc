#include "reports/compare/history_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/render/format.h"
#include "reports/render/page.h"
#include "reports/render/svg.h"
#include "simulator/base/shown_text.h"

namespace windtunnel {
namespace {

constexpr std::size_t kMostRows = 1000;
constexpr std::size_t kMostPoints = 200;
constexpr double kWidth = 240;
constexpr double kHeight = 36;
constexpr double kMargin = 4;

std::string point_name(const HistoryPoint& point) {
  std::string name = point.commit.empty() ? fmt::format("run {}", point.run) : point.commit;
  if (!point.date.empty()) name += ", " + point.date;
  return shown_text(name);
}

/// The last medians from the least to the most, a mark where a change begins.
std::string spark_line(const History& history, std::size_t row) {
  const std::vector<HistoryPoint>& points = history.series.points;
  const std::size_t from = points.size() > kMostPoints ? points.size() - kMostPoints : 0;
  const auto less = [](const HistoryPoint& a, const HistoryPoint& b) {
    return a.seconds < b.seconds;
  };
  const auto [least, most] =
      std::minmax_element(points.begin() + static_cast<std::ptrdiff_t>(from), points.end(), less);
  const Scale across{static_cast<double>(from), static_cast<double>(points.size() - 1), kMargin,
                     kWidth - kMargin};
  const Scale up{least->seconds, most->seconds, kHeight - kMargin, kMargin};
  std::string line;
  for (std::size_t i = from; i < points.size(); ++i) {
    line += fmt::format("{}{:.1f} {:.1f}", i == from ? "M" : "L", across.at(static_cast<double>(i)),
                        up.at(points[i].seconds));
  }
  std::string body = svg_path(line, "spark");
  for (const ChangePoint& change : history.changes) {
    if (change.at < from) continue;
    body += svg_rect(
        {across.at(static_cast<double>(change.at)) - 3, up.at(points[change.at].seconds) - 3, 6, 6},
        change.ratio > 1 ? "outside dot" : "within dot",
        fmt::format("{} since {}", format_change(change.ratio - 1), point_name(points[change.at])));
  }
  return svg_document({.id = fmt::format("spark-{}", row),
                       .title = fmt::format("{} over {}", history.series.benchmark,
                                            format_number_of(points.size() - from, "run")),
                       .description = fmt::format("from {} to {}", format_seconds({least->seconds}),
                                                  format_seconds({most->seconds})),
                       .width = kWidth,
                       .height = kHeight},
                      body);
}

std::string changes_cell(const History& history) {
  std::string cell;
  for (const ChangePoint& change : history.changes) {
    cell += fmt::format("<div><span class=\"badge {}\">{}</span> since {}</div>",
                        change.ratio > 1 ? "bad" : "good", format_change(change.ratio - 1),
                        escape(point_name(history.series.points[change.at])));
  }
  return cell;
}

std::string row_text(const History& history, std::size_t row) {
  const HistorySeries& series = history.series;
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
      "<td>{}</td><td>{}</td></tr>\n",
      escape(series.benchmark), escape(series.device), series.points.size(),
      format_seconds({series.points.back().seconds}), spark_line(history, row),
      changes_cell(history));
}

/// Runs since the last change; all for a series without one.
std::size_t age(const History& history) {
  return history.changes.empty() ? history.series.points.size()
                                 : history.series.points.size() - history.changes.back().at;
}

}  // namespace

std::string render_history_page(const std::vector<History>& all, const BuildVersion& build) {
  std::vector<const History*> order;
  for (const History& history : all) order.push_back(&history);
  std::stable_sort(order.begin(), order.end(), [](const History* a, const History* b) {
    if (a->changes.empty() != b->changes.empty()) return b->changes.empty();
    return !a->changes.empty() && age(*a) < age(*b);
  });
  const auto changed =
      std::count_if(all.begin(), all.end(), [](const History& it) { return !it.changes.empty(); });
  std::string out =
      page_head("History") +
      fmt::format(
          "<h1>{}, {} with changes</h1>\n<p class=\"soft\">Medians over all runs, each line from "
          "its "
          "least to its most. A mark is where the level changed (E-divisive).</p>\n"
          "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"all benchmarks\">"
          "<table>\n<thead><tr><th scope=\"col\">benchmark</th><th scope=\"col\">device</th>"
          "<th scope=\"col\" class=\"n\">runs</th><th scope=\"col\" class=\"n\">last</th>"
          "<th scope=\"col\">medians</th><th scope=\"col\">changes</th></tr></thead>\n<tbody>\n",
          format_number_of(all.size(), "benchmark"), changed);
  for (std::size_t row = 0; row < std::min(order.size(), kMostRows); ++row) {
    out += row_text(*order[row], row);
  }
  out += "</tbody></table></div>\n";
  if (order.size() > kMostRows) {
    out += fmt::format("<p class=\"soft\">{} more are in the document.</p>\n",
                       order.size() - kMostRows);
  }
  return out + page_foot("", build);
}

}  // namespace windtunnel
