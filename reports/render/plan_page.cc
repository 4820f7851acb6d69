#include "reports/render/plan_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"
#include "reports/render/page.h"
#include "reports/render/plan_text.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kHeight = 320;
constexpr double kLeft = 84;
constexpr double kBottom = 270;
constexpr double kTop = 46;

const PlanQuantity& objective_of(const PlanReport& report) {
  return report.quantities[static_cast<std::size_t>(report.objective)];
}

/// A plan in the figure's plane.
struct Point {
  double memory;
  Interval takes;
  std::string css;
  std::string title;
};

std::vector<Point> points_of(const PlanReport& report) {
  const auto place = static_cast<std::size_t>(report.objective);
  std::vector<Point> points;
  const auto add = [&](const std::array<Interval, kObjectives>& takes, const char* css,
                       const std::string& name) {
    points.push_back(
        {takes.back().value / kGibibyte, takes[place], css,
         fmt::format("{}: {}, {}", name, plan_figure(objective_of(report), takes[place].value),
                     plan_figure(report.quantities.back(), takes.back().value))});
  };
  for (const PlanRow& row : report.best) {
    if (!row.front) add(row.takes, "sub", "one of the best");
  }
  for (std::size_t i = 0; i < report.front.size(); ++i) {
    add(report.front[i].takes, "shorter", fmt::format("plan {} of the front", i + 1));
  }
  for (const MarkedPlan& mark : report.marks) add(mark.takes, "longer", mark.name);
  return points;
}

std::string drawn(const std::vector<Point>& points, const PlanReport& report) {
  double most = 0;
  double low = points.front().takes.low;
  double high = points.front().takes.high;
  for (const Point& point : points) {
    most = std::max(most, point.memory);
    low = std::min(low, point.takes.low);
    high = std::max(high, point.takes.high);
  }
  const Scale x{0, most * 1.05, kLeft, kHalfWidth - 10};
  const Scale y{low - (high - low) * 0.05, high + (high - low) * 0.05, kBottom, kTop};
  std::string out =
      svg_axis(x, kTop, kBottom, "memory of the fullest GPU, GiB",
               [](double value, int decimals) { return format_fixed(value, decimals); });
  out += svg_legend({{"on the front", "shorter", ""},
                     {"one of the best", "sub", ""},
                     {"known plans", "longer", ""}},
                    kLeft, 2, kHalfWidth - kLeft)
             .body;
  out += svg_text(0, kTop - 10, plan_heading(objective_of(report)), "label");
  for (const double at : ticks(y.from, y.to, 5)) {
    const double tick = std::abs(at) < 1e-9 * (y.to - y.from) ? 0 : at;  // no "-0"
    out += svg_line(kLeft, y.at(tick), kHalfWidth - 10, y.at(tick), "grid");
    out +=
        svg_text(kLeft - 6, y.at(tick) + 4, plan_figure(objective_of(report), tick), "label end");
  }
  for (const Point& point : points) {
    const double at = x.at(point.memory);
    out += svg_line(at, y.at(point.takes.low), at, y.at(point.takes.high), "axis");
    out += svg_rect({at - 4, y.at(point.takes.value) - 4, 8, 8}, point.css, point.title);
  }
  return out;
}

std::vector<DataColumn> columns_of(const PlanReport& report) {
  std::vector<DataColumn> columns{{"plan", false}};
  for (const PlanQuantity& quantity : report.quantities)
    columns.push_back({plan_heading(quantity), true});
  columns.push_back({plan_heading(objective_of(report)) + ", 80 %", true});
  columns.push_back({"choices", false});
  return columns;
}

std::vector<DataCell> cells_of(const PlanReport& report, const std::string& name,
                               const std::array<Interval, kObjectives>& takes,
                               const std::string& choices) {
  std::vector<DataCell> cells{{name}};
  for (std::size_t i = 0; i < kObjectives; ++i) {
    cells.push_back({plan_figure(report.quantities[i], takes[i].value),
                     takes[i].value > report.quantities[i].limit ? "bad" : ""});
  }
  const Interval& it = takes[static_cast<std::size_t>(report.objective)];
  cells.push_back({plan_figure(objective_of(report), it.low) + " to " +
                   plan_figure(objective_of(report), it.high)});
  cells.push_back({choices});
  return cells;
}

DataTable rows_table(const PlanReport& report, const std::vector<PlanRow>& rows,
                     const std::vector<std::string>& choices) {
  DataTable table{columns_of(report), {}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.rows.push_back(cells_of(report, fmt::format("{}{}", i + 1, rows[i].tied ? ", ties" : ""),
                                  rows[i].takes, choices[i]));
  }
  return table;
}

