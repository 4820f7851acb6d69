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

constexpr double kWidth = 560;
constexpr double kMargin = 74;  // room for the values at both ends of a bar
constexpr double kRow = 40;
constexpr double kBar = 14;
constexpr std::size_t kMostRows = 12;

struct Effect {
  AssumptionEffect assumption;
  double low;  // change of the run as a fraction of it
  double high;
  std::string low_text;
  std::string high_text;
};

/// Assumptions, and classes of prices as if each were one.
std::vector<AssumptionEffect> causes(const Projection& projection) {
  std::vector<AssumptionEffect> all = projection.provenance.assumptions;
  for (const MeasurementEffect& m : projection.provenance.measurements) {
    all.push_back({.what = "prices of " + m.what,
                   .value = "as priced",
                   .range = "80 % interval",
                   .why = "the errors of their tables; a measurement narrows them",
                   .gpu_hours_low = m.gpu_hours_low,
                   .gpu_hours_high = m.gpu_hours_high,
                   .step_low_s = m.step_low_s,
                   .step_high_s = m.step_high_s});
  }
  return all;
}

std::vector<Effect> effects(const Projection& projection) {
  std::vector<Effect> out;
  for (const AssumptionEffect& a : causes(projection)) {
    if (projection.run) {
      const double base = projection.run->gpu_hours;
      out.push_back({a, share(a.gpu_hours_low - base, base), share(a.gpu_hours_high - base, base),
                     format_gpu_hours(a.gpu_hours_low), format_gpu_hours(a.gpu_hours_high)});
    } else {
      const double base = projection.step.rank0.time.value;
      out.push_back({a, share(a.step_low_s - base, base), share(a.step_high_s - base, base),
                     format_seconds({a.step_low_s}), format_seconds({a.step_high_s})});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Effect& a, const Effect& b) {
    return std::abs(a.high - a.low) > std::abs(b.high - b.low);
  });
  return out;
}

std::string bar(const Effect& effect, const Scale& scale, double y) {
  const AssumptionEffect& a = effect.assumption;
  const double middle = scale.at(0);
  const double left = std::min(scale.at(effect.low), middle);
  const double right = std::max(scale.at(effect.high), middle);
  const std::string label = fmt::format("{}: {} (range {})", a.what, a.value, a.range);
  std::string out = svg_line(middle, y + 15, middle, y + 33, "axis");
  out += svg_text(0, y + 11, shorten(label, 88), "label halo");
  out += svg_rect({left, y + 17, middle - left, kBar}, "shorter",
                  fmt::format("{}: {}", a.what, format_change(effect.low)));
  out += svg_rect({middle, y + 17, right - middle, kBar}, "longer",
                  fmt::format("{}: {}", a.what, format_change(effect.high)));
  out += svg_text(left - 6, y + 28, effect.low_text, "value end halo");
  return out + svg_text(right + 6, y + 28, effect.high_text, "value halo");
}

DataTable sensitivity_table(const std::vector<Effect>& all, bool hours) {
  const std::string unit = hours ? "GPU hours" : "step";
  DataTable table = {{{"assumption", false},
                      {"value", false},
                      {"range", false},
                      {unit + ", low", true},
                      {unit + ", high", true},
                      {"change", true},
                      {"why", false}},
                     {}};
  for (const Effect& effect : all) {
    const AssumptionEffect& a = effect.assumption;
    table.rows.push_back({{a.what},
                          {a.value},
                          {a.range},
                          {effect.low_text},
                          {effect.high_text},
                          {format_change(effect.low) + " to " + format_change(effect.high)},
                          {a.why}});
  }
  return table;
}

}  // namespace

Figure sensitivity_figure(const Projection& projection, const std::string& id) {
  const std::vector<Effect> all = effects(projection);
  const std::size_t shown = std::min(all.size(), kMostRows);
  const bool hours = projection.run.has_value();
  double extent = 0.001;
  for (const Effect& effect : all) {
    extent = std::max({extent, std::abs(effect.low), std::abs(effect.high)});
  }
  const Scale scale = {-extent, extent, kMargin, kWidth - kMargin};
  const double bottom = std::max(static_cast<double>(shown) * kRow + 6, 24.0);

  std::string body;
  if (!all.empty()) {
    body += svg_axis({-extent * 100, extent * 100, scale.begin, scale.end}, 0, bottom,
                     hours ? "change of the run's GPU hours, %" : "change of the step time, %",
                     format_signed);
  }
  for (std::size_t i = 0; i < shown; ++i) {
    body += bar(all[i], scale, static_cast<double>(i) * kRow + 2);
  }
  if (all.empty()) body += svg_text(0, 14, "No assumption was made.", "label");
  const std::string widest =
      all.empty() ? "There is none."
                  : fmt::format("The widest is {}: {} to {}.", all[0].assumption.what,
                                all[0].low_text, all[0].high_text);
  const SvgFrame frame = {id, "What the assumptions could change",
                          "A bar for each assumption between the ends of its range. " + widest,
                          kWidth, bottom + 38};
  std::string caption =
      "Each assumption moved alone to the ends of its range; the others stay. What no source "
      "settles is best measured from the top down.";
  if (!projection.provenance.measurements.empty()) {
    caption += " Prices are moved a class at a time, to the ends of their 80 % interval.";
  }
  if (shown < all.size()) caption += fmt::format(" The widest {} of {}.", shown, all.size());
  return {"What the assumptions could change", caption, svg_document(frame, body),
          sensitivity_table(all, hours), false};
}

}  // namespace windtunnel
