// Where a projection comes from, term by term.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// Every term by layer and phase, as factors that multiply to its time in the step and add up to
/// the phase's; those sums as parts of the step; the assumptions with their reasons, and the
/// memory ledger of the fullest rank with its formulas. Lines are as long as their sources.
std::string render_explain(const Projection& projection);

}  // namespace windtunnel
