// The pipeline as it ran: a rank a row, time across.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reports/render/table.h"
#include "simulator/analysis/projection.h"

namespace windtunnel {

/// Blocks by kind, second directions and stages underlined, idle time hatched. A step of few slots
/// is drawn once, enlarged; a longer one whole, and its beginning and end enlarged with a name a
/// block, at most `enlarged_blocks` of them (about 240 bytes each). Of more than 32 ranks an even
/// choice.
/// An enlarged block's title ends with what most of its kind's priced time rests on.
Figure timeline_figure(const std::vector<SlotSpan>& spans, const std::vector<PricedTerm>& terms,
                       std::size_t enlarged_blocks, const std::string& id);

}  // namespace windtunnel
