// A scenario's degrees of parallelism in words.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"

namespace windtunnel {

/// "pipeline 16, expert 64, ZeRO-1, dualpipe, 120 micro-batches"; degrees of one are left out.
std::string degrees(const ScenarioSummary& scenario);

}  // namespace windtunnel
