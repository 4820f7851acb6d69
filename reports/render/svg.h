// The few shapes our figures are made of, as SVG text. Colours are CSS classes (page_style.cc), so
// that one drawing serves light, dark and paper.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace windtunnel {

/// Of figures that stand side by side on a screen and fill a telephone's, where text stays legible.
inline constexpr double kHalfWidth = 440;

/// Text safe inside elements and quoted attributes; characters that XML forbids become U+FFFD.
std::string escape(std::string_view text);

/// Maps values [from, to] to coordinates [begin, end] linearly; an empty range maps to `begin`.
struct Scale {
  double from;
  double to;
  double begin;
  double end;

  double at(double value) const;
};

/// Round values (1, 2 or 5 times a power of ten apart) within [from, to], about `wanted` of them.
std::vector<double> ticks(double from, double to, int wanted);

/// Decimals that tell neighbouring ticks apart.
int tick_decimals(const std::vector<double>& values);

/// What a screen reader says, and the size of the drawing in CSS pixels.
struct SvgFrame {
  std::string id;
  std::string title;
  std::string description;
  double width;
  double height;
};

/// A whole <svg> with role, title and description around `body`.
std::string svg_document(const SvgFrame& frame, const std::string& body);

struct Box {
  double x;
  double y;
  double width;
  double height;
};

/// A rectangle; `title` is shown on hover, nothing when empty.
std::string svg_rect(const Box& box, std::string_view css, std::string_view title = "");

/// The path data of a rectangle, for one <path> of many.
std::string svg_box_path(const Box& box);

std::string svg_path(const std::string& data, std::string_view css, std::string_view title = "");

/// Text with its baseline at y; classes `end` and `middle` align it.
std::string svg_text(double x, double y, std::string_view text, std::string_view css = "");

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view css);

/// A diagonal hatching to fill with `url(#id)`; the class tells its ink.
std::string svg_hatch(const std::string& id, std::string_view css);

/// A horizontal axis at the bottom: grid lines from `top` to `bottom`, labels below, `name` last.
/// `label` gets a value and the decimals that tell neighbours apart.
std::string svg_axis(const Scale& scale, double top, double bottom, const std::string& name,
                     const std::function<std::string(double, int)>& label);

struct LegendEntry {
  std::string label;
  std::string css;   ///< class of the swatch
  std::string fill;  ///< `url(#id)` of a hatching; else empty
};

/// Swatches with labels, wrapped to `width`; and the height they take.
struct Legend {
  std::string body;
  double height;
};
Legend svg_legend(const std::vector<LegendEntry>& entries, double x, double y, double width);

}  // namespace windtunnel
