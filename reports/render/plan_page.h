// The answer to a search as a page: its front as a figure, and every list as a table.
#pragma once

#include <string>

#include "reports/render/table.h"
#include "reports/render/version.h"
#include "simulator/study/plan.h"

namespace windtunnel {

/// The front and the best in the plane of memory and the objective, with intervals and known plans.
Figure plan_figure_of(const PlanReport& report);

/// A whole page that needs no network.
std::string render_plan_page(const PlanReport& report, const BuildVersion& build);

}  // namespace windtunnel
