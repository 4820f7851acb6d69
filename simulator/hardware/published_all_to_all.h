// Expert dispatch and combine from the bandwidths that DeepEP's authors publish for a GPU.
#pragma once

#include <optional>

#include "simulator/hardware/all_to_all_price.h"

namespace windtunnel {

/// Nothing for a GPU without published bandwidths. The settings they were measured with (tokens,
/// hidden size, top-k, ranks) give a measured price; other tokens and sizes go by bytes above the
/// latency that a sibling GPU shows for one token; ranks between two published ones take a rate in
/// between; ranks beyond them, fewer SMs and other node sizes are outside the measured range.
std::optional<AllToAllPrice> published_all_to_all(const MeasurementStore& store, const Gpu& gpu,
                                                  const AllToAllShape& shape);

}  // namespace windtunnel
