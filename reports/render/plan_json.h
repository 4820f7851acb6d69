// The answer to a search as a document.
#pragma once

#include <string>

#include "reports/render/version.h"
#include "simulator/study/plan.h"

namespace windtunnel {

/// Schema windtunnel/plan. What has no limit has null; the same bytes for any number of threads.
std::string render_plan_json(const PlanReport& report, const BuildVersion& build);

}  // namespace windtunnel
