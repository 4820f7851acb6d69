#include "reports/render/parts_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "reports/render/format.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kLeft = 58;
constexpr double kRight = 62;
constexpr double kRow = 20;
constexpr double kBar = 14;

struct Part {
  const char* name;
  const char* css;
  Seconds StepParts::*time;
};

constexpr Part kParts[] = {{"forward", "forward", &StepParts::forward},
                           {"backward", "backward", &StepParts::backward},
                           {"weight", "weight", &StepParts::weight},
                           {"overlapped F&B", "overlapped", &StepParts::overlapped},
                           {"optimizer", "optimizer", &StepParts::optimizer},
                           {"bubble", "bubble", &StepParts::bubble}};

struct Row {
  std::string name;
  StepParts parts;
};

std::vector<Row> rows(const StepProjection& step) {
  std::vector<Row> out = {{"mean", step.mean}};
  for (std::size_t i = 0; i < step.ranks.size(); ++i) {
    out.push_back({fmt::format("rank {}", i), step.ranks[i]});
  }
  return out;
}

std::string bar(const Row& row, const Scale& scale, double y, const std::string& hatch) {
  std::string out = svg_text(kLeft - 8, y + 11, row.name, "label end");
  double sum = 0;
  for (const Part& part : kParts) {
    const double seconds = (row.parts.*part.time).value;
    const double x = scale.at(sum);
    sum += seconds;
    if (seconds <= 0) continue;
    const Box box = {x, y, scale.at(sum) - x, kBar};
    const std::string title =
        fmt::format("{}: {} {}, {}", row.name, part.name, format_seconds({seconds}),
                    format_percent(share(seconds, row.parts.time.value)));
    // The hatching is a fill of the element: a class can't name a pattern of this drawing.
    std::string rect = svg_rect(box, part.css, title);
    if (std::string_view(part.css) == "bubble") rect.insert(5, " fill=\"" + hatch + "\"");
    out += rect;
  }
  return out +
         svg_text(scale.at(sum) + 6, y + 11, format_fixed(row.parts.time.value, 2) + " s", "value");
}

DataTable parts_table(const std::vector<Row>& all) {
  DataTable table;
  table.columns = {{"rank", false}, {"step, s", true}};
  for (const Part& part : kParts) table.columns.push_back({std::string(part.name) + ", s", true});
  table.columns.push_back({"bubble, %", true});
  for (const Row& row : all) {
    std::vector<DataCell> cells = {{row.name}, {format_fixed(row.parts.time.value, 3)}};
    for (const Part& part : kParts) {
      cells.push_back({format_fixed((row.parts.*part.time).value, 3)});
    }
    cells.push_back({format_percent(share(row.parts.bubble.value, row.parts.time.value))});
    table.rows.push_back(cells);
  }
  return table;
}

}  // namespace

Figure parts_figure(const StepProjection& step, const std::string& id) {
  const std::vector<Row> all = rows(step);
  double longest = 0;
  for (const Row& row : all) longest = std::max(longest, row.parts.time.value);
  const std::string hatch = fmt::format("url(#{}-bubble)", id);

  std::vector<LegendEntry> entries;
  for (const Part& part : kParts) {
    const bool hatched = std::string_view(part.css) == "bubble";
    entries.push_back({part.name, part.css, hatched ? hatch : std::string()});
  }
  const Legend legend = svg_legend(entries, kLeft, 2, kHalfWidth - kLeft);
  const double top = legend.height + 8;
  const double bottom = top + static_cast<double>(all.size()) * kRow + 4;
  const Scale scale = {0, longest, kLeft, kHalfWidth - kRight};

  std::string body = svg_hatch(id + "-bubble", "hatch") + legend.body;
  body += svg_axis(scale, top, bottom, "seconds of a step", format_fixed);
  double y = top + 3;
  for (const Row& row : all) {
    body += bar(row, scale, y, hatch);
    y += kRow;
  }
  const SvgFrame frame = {
      id, "Step time by pipeline rank",
      fmt::format(
          "Stacked bars of {} ranks and their mean. Rank 0 takes {}, of which {} is bubble.",
          step.ranks.size(), format_seconds(step.rank0.time),
          format_percent(share(step.rank0.bubble.value, step.rank0.time.value))),
      kHalfWidth, bottom + 38};
  return {"Step time by pipeline rank",
          "What each rank's compute stream does during a step. The bubble is hatched: the stream "
          "waits for another rank or for exposed communication.",
          svg_document(frame, body), parts_table(all), false};
}

}  // namespace windtunnel
