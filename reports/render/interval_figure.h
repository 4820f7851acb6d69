// One result of several scenarios, each with its interval.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reports/render/table.h"

namespace windtunnel {

/// A scenario's result and its 80 % interval.
struct IntervalRow {
  std::string name;
  double value;
  double low;
  double high;
};

/// A dot and a whisker a row, on a logarithmic axis where values lie far apart; the table also says
/// how far each lies from the first.
Figure interval_figure(const std::string& heading, const std::string& quantity,
                       const std::vector<IntervalRow>& rows,
                       const std::function<std::string(double)>& words, const std::string& id);

}  // namespace windtunnel
