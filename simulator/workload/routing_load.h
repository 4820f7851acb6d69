// Routing imbalance: which share of the expected rows each rank of an expert group receives.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/workload/step_plan.h"

namespace windtunnel {

/// Loads (1 = the expectation) of the `ranks` ranks of one expert group for one layer and
/// micro-batch: normal around 1, cut at 0, times the ranks' `shares` (none: 1 each), scaled to the
/// shares' mean (1 exactly). A pure function of the arguments: neither order nor threads matter.
std::vector<double> routing_loads(const RoutingSpread& spread, int ranks, std::uint64_t group,
                                  std::uint64_t layer, std::uint64_t micro_batch,
                                  std::span<const double> shares = {});

/// `members` loads that stand for those of a whole group: the sorted loads in equal bins, each
/// bin's mean, except that the last member carries the group's maximum (a barrier waits for it)
/// and the others are scaled so that the mean stays 1, unless that one load is more than all of
/// theirs may be; which member gets which bin turns with `turn`.
std::vector<double> representative_loads(std::vector<double> loads, int members,
                                         std::uint64_t turn);

}  // namespace windtunnel
