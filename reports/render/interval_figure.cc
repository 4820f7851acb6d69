#include "reports/render/interval_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "reports/render/format.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kWidth = 1120;
constexpr double kLeft = 330;
constexpr double kRight = 200;
constexpr double kRow = 26;
constexpr double kFarApart = 20;  // times: past that the axis is logarithmic

struct Axis {
  Scale scale;
  bool logarithmic;

  double at(double value) const {
    return scale.at(logarithmic ? std::log10(std::max(value, 1e-300)) : value);
  }
};

Axis axis_of(const std::vector<IntervalRow>& rows) {
  double least = rows[0].low;
  double most = rows[0].high;
  for (const IntervalRow& row : rows) {
    least = std::min(least, row.low);
    most = std::max(most, row.high);
  }
  const bool logarithmic = least > 0 && most > kFarApart * least;
  if (logarithmic) {
    return {{std::floor(std::log10(least)), std::ceil(std::log10(most)), kLeft, kWidth - kRight},
            true};
  }
  return {{0, most * 1.04, kLeft, kWidth - kRight}, false};
}

std::string grid(const Axis& axis, double bottom, const std::string& quantity,
                 const std::function<std::string(double)>& words) {
  std::string out;
  const Scale& scale = axis.scale;
  const std::vector<double> values =
      axis.logarithmic ? ticks(scale.from, scale.to, static_cast<int>(scale.to - scale.from))
                       : ticks(scale.from, scale.to, 6);
  for (const double value : values) {
    const double x = scale.at(value);
    out += svg_line(x, 0, x, bottom, "grid");
    out += svg_text(x, bottom + 15, words(axis.logarithmic ? std::pow(10, value) : value),
                    "tick middle");
  }
  out += svg_line(scale.begin, bottom, scale.end, bottom, "axis");
  return out + svg_text(scale.end, bottom + 31,
                        quantity + (axis.logarithmic ? ", logarithmic" : ""), "tick end");
}

std::string marks(const IntervalRow& row, const Axis& axis, double y,
                  const std::function<std::string(double)>& words) {
  const double x = axis.at(row.value);
  const std::string text =
      fmt::format("{} ({} to {})", words(row.value), words(row.low), words(row.high));
  std::string out = svg_text(kLeft - 12, y + 4, shorten(row.name, 48), "label end");
  out += svg_line(axis.at(row.low), y, axis.at(row.high), y, "whisker");
  out += svg_path(fmt::format("M{} {}a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", format_coordinate(x - 5),
                              format_coordinate(y)),
                  "dot projected", row.name + ": " + text);
  return out + svg_text(kWidth - kRight + 12, y + 4, text, "value");
}

}  // namespace

Figure interval_figure(const std::string& heading, const std::string& quantity,
                       const std::vector<IntervalRow>& rows,
                       const std::function<std::string(double)>& words, const std::string& id) {
  DataTable table = {
      {{"scenario", false}, {quantity, true}, {"80 % interval", true}, {"against the first", true}},
      {}};
  const double bottom = static_cast<double>(rows.size()) * kRow + 8;
  std::string body;
  if (!rows.empty()) {
    const Axis axis = axis_of(rows);
    body += grid(axis, bottom, quantity, words);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      body += marks(rows[i], axis, static_cast<double>(i) * kRow + 17, words);
    }
  }
  for (const IntervalRow& row : rows) {
    table.rows.push_back({{row.name},
                          {words(row.value)},
                          {words(row.low) + " to " + words(row.high)},
                          {format_change(share(row.value - rows[0].value, rows[0].value))}});
  }
  const SvgFrame frame = {id, heading, "A dot a scenario, a line its 80 % interval.", kWidth,
                          bottom + 38};
  return {heading, "A dot a scenario; the line is its 80 % interval.", svg_document(frame, body),
          table, true};
}

}  // namespace windtunnel
