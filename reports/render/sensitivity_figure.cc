#include "reports/render/sensitivity_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "reports/render/format.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kMargin = 74;  // room for the values at both ends of a bar
constexpr double kRow = 36;
constexpr double kBar = 14;
constexpr std::size_t kMostRows = 10;

TornadoRow row_of(const AssumptionEffect& it, bool hours, double base) {
  const double low = hours ? it.gpu_hours_low : it.step_low_s;
  const double high = hours ? it.gpu_hours_high : it.step_high_s;
  const auto words = [&](double value) {
    return hours ? format_gpu_hours(value) : format_seconds({value});
  };
  return {.what = it.what,
          .value = it.value,
          .range = it.range,
          .why = it.why,
          .basis = "assumed",
          .low = share(low - base, base),
          .high = share(high - base, base),
          .low_text = words(low),
          .high_text = words(high)};
}

/// A class of prices as if it were an assumption.
TornadoRow row_of(const MeasurementEffect& it, bool hours, double base) {
  TornadoRow row =
      row_of(AssumptionEffect{.what = "prices of " + it.what,
                              .value = "as priced",
                              .range = "80 % interval",
                              .why = "the errors of their tables; a measurement narrows them",
                              .gpu_hours_low = it.gpu_hours_low,
                              .gpu_hours_high = it.gpu_hours_high,
                              .step_low_s = it.step_low_s,
                              .step_high_s = it.step_high_s},
             hours, base);
  row.basis = "priced";
  return row;
}

void sort_widest_first(std::vector<TornadoRow>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const TornadoRow& a, const TornadoRow& b) {
    return std::abs(a.high - a.low) > std::abs(b.high - b.low);
  });
}

/// Shorter and longer differ by side and colour; what was measured is striped.
std::string half(const Box& box, bool longer, bool striped, const std::string& id,
                 const std::string& title) {
  const std::string css = longer ? "longer" : "shorter";
  std::string rect = svg_rect(box, striped ? "part" : css, title);
  if (striped) rect.insert(5, fmt::format(" fill=\"url(#{}-{})\"", id, css));
  return rect;
}

std::string bar(const TornadoRow& row, const Scale& scale, double y, const std::string& id) {
  const double middle = scale.at(0);
  const double left = std::min(scale.at(row.low), middle);
  const double right = std::max(scale.at(row.high), middle);
  const bool striped = row.basis != "assumed";
  const std::string label = fmt::format("{}: {} (range {})", row.what, row.value, row.range);
  std::string out = svg_line(middle, y + 15, middle, y + 33, "axis");
  out += svg_text(0, y + 11, shorten(label, 68), "label halo");
  out += half({left, y + 17, middle - left, kBar}, false, striped, id,
              fmt::format("{}, {}: {}", row.what, row.basis, format_change(row.low)));
  out += half({middle, y + 17, right - middle, kBar}, true, striped, id,
              fmt::format("{}, {}: {}", row.what, row.basis, format_change(row.high)));
  out += svg_text(left - 6, y + 28, row.low_text, "value end halo");
  return out + svg_text(right + 6, y + 28, row.high_text, "value halo");
}

DataTable tornado_table(const Tornado& tornado) {
  DataTable table = {{{"cause", false},
                      {"basis", false},
                      {"value", false},
                      {"range", false},
                      {tornado.quantity + ", low", true},
                      {"high", true},
                      {"change", true},
                      {"why", false}},
                     {}};
  for (const TornadoRow& row : tornado.rows) {
    table.rows.push_back({{row.what},
                          {row.basis, row.basis},
                          {row.value},
                          {row.range},
                          {row.low_text},
                          {row.high_text},
                          {format_change(row.low) + " to " + format_change(row.high)},
                          {row.why, "", "", true}});
  }
  return table;
}

std::string drawing(const Tornado& tornado, std::size_t shown, double bottom,
                    const std::string& id) {
  if (tornado.rows.empty()) return svg_text(0, 14, "No assumption was made.", "label");
  double extent = 0.001;
  for (const TornadoRow& row : tornado.rows) {
    extent = std::max({extent, std::abs(row.low), std::abs(row.high)});
  }
  const Scale scale = {-extent, extent, kMargin, kHalfWidth - kMargin};
  std::string body = svg_hatch(id + "-shorter", "shorter") + svg_hatch(id + "-longer", "longer");
  body += svg_axis({-extent * 100, extent * 100, scale.begin, scale.end}, 0, bottom,
                   fmt::format("change of {}, %", tornado.quantity), format_signed);
  for (std::size_t i = 0; i < shown; ++i) {
    body += bar(tornado.rows[i], scale, static_cast<double>(i) * kRow + 2, id);
  }
  return body;
}

}  // namespace

Tornado sensitivity_rows(const Projection& projection) {
  const bool hours = projection.run.has_value();
  const double base = hours ? projection.run->gpu_hours : projection.step.rank0.time.value;
  Tornado tornado = {hours ? "the run's GPU hours" : "the step time", {}};
  for (const AssumptionEffect& it : projection.provenance.assumptions) {
    tornado.rows.push_back(row_of(it, hours, base));
  }
  for (const MeasurementEffect& it : projection.provenance.measurements) {
    tornado.rows.push_back(row_of(it, hours, base));
  }
  return tornado;
}

Tornado sensitivity_rows(const ServingProjection& projection) {
  Tornado tornado = {"the time to the next token", {}};
  if (!projection.rates) return tornado;
  const double base = projection.rates->tpot_s.value;
  for (const ServingEffect& it : projection.assumptions) {
    tornado.rows.push_back({.what = it.what,
                            .value = it.value,
                            .range = it.range,
                            .why = it.why,
                            .basis = "assumed",
                            .low = share(it.tpot_s.low - base, base),
                            .high = share(it.tpot_s.high - base, base),
                            .low_text = format_seconds({it.tpot_s.low}),
                            .high_text = format_seconds({it.tpot_s.high})});
  }
  return tornado;
}

Figure tornado_figure(Tornado tornado, const std::string& id) {
  sort_widest_first(tornado.rows);
  const std::vector<TornadoRow>& rows = tornado.rows;
  const std::size_t shown = std::min(rows.size(), kMostRows);
  const double bottom = std::max(static_cast<double>(shown) * kRow + 6, 24.0);
  const std::string widest = rows.empty() ? "There is none."
                                          : fmt::format("The widest is {}: {} to {}.", rows[0].what,
                                                        rows[0].low_text, rows[0].high_text);
  const SvgFrame frame = {id, "What could change it",
                          "A bar for each cause between the ends of its range. " + widest,
                          kHalfWidth, bottom + 38};
  std::string caption =
      "Each cause moved alone to the ends of its own range; the others stay. What no source "
      "settles is best measured from the top down.";
  const bool measured = std::any_of(rows.begin(), rows.end(),
                                    [](const TornadoRow& row) { return row.basis != "assumed"; });
  if (measured) caption += " Striped: a class of prices, moved to the ends of its 80 % interval.";
  if (shown < rows.size()) caption += fmt::format(" The widest {} of {}.", shown, rows.size());
  return {"What could change it", caption, svg_document(frame, drawing(tornado, shown, bottom, id)),
          tornado_table(tornado), false};
}

}  // namespace windtunnel
