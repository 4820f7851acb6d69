// Small surfaces whose answers can be worked out by hand.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "simulator/hardware/surface.h"

namespace windtunnel {

/// One axis x or two axes x, y; the trend is a constant, so that all shape is left to
/// interpolation.
inline TableRule small_rule(std::size_t axes) {
  TableRule rule = {.table = "small",
                    .categories = {},
                    .axes = {{"x", Smoothness::kRough, 1000, 1}},
                    .values = {{"latency_us", "seconds"}},
                    .remarks = {},
                    .noise = 1e-6,
                    .neighbours = 32,
                    .spiky = false,
                    .binding = Binding::kChip,
                    .terms = [](const TableShape&) { return WorkTerms{1}; }};
  if (axes == 2) rule.axes.push_back({"y", Smoothness::kRough, 1000, 1});
  return rule;
}

/// A time at every point of x (and y) but those that `hole` names.
inline Surface small_surface(const TableRule& rule, const std::vector<double>& xs,
                             const std::vector<double>& ys,
                             const std::function<double(double, double)>& seconds,
                             const std::function<bool(double, double)>& hole = nullptr) {
  std::vector<double> axes, times;
  for (double x : xs) {
    for (double y : ys) {
      if (hole && hole(x, y)) continue;
      axes.push_back(x);
      if (rule.axes.size() == 2) axes.push_back(y);
      times.push_back(seconds(x, y));
    }
  }
  return make_surface(rule, {}, axes, times);
}

inline Surface small_line(const TableRule& rule, const std::vector<double>& xs,
                          const std::function<double(double)>& seconds) {
  return small_surface(rule, xs, {1}, [&](double x, double) { return seconds(x); });
}

inline std::vector<double> place_of(const std::vector<double>& axes) {
  std::vector<double> place;
  for (double value : axes) place.push_back(std::log2(value));
  return place;
}

}  // namespace windtunnel
