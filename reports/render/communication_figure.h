// How much of the communication hides behind compute.
#pragma once

#include <string>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// Bars by kind: hidden, exposed (hatched), and waiting for the group beside them.
Figure communication_figure(const CommunicationProjection& communication, const std::string& id);

}  // namespace windtunnel
