// Where a projection comes from, term by term.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// Every priced term by layer and phase with sums, the assumptions with their reasons, and the
/// memory ledger of the fullest rank with its formulas. Lines are as long as their sources.
std::string render_explain(const Projection& projection);

}  // namespace windtunnel
