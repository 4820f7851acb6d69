// The network of a scenario in a few lines of text.
#pragma once

#include <optional>
#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// What joins the nodes, what of it is down, what it costs and what the simulation assumes about
/// it; with `sources` of these figures. Empty without a network.
std::string network_text(const std::optional<NetworkProjection>& network, bool sources);

}  // namespace windtunnel
