// What must hold between the keys of a serving scenario, and its assumptions' keys.
#pragma once

#include "simulator/base/fields.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

Fields<ServingAssumptions> serving_assumption_fields();

/// Checks degrees, precisions and sizes; throws ConfigError at the key, with the nearest that
/// works.
void check_serving(const Node& root, const ServingScenario& scenario);

/// Why `tensor` GPUs cannot share this layer's heads; empty where they can.
std::string head_problem(const Layer& layer, int tensor);

/// Rejects ranges that end below their start; a value set from outside stretches its range.
void settle_serving_assumptions(const Node& root, ServingScenario& scenario);

}  // namespace windtunnel
