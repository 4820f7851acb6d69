// A scenario in four answers: what, how long and how much, how sure, why.
#pragma once

#include <string>

#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

std::string headline(const Projection& projection);
std::string headline(const ServingProjection& projection);

}  // namespace windtunnel
