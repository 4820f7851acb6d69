// What each assumption and each class of measurements could change.
#pragma once

#include <string>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// One cause moved alone to the ends of its own interval, and the result there: `low` and `high` as
/// its relative change, the smaller result first, and in words.
struct TornadoRow {
  std::string what;
  std::string value;
  std::string range;
  std::string why;
  std::string basis;  ///< assumed, measured, scaled, estimated: what kind of cause it is
  double low;
  double high;
  std::string low_text;
  std::string high_text;
};

/// The causes of one result, such as "the run's GPU hours".
struct Tornado {
  std::string quantity;
  std::vector<TornadoRow> rows;
};

/// Of GPU hours, or of the step time where there is no run.
Tornado sensitivity_rows(const Projection& projection);

/// Of the time to the next token of a full batch.
Tornado sensitivity_rows(const ServingProjection& projection);

/// A bar a row, the widest on top; what is not assumed is striped.
Figure tornado_figure(Tornado tornado, const std::string& id);

}  // namespace windtunnel
