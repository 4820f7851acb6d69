// A serving scenario in, its projection out: memory, iterations, rates, and requests in a queue.
#pragma once

#include <string>
#include <vector>

#include "simulator/analysis/serving_projection.h"
#include "simulator/study/simulation.h"

namespace windtunnel {

/// Projects `scenario`; times are left out where nothing prices them (ServingProjection::unpriced)
/// or where not one request fits. The same bytes each time, apart from `engine`. Throws
/// ConfigError.
ServingProjection simulate_serving(const ServingScenario& scenario,
                                   const SimulationOptions& options);

/// The same from prices at hand, without inputs and published figures: one of many scenarios.
ServingProjection simulate_serving(const ServingScenario& scenario, const PriceBook& book,
                                   const SimulationOptions& options);

}  // namespace windtunnel