DataTable rejected_table(const PlanReport& report) {
  DataTable table{{{"plans", true}, {"why", false}, {"such as", false}}, {}};
  const auto add = [&](std::int64_t plans, const std::string& why, const std::string& example) {
    table.rows.push_back(
        {DataCell{format_count(static_cast<double>(plans))}, DataCell{why}, DataCell{example}});
  };
  for (const RejectedClass& one : report.rejected) add(one.count, one.reason, one.example);
  add(report.bounded, "ruled out by a lower bound: another plan is better", "");
  add(report.evaluated, "simulated", "");
  return table;
}

std::string front_sections(const PlanReport& report) {
  std::vector<PlanRow> all = report.front;
  all.insert(all.end(), report.best.begin(), report.best.end());
  SplitChoices split = split_choices(all);
  const auto front = static_cast<std::ptrdiff_t>(report.front.size());
  std::string common;
  for (const auto& [key, value] : split.common) common += fmt::format(" {} {},", key, value);
  std::string out =
      "<div class=\"figures\">\n" + render_figure(plan_figure_of(report)) + "</div>\n";
  if (!common.empty()) {
    common.back() = '.';
    out += "<p class=\"soft\">All of them:" + escape(common) + "</p>\n";
  }
  out += "<h2>The front</h2>\n" +
         render_table(
             rows_table(report, report.front, {split.rest.begin(), split.rest.begin() + front}));
  std::vector<PlanRow> best = report.best;
  for (PlanRow& row : best) row.tied = false;
  return out + "<h2>The best by " + escape(plan_heading(objective_of(report))) + "</h2>\n" +
         render_table(rows_table(report, best, {split.rest.begin() + front, split.rest.end()}));
}

std::string nearest_section(const PlanReport& report) {
  std::vector<PlanRow> rows;
  std::vector<std::string> choices;
  for (const NearestRow& near : report.nearest) {
    rows.push_back(near.plan);
    choices.push_back(all_choices(near.plan));
  }
  return "<h2>No plan keeps to the limits: the nearest</h2>\n" +
         render_table(rows_table(report, rows, choices));
}

std::string marks_section(const PlanReport& report) {
  if (report.marks.empty()) return "";
  DataTable table{columns_of(report), {}};
  for (const MarkedPlan& mark : report.marks) {
    std::string place = fmt::format("{} of the front better in everything", mark.better);
    if (mark.better == 0) place = report.front.empty() ? "" : "on the front";
    if (!mark.over.empty()) place = "over the limit of " + mark.over;
    if (!mark.elsewhere.empty()) place = "on another cluster, " + mark.elsewhere;
    table.rows.push_back(cells_of(report, mark.name, mark.takes, place));
  }
  return "<h2>Known plans</h2>\n" + render_table(table);
}

std::string inputs_table(const PlanReport& report) {
  DataTable table{{{"file", false}, {"XXH3-128", false}}, {}};
  for (const InputFile& input : report.inputs)
    table.rows.push_back({DataCell{input.path}, DataCell{input.hash}});
  return "<h2>Inputs</h2>\n" + render_table(table);
}

}  // namespace

Figure plan_figure_of(const PlanReport& report) {
  const std::vector<Point> points = points_of(report);
  const std::string name = plan_heading(objective_of(report));
  const std::string body = points.empty() ? "" : drawn(points, report);
  return {.heading = "Memory against " + name,
          .caption = "Bars are 80 % intervals; plans whose bars overlap cannot be told apart.",
          .svg = svg_document(
              {.id = "front",
               .title = "The front of plans",
               .description = fmt::format("{} plans by memory and {}", points.size(), name),
               .width = kHalfWidth,
               .height = kHeight},
              body),
          .table = {{{"plan", false}}, {}},
          .wide = false};
}

std::string render_plan_page(const PlanReport& report, const BuildVersion& build) {
  std::string out =
      page_head(report.name) +
      fmt::format("<h1>{}</h1>\n<p>{} plans from {}.</p>\n", escape(report.name),
                  format_count(static_cast<double>(report.plans)), escape(report.scenario));
  out += report.front.empty() ? nearest_section(report) : front_sections(report);
  out += marks_section(report) + "<h2>What was tried</h2>\n" +
         render_table(rejected_table(report)) + inputs_table(report);
  return out + page_foot(
                   "<p>Intervals are 80 % intervals from the measurements' own leave-one-out "
                   "errors.</p>",
                   build);
}

}  // namespace windtunnel
