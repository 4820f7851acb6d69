// How fast each rank computes, and which of them folded steps have to show one by one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/base/source.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// How many times as long as usual the kernels of each rank take, by pipeline rank x data ranks +
/// data rank; empty where all are alike. Speeds are drawn for each GPU (mean 1, normal, cut at a
/// tenth); of GPUs in lock-step the slowest counts.
std::vector<double> time_factors(const Scenario& scenario);

/// Data ranks with a straggler in any of their pipeline ranks, in rising order.
std::vector<int> straggling_ranks(const Scenario& scenario);

/// Why folded steps can't stand for this scenario, and where it says so; nothing where they can.
/// Groups of experts meet only at the end of a step, so that one group with all stragglers stands
/// for the others; drawn speeds and jitter make every group unlike every other.
std::optional<Sourced<std::string>> unfoldable(const Scenario& scenario);

/// The scenario without what folded steps can't show.
Scenario foldable(Scenario scenario);

}  // namespace windtunnel
