// What a scenario's skew comes to.
#pragma once

#include <optional>

#include "simulator/analysis/projection.h"
#include "simulator/hardware/price_book.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// Loads of ranks before and after balancing, the folded step with and without the balancer, the
/// slowest rank; nothing where the scenario has no [skew]. `folded_step`: the folded step's time.
std::optional<SkewProjection> skew_effect(const Scenario& scenario, const PriceBook& book,
                                          Seconds folded_step);

}  // namespace windtunnel
