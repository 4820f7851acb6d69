#include "simulator/hardware/surface.h"

#include <cmath>
#include <utility>

#include "simulator/hardware/outliers.h"

namespace windtunnel {

double trend_at(const Surface& surface, std::span<const double> place) {
  std::vector<double> axes;
  for (double coordinate : place) axes.push_back(std::exp2(coordinate));
  const WorkTerms terms = surface.rule->terms({surface.categories, axes});
  return trend_seconds(surface.trend, terms);
}

Surface make_surface(const TableRule& rule, std::vector<std::string> categories,
                     std::span<const double> axes, std::vector<double> seconds) {
  Surface surface = {.rule = &rule,
                     .categories = std::move(categories),
                     .places = {},
                     .seconds = std::move(seconds),
                     .residuals = {},
                     .usable = {},
                     .trend = {}};
  const std::size_t width = rule.axes.size();
  std::vector<WorkTerms> terms;
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    terms.push_back(rule.terms({surface.categories, axes.subspan(row * width, width)}));
  }
  for (double value : axes) surface.places.push_back(std::log2(value));
  surface.trend = fit_trend(terms, surface.seconds);
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    const double trend = trend_seconds(surface.trend, terms[row]);
    surface.residuals.push_back(std::log(surface.seconds[row] / trend));
  }
  surface.usable = usable_rows(surface);
  return surface;
}

}  // namespace windtunnel
