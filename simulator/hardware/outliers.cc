#include "simulator/hardware/outliers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace windtunnel {
namespace {

struct Neighbourhood {
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();

  void add(double residual) {
    lowest = std::min(lowest, residual);
    highest = std::max(highest, residual);
  }
};

/// Rows ordered so that those of one line along `axis` stand together, in the order of the axis.
std::vector<std::size_t> rows_by_line(const Surface& surface, std::size_t axis) {
  std::vector<std::size_t> order(surface.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key_less = [&](std::size_t a, std::size_t b) {
    const auto at = surface.place(a), bt = surface.place(b);
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (i != axis && at[i] != bt[i]) return at[i] < bt[i];
    }
    return at[axis] < bt[axis];
  };
  std::sort(order.begin(), order.end(), key_less);
  return order;
}

bool same_line(const Surface& surface, std::size_t a, std::size_t b, std::size_t axis) {
  const auto at = surface.place(a), bt = surface.place(b);
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (i != axis && at[i] != bt[i]) return false;
  }
  return true;
}

}  // namespace

std::vector<char> usable_rows(const Surface& surface) {
  std::vector<Neighbourhood> around(surface.rows());
  for (std::size_t axis = 0; axis < surface.rule->axes.size(); ++axis) {
    const auto order = rows_by_line(surface, axis);
    for (std::size_t i = 1; i + 1 < order.size(); ++i) {
      const std::size_t before = order[i - 1], row = order[i], after = order[i + 1];
      if (!same_line(surface, before, row, axis) || !same_line(surface, row, after, axis)) continue;
      around[row].add(surface.residuals[before]);
      around[row].add(surface.residuals[after]);
    }
  }
  const double limit = std::log(kOutlierFactor);
  std::vector<char> usable(surface.rows(), 1);
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    const auto [lowest, highest] = around[row];
    const bool agree = highest >= lowest && highest - lowest < limit;
    const double residual = surface.residuals[row];
    usable[row] = agree && (residual > highest + limit || residual < lowest - limit) ? 0 : 1;
  }
  return usable;
}

}  // namespace windtunnel
