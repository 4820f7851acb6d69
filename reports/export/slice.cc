#include "reports/export/slice.h"

#include <fmt/format.h>

namespace windtunnel {

std::string rank_name(const TraceRank& rank) {
  return fmt::format("rank {}, pipeline rank {}", rank.gpu, rank.pipeline);
}

}  // namespace windtunnel
