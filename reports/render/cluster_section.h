// What the page says of the cluster beyond its GPUs: the network between nodes, and ranks that are
// not alike.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// <h2>s with their tables; empty where the scenario says nothing of either.
std::string cluster_section(const Projection& projection);

}  // namespace windtunnel
