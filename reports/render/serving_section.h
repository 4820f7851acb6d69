// A deployment on the page: its answers, cards, figures, ledger and load.
#pragma once

#include <cstddef>
#include <string>

#include "reports/render/version.h"
#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// One deployment, the `index`-th of the page, with its document embedded.
std::string serving_section(const ServingProjection& projection, std::size_t index,
                            const BuildVersion& build);

/// The same as answers and cards alone, where the page is full.
std::string brief_serving_section(const ServingProjection& projection, std::size_t index);

}  // namespace windtunnel
