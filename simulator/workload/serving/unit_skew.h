// How the GPUs of a deployment's units are unlike: popular experts, copies of them, a slow GPU.
#pragma once

#include <optional>

#include "simulator/base/fields.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// The [skew] of a serving scenario.
Fields<ServingSkew> serving_skew_fields();

/// Checks the skew against the scenario, stretches ranges to their values and gives each unit what
/// it comes to; throws ConfigError at the key of `root` that does not fit, or that a deployment,
/// whose units are simulated alike, has no use for.
void settle_serving_skew(const Node& root, ServingScenario& scenario);

/// Gives each unit what the scenario's skew comes to.
void place_experts(ServingScenario& scenario);

}  // namespace windtunnel
