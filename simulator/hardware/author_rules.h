// Rules of the tables that other authors than the collection's published, of one GPU each.
#pragma once

#include <vector>

#include "simulator/hardware/table_rules.h"

namespace windtunnel {

/// InferSim's measured shapes are interpolated as any table's are; DeepGEMM's grouped products and
/// FlashMLA's rates are too few for that and answer at what they list.
std::vector<TableRule> author_rules();

}  // namespace windtunnel
