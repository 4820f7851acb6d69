// What the page says of the cluster beyond its GPUs: the network between nodes, and ranks that are
// not alike.
#pragma once

#include <optional>
#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// An <h2> with what joins the nodes, what it costs and what of it is down; empty without a
/// network.
std::string network_section(const std::optional<NetworkProjection>& network);

/// <h2>s with their tables; empty where the scenario says nothing of either.
std::string cluster_section(const Projection& projection);

}  // namespace windtunnel
