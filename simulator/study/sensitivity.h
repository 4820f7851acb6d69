// How much the step time would move: each class of measured kernels and each assumption is taken
// to the ends of its own interval, one at a time, and simulated again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/base/progress.h"
#include "simulator/workload/member_loads.h"
#include "simulator/workload/step_pricing.h"

namespace windtunnel {

/// An assumption and the step times at the two ends of its range, relative to the step as assumed
/// (1 = no change), the shorter first. `run_low` and `run_high` are the same for the run's hours.
struct AssumptionShift {
  std::string what;
  std::string value;
  std::string range;
  std::string why;
  double step_low;
  double step_high;
  double run_low;
  double run_high;
};

/// A class of prices (step_pricing.h) and the step times at the two ends of its interval, relative
/// to the step as priced.
struct ClassShift {
  std::string what;
  double step_low;
  double step_high;
};

/// Relative half-widths: independent causes add in quadrature. `step` is the folded step as
/// assumed.
struct Sensitivity {
  Seconds step;
  std::vector<AssumptionShift> assumptions;
  std::vector<ClassShift> classes;
  double step_low;  ///< such as 0.03: the 80 % interval starts 3 % below
  double step_high;
  double run_low;
  double run_high;
};

struct SensitivityOptions {
  int threads = 1;
  Progress progress = {};
  std::optional<Seconds> step = {};  ///< that of the result, where it is known already
  LoadShelf* shelf = nullptr;        ///< see step.h
};

/// Simulates folded, balanced steps of the full batch.
Sensitivity sensitivity(const Scenario& scenario, const PriceBook& book,
                        const SensitivityOptions& options);

}  // namespace windtunnel
