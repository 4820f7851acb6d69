// How large an exported timeline becomes, and what its readers still open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/export/rank_slices.h"

namespace windtunnel {

/// What a file is written as.
enum class TraceFormat : std::uint8_t { kPerfetto, kKineto, kChakra };

struct TraceSize {
  std::int64_t slices;
  double bytes;  ///< before compression
};

/// Of a Perfetto or Kineto file, from a count of its slices.
TraceSize trace_size(const TracedStep& traced, const std::vector<TraceRank>& ranks,
                     TraceLevel level, const TraceWindow& window, TraceFormat format);

/// Why nothing opens a file of that size, in words; nothing where something does. Perfetto's page
/// needs two to four times a file's size in the 2 GB to 4 GB that a browser gives it; a Kineto
/// file's readers fail from 256 MB (Chrome) to 500 MB (pytorch/kineto#805), and are made for single
/// ranks: 64 at most.
std::optional<std::string> too_large(const TraceSize& size, std::size_t ranks, TraceFormat format);

}  // namespace windtunnel
