// What made a step as long as it is, for people and for programs.
#pragma once

#include <string>

#include "reports/render/json_parts.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// The causes of the step's time as tables, each adding up to it, with what a tenth less time of
/// one would save; needs a projection with its critical path.
std::string render_critical(const Projection& projection);

OrderedJson critical_json(const CriticalProjection& critical);

}  // namespace windtunnel
