// The kernels of a step under the roofs of their GPU.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// A dot a kernel shape with tensor work, at its FLOPs a byte and the FLOP/s of its price, under
/// the roofs of the data sheet; below them the others, at their share of the memory's rate.
Figure roofline_figure(const std::vector<PricedTerm>& terms, const std::optional<Roofs>& roofs,
                       const std::string& id);

}  // namespace windtunnel
