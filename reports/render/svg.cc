#include "reports/render/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"

namespace windtunnel {
namespace {

constexpr double kCharacterWidth = 6.6;  // of the page's sans-serif at 12 px, on the generous side
constexpr double kLegendRow = 20;
constexpr double kTickDistance = 56;

std::string c(double value) { return format_coordinate(value); }

std::string closed(std::string_view element, std::string_view title) {
  if (title.empty()) return "/>";
  return fmt::format("><title>{}</title></{}>", escape(title), element);
}

std::string class_attribute(std::string_view css) {
  return css.empty() ? std::string() : fmt::format(" class=\"{}\"", css);
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '&') {
      out += "&amp;";
    } else if (character == '<') {
      out += "&lt;";
    } else if (character == '>') {
      out += "&gt;";
    } else if (character == '"') {
      out += "&quot;";
    } else if (character == '\'') {
      out += "&#39;";
    } else if (byte < 0x20 && character != '\n' && character != '\t') {
      out += "\xEF\xBF\xBD";
    } else {
      out += character;
    }
  }
  return out;
}

double Scale::at(double value) const {
  return to > from ? begin + (value - from) / (to - from) * (end - begin) : begin;
}

std::vector<double> ticks(double from, double to, int wanted) {
  if (!(to > from) || !std::isfinite(to - from)) return {from};
  const double raw = (to - from) / std::max(wanted, 1);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double lead = raw / power;
  const double step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  std::vector<double> out;
  const double first = std::ceil(from / step - 1e-9);
  for (double i = first; i * step <= to + step * 1e-9; ++i) out.push_back(i * step);
  return out;
}

int tick_decimals(const std::vector<double>& values) {
  if (values.size() < 2) return 1;
  const double step = values[1] - values[0];
  return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 9);
}

std::string svg_document(const SvgFrame& frame, const std::string& body) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"{0}\" role=\"img\" viewBox=\"0 0 {1} {2}\" "
      "width=\"{1}\" height=\"{2}\" aria-labelledby=\"{0}-t {0}-d\">\n"
      "<title id=\"{0}-t\">{3}</title><desc id=\"{0}-d\">{4}</desc>\n{5}</svg>\n",
      escape(frame.id), c(frame.width), c(frame.height), escape(frame.title),
      escape(frame.description), body);
}

std::string svg_rect(const Box& box, std::string_view css, std::string_view title) {
  return fmt::format("<rect{} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}\n",
                     class_attribute(css), c(box.x), c(box.y), c(std::max(box.width, 0.0)),
                     c(std::max(box.height, 0.0)), closed("rect", title));
}

std::string svg_box_path(const Box& box) {
  return fmt::format("M{} {}h{}v{}h-{}z", c(box.x), c(box.y), c(box.width), c(box.height),
                     c(box.width));
}

std::string svg_path(const std::string& data, std::string_view css, std::string_view title) {
  return fmt::format("<path{} d=\"{}\"{}\n", class_attribute(css), data, closed("path", title));
}

std::string svg_text(double x, double y, std::string_view text, std::string_view css) {
  return fmt::format("<text{} x=\"{}\" y=\"{}\">{}</text>\n", class_attribute(css), c(x), c(y),
                     escape(text));
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view css) {
  return fmt::format("<line{} x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", class_attribute(css),
                     c(x1), c(y1), c(x2), c(y2));
}

std::string svg_hatch(const std::string& id, std::string_view css) {
  return fmt::format(
      "<pattern id=\"{}\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" "
      "patternTransform=\"rotate(45)\"><rect class=\"{}-ground\" width=\"5\" height=\"5\"/>"
      "<line class=\"{}-line\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"5\"/></pattern>\n",
      escape(id), css, css);
}

std::string svg_axis(const Scale& scale, double top, double bottom, const std::string& name,
                     const std::function<std::string(double, int)>& label) {
  std::string out;
  const double width = std::abs(scale.end - scale.begin);
  const std::vector<double> values =
      ticks(scale.from, scale.to, static_cast<int>(width / kTickDistance));
  const int decimals = tick_decimals(values);
  for (const double value : values) {
    const double x = scale.at(value);
    out += svg_line(x, top, x, bottom, "grid");
    out += svg_text(x, bottom + 15, label(value, decimals), "tick middle");
  }
  out += svg_line(scale.begin, bottom, scale.end, bottom, "axis");
  return out + svg_text(scale.end, bottom + 31, name, "tick end");
}

Legend svg_legend(const std::vector<LegendEntry>& entries, double x, double y, double width) {
  std::string body;
  double left = x;
  double row = y;
  for (const LegendEntry& entry : entries) {
    const auto letters = static_cast<double>(entry.label.size());
    const double needed = 18 + letters * kCharacterWidth + 12;
    if (left > x && left + needed - 12 > x + width) {
      left = x;
      row += kLegendRow;
    }
    const std::string fill =
        entry.fill.empty() ? std::string() : fmt::format(" fill=\"{}\"", entry.fill);
    body += fmt::format("<rect{}{} x=\"{}\" y=\"{}\" width=\"12\" height=\"12\"/>\n",
                        class_attribute(entry.css), fill, c(left), c(row));
    body += svg_text(left + 17, row + 10, entry.label, "label");
    left += needed;
  }
  return {body, entries.empty() ? 0 : row - y + kLegendRow};
}

}  // namespace windtunnel
