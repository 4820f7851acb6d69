// Which measurement answers for which part of a step.
#pragma once

#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/workload/step_pricing.h"

namespace windtunnel {

/// Every priced kernel and transfer that pipeline rank 0 runs, with how long it runs it in a
/// step of `slots`, and the gaps between the launches of each phase. The terms of a layer's phase
/// add up to the phase's ops with even routing. A term's price is that of the setting (paired or
/// alone) in which it runs more often.
std::vector<PricedTerm> priced_terms(const PricedStep& priced,
                                     const Assumption<Seconds>& launch_gap,
                                     const std::vector<Slot>& slots);

/// Shares of the priced time by basis, and the terms outside what was measured. Launch gaps are
/// assumed: no part of the priced time.
ProvenanceShares provenance_shares(const std::vector<PricedTerm>& terms);

}  // namespace windtunnel
