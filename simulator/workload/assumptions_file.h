// The [assumptions] of a scenario file.
#pragma once

#include "simulator/base/fields.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

Fields<Assumptions> assumptions_fields();

/// Turns words into numbers of the scenario's GPU and stretches each range to its value; throws
/// ConfigError at the key of `root` that does not fit.
void settle_assumptions(const Node& root, Scenario& scenario);

}  // namespace windtunnel
