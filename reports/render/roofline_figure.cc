#include "reports/render/roofline_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>

#include "reports/render/format.h"
#include "reports/render/svg.h"

namespace windtunnel {
namespace {

constexpr double kLeft = 58;
constexpr double kRight = 14;
constexpr double kTop = 30;
constexpr double kHeight = 270;
constexpr double kStripTop = 372;  // of the kernels without tensor work
constexpr double kStripHeight = 44;
constexpr double kTera = 1e12;
constexpr std::size_t kMostRows = 60;

struct Dot {
  std::string kernel;
  Dtype dtype;
  Basis basis;
  double intensity;  // FLOPs a byte; 0 without tensor work
  double achieved;   // FLOP/s, or bytes/s without
  double of_roof;    // of the lowest roof above it
  double time;       // in a step
  std::string source;
};

double peak(const Roofs& roofs, Dtype dtype) {
  return dtype == Dtype::kFp8 && roofs.fp8 ? roofs.fp8->value : roofs.bf16.value;
}

Dot dot_of(const PricedTerm& term, const Roofs& roofs) {
  const Work each = work(*term.shape);
  const double seconds = term.price.time.value / std::max(term.launches, 1.0);
  const double intensity = share(each.flops.value, each.bytes.value);
  const bool tensor = each.flops.value > 0;
  const double achieved = share(tensor ? each.flops.value : each.bytes.value, seconds);
  const double slope = intensity * roofs.memory.value;
  const double roof = tensor ? std::min(slope, peak(roofs, term.shape->dtype)) : roofs.memory.value;
  return {term.kernel,
          term.shape->dtype,
          term.price.provenance.basis,
          intensity,
          achieved,
          share(achieved, roof),
          term.time_in_step.value,
          term.price.provenance.source};
}

/// Shapes that several layers have are one dot; the longest in a step come first.
std::vector<Dot> dots(const std::vector<PricedTerm>& terms, const Roofs& roofs) {
  std::map<std::string, Dot> by_kernel;
  for (const PricedTerm& term : terms) {
    if (!term.shape || term.kind != TermKind::kKernel || !(term.price.time.value > 0)) continue;
    if (!(work(*term.shape).bytes.value > 0)) continue;
    const auto [found, is_new] = by_kernel.try_emplace(term.kernel, dot_of(term, roofs));
    if (!is_new) found->second.time += term.time_in_step.value;
  }
  std::vector<Dot> all;
  for (auto& [name, dot] : by_kernel) all.push_back(std::move(dot));
  std::stable_sort(all.begin(), all.end(),
                   [](const Dot& a, const Dot& b) { return a.time > b.time; });
  return all;
}

std::string title_of(const Dot& dot) {
  const std::string rate = dot.intensity > 0 ? format_fixed(dot.achieved / kTera, 0) + " TFLOP/s"
                                             : format_fixed(dot.achieved / 1e9, 0) + " GB/s";
  return fmt::format("{}: {}, {} of the roof, {} of a step, {}: {}", dot.kernel, rate,
                     format_percent(dot.of_roof), format_seconds({dot.time}), basis_word(dot.basis),
                     dot.source);
}

/// A circle for BF16, a square for FP8, a triangle for FP32; filled where measured or scaled.
std::string mark(const Dot& dot, double x, double y, double longest) {
  const double r = 3.2 + 5.5 * std::sqrt(share(dot.time, longest));
  const auto c = [](double value) { return format_coordinate(value); };
  std::string data;
  if (dot.dtype == Dtype::kFp8) {
    data = svg_box_path({x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8});
  } else if (dot.dtype == Dtype::kBf16) {
    data = fmt::format("M{} {}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0-{d} 0z", c(x - r), c(y),
                       fmt::arg("r", c(r)), fmt::arg("d", c(2 * r)));
  } else {
    data = fmt::format("M{} {}l{} {}h-{}z", c(x), c(y - r), c(r), c(1.8 * r), c(2 * r));
  }
  const char* dtype = dot.dtype == Dtype::kFp8    ? "fp8"
                      : dot.dtype == Dtype::kBf16 ? "bf16"
                                                  : "fp32";
  const bool estimated = dot.basis == Basis::kEstimated;
  return svg_path(data, fmt::format("roof-{}{}", dtype, estimated ? " hollow" : ""), title_of(dot));
}

struct Axes {
  Scale x;  // log10 of FLOPs a byte
  Scale y;  // log10 of FLOP/s
};

Axes axes_of(const std::vector<Dot>& all, const Roofs& roofs) {
  const double top = std::max(roofs.bf16.value, roofs.fp8 ? roofs.fp8->value : 0);
  const double ridge = top / roofs.memory.value;
  double left = ridge;
  double right = ridge;
  double low = top;
  for (const Dot& dot : all) {
    if (!(dot.intensity > 0) || !(dot.achieved > 0)) continue;
    left = std::min(left, dot.intensity);
    right = std::max(right, dot.intensity);
    low = std::min(low, dot.achieved);
  }
  const auto down = [](double value) { return std::floor(std::log10(value)); };
  return {{down(left / 1.5), std::log10(right * 2.5), kLeft, kHalfWidth - kRight},
          {down(low / 1.2), std::log10(top * 1.6), kTop + kHeight, kTop}};
}

std::string power_text(double value) {
  return value >= 1 ? format_fixed(value, 0) : format_short(value, 1);
}

std::string grid(const Axes& axes) {
  std::string out;
  for (double p = std::ceil(axes.x.from); p <= axes.x.to; ++p) {
    const double x = axes.x.at(p);
    out += svg_line(x, kTop, x, kTop + kHeight, "grid");
    out += svg_text(x, kTop + kHeight + 15, power_text(std::pow(10, p)), "tick middle");
  }
  for (double p = std::ceil(axes.y.from); p <= axes.y.to; ++p) {
    const double y = axes.y.at(p);
    out += svg_line(kLeft, y, kHalfWidth - kRight, y, "grid");
    out += svg_text(kLeft - 7, y + 4, power_text(std::pow(10, p) / kTera), "tick end");
  }
  out += svg_line(kLeft, kTop + kHeight, kHalfWidth - kRight, kTop + kHeight, "axis");
  out += svg_line(kLeft, kTop, kLeft, kTop + kHeight, "axis");
  out += svg_text(kLeft - 50, kTop - 12, "TFLOP/s", "tick");
  return out + svg_text(kHalfWidth - kRight, kTop + kHeight + 31, "FLOPs a byte of memory traffic",
                        "tick end");
}

/// The slope of the memory up to the highest peak, and each peak from where it binds.
std::string roof_lines(const Axes& axes, const Roofs& roofs) {
  const auto x = [&](double value) {
    return axes.x.at(std::clamp(std::log10(value), axes.x.from, axes.x.to));
  };
  const auto y = [&](double value) { return axes.y.at(std::log10(value)); };
  const double memory = roofs.memory.value;
  const double top = std::max(roofs.bf16.value, roofs.fp8 ? roofs.fp8->value : 0);
  const double start = std::pow(10, std::max(axes.x.from, axes.y.from - std::log10(memory)));
  std::string out = svg_line(x(start), y(start * memory), x(top / memory), y(top), "roof");
  const auto flat = [&](double value, const char* name) {
    out += svg_line(x(value / memory), y(value), kHalfWidth - kRight, y(value), "roof");
    out +=
        svg_text(x(value / memory) + 8, y(value) - 6,
                 fmt::format("{} {} TFLOP/s", name, format_fixed(value / kTera, 0)), "label halo");
  };
  flat(roofs.bf16.value, "BF16");
  if (roofs.fp8) flat(roofs.fp8->value, "FP8");
  return out + svg_text(x(start) + 14, y(start * memory) + 14,
                        fmt::format("memory {} TB/s", format_short(memory / kTera, 3)),
                        "label halo");
}

/// Kernels without tensor work, at their share of the memory's rate.
std::string strip(const std::vector<Dot>& all, double longest) {
  const double bottom = kStripTop + kStripHeight;
  double most = 1.0;
  for (const Dot& dot : all) {
    if (!(dot.intensity > 0)) most = std::max(most, dot.of_roof);
  }
  const Scale scale = {0, std::min(most, 2.0) * 105, kLeft, kHalfWidth - kRight};
  std::string out = svg_text(kLeft, kStripTop - 8, "Without tensor work", "strong");
  out += svg_axis(scale, kStripTop, bottom, "share of the memory's rate, %", format_fixed);
  out += svg_line(scale.at(100), kStripTop - 3, scale.at(100), bottom, "roof");
  std::size_t row = 0;
  for (const Dot& dot : all) {
    if (dot.intensity > 0) continue;
    const double x = scale.at(std::min(dot.of_roof * 100, scale.to));
    out += mark(dot, x, kStripTop + 9 + 13 * static_cast<double>(row++ % 3), longest);
  }
  return out;
}

std::string drawing(const std::vector<Dot>& all, const Roofs& roofs) {
  const Axes axes = axes_of(all, roofs);
  double longest = 0;
  for (const Dot& dot : all) longest = std::max(longest, dot.time);
  std::string out = grid(axes) + roof_lines(axes, roofs);
  for (const Dot& dot : all) {
    if (!(dot.intensity > 0) || !(dot.achieved > 0)) continue;
    out += mark(dot, axes.x.at(std::log10(dot.intensity)), axes.y.at(std::log10(dot.achieved)),
                longest);
  }
  return out + strip(all, longest);
}

DataTable roofline_table(const std::vector<Dot>& all) {
  DataTable table = {{{"kernel", false},
                      {"FLOPs a byte", true},
                      {"rate", true},
                      {"of the roof", true},
                      {"in a step", true},
                      {"basis", false},
                      {"source", false}},
                     {}};
  for (std::size_t i = 0; i < std::min(all.size(), kMostRows); ++i) {
    const Dot& dot = all[i];
    const std::string rate = dot.intensity > 0 ? format_fixed(dot.achieved / kTera, 1) + " TFLOP/s"
                                               : format_fixed(dot.achieved / 1e9, 0) + " GB/s";
    table.rows.push_back({{dot.kernel},
                          {dot.intensity > 0 ? format_significant(dot.intensity, 3) : "-"},
                          {rate},
                          {format_percent(dot.of_roof)},
                          {format_seconds({dot.time})},
                          {basis_word(dot.basis), basis_word(dot.basis)},
                          {dot.source, "", "", true}});
  }
  return table;
}

}  // namespace

Figure roofline_figure(const std::vector<PricedTerm>& terms, const std::optional<Roofs>& roofs,
                       const std::string& id) {
  const std::vector<Dot> all = roofs ? dots(terms, *roofs) : std::vector<Dot>();
  const SvgFrame frame = {
      id, "Kernels under the roofs of the GPU",
      all.empty()
          ? "No kernel was priced."
          : fmt::format("{} kernel shapes. The longest in a step, {}, reaches {} of its roof.",
                        all.size(), all[0].kernel, format_percent(all[0].of_roof)),
      kHalfWidth, all.empty() ? 40 : kStripTop + kStripHeight + 36};
  const std::string body =
      all.empty() ? svg_text(0, 14, "No kernel was priced.", "label") : drawing(all, *roofs);
  return {
      "Kernels under the roof",
      "A mark a kernel shape: square FP8, circle BF16, triangle FP32; hollow where its price is "
      "an estimate; its area is its time in a step. Roofs are the data sheet's, at its clock. A "
      "kernel beside communication has fewer SMs than the roof. Traffic is the least that the "
      "shape needs: what stays in L2 may pass the memory's rate.",
      svg_document(frame, body), roofline_table(all), false};
}

}  // namespace windtunnel
