// One measured time over the axes of a table, for one choice of its categories: a trend, and how
// far each measured shape lies from it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "simulator/hardware/trend.h"

namespace windtunnel {

/// Rows are measured shapes. `places` are log2 of the axes, `residuals` ln(seconds / trend). Rows
/// that aren't usable are outliers: all their neighbours contradict them, and they support no
/// answer.
struct Surface {
  const TableRule* rule;
  std::vector<std::string> categories;
  std::vector<double> places;  ///< rows x axes
  std::vector<double> seconds;
  std::vector<double> residuals;
  std::vector<char> usable;
  Trend trend;

  std::size_t rows() const { return seconds.size(); }
  std::span<const double> place(std::size_t row) const {
    const std::size_t width = rule->axes.size();
    return {places.data() + row * width, width};
  }
};

/// Fits the trend and looks for outliers; `axes` are rows x axes, positive, `seconds` one a row.
Surface make_surface(const TableRule& rule, std::vector<std::string> categories,
                     std::span<const double> axes, std::vector<double> seconds);

/// Seconds of the trend at a place (log2 of the axes).
double trend_at(const Surface& surface, std::span<const double> place);

}  // namespace windtunnel
