// Times that authors published for a GPU on which the collection was never run.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "simulator/hardware/measurement_store.h"

namespace windtunnel {

/// The latest time of one shape of a table; `seconds` and `range` hold one entry a value of the
/// table's rule. `range` is empty where the authors give no other figure of the shape.
struct AuthorTime {
  std::vector<std::string> categories;
  std::vector<double> place;  ///< log2 of the axes
  std::vector<double> seconds;
  std::vector<std::pair<double, double>> range;
  std::string origin;
};

/// Every published time of `gpu` that has the columns of `rule`, a shape once: the authors' own
/// figure before somebody else's run of their kernel, a later date before an earlier one. Throws
/// ConfigError for a broken file.
std::vector<AuthorTime> author_times(const MeasurementStore& store, const TableRule& rule,
                                     const Gpu& gpu);

}  // namespace windtunnel
