// The division of a model's layers over pipeline stages by what they take.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace windtunnel {

/// Layers of each of `stages` stages in order, such that the longest stage is as short as can be
/// and, among those, the stages are the most alike (least sum of squares; of equal ones the first
/// stages get more). `layers` are their times, `first` and `last` what the first stage has before
/// its layers and the last behind. No stage but these two is without a layer; nothing where there
/// are too few of them.
std::optional<std::vector<int>> balanced_stages(const std::vector<std::int64_t>& layers,
                                                std::int64_t first, std::int64_t last, int stages);

}  // namespace windtunnel
