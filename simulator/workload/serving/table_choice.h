// Which of several measurements answers, where more than one implementation of a kernel was timed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// A shape of a table, and how its answer becomes the price asked for: `factor` times as long,
/// resting on `basis` at best for the reason `how`.
struct TableQuestion {
  std::string_view table;
  std::vector<std::string> categories;
  std::vector<double> axes;
  double factor = 1;
  Basis basis = Basis::kMeasured;
  std::string how = {};
};

/// The first of `questions`, best implementation first, with an answer inside the range measured on
/// this very GPU; else the first with one inside the range measured on a sibling; else the first
/// with any answer. Nothing where none was measured.
std::optional<Price> first_answer(const MeasurementStore& store, const Gpu& gpu,
                                  const std::vector<TableQuestion>& questions);

}  // namespace windtunnel
