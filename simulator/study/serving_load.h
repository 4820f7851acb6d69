// The requests of a scenario through its units.
#pragma once

#include <vector>

#include "simulator/analysis/serving_projection.h"
#include "simulator/study/serving_requests.h"
#include "simulator/study/serving_times.h"
#include "simulator/workload/serving/iteration.h"

namespace windtunnel {

/// Requests go to the units of a kind in turn. With prefill units, a prompt's cache travels to its
/// decoding unit over the NICs of its attention group once its first token is there; without them a
/// unit runs prompts in chunks beside decoding.
QueueProjection serving_load(ServingPrices& prices, const ServingScenario& scenario,
                             const std::vector<UnitMemory>& memory,
                             const std::vector<Request>& requests);

/// The same requests once for each of `factors`.
std::vector<QueueProjection> serving_loads(ServingPrices& prices, const ServingScenario& scenario,
                                           const std::vector<UnitMemory>& memory,
                                           const std::vector<Request>& requests,
                                           const std::vector<TimeFactors>& factors);

/// Time of a prompt's cache on its way from a prefill unit.
double handover_seconds(const ServingScenario& scenario, double tokens);

}  // namespace windtunnel
