// What `windtunnel trace` was asked for, in the words of its options.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reports/export/rank_slices.h"
#include "reports/export/trace_size.h"

namespace windtunnel {

/// `full`: GPUs are asked for by number, so every rank is simulated; else one stands for all alike.
struct TraceRequest {
  TraceFormat format;
  std::filesystem::path prefix;  ///< of Chakra's files
  TraceLevel level;
  TraceWindow window;
  bool full;
  bool all;
  std::vector<int> gpus;  ///< by number; empty: all, or representatives
};

/// Throws UsageError for a file name, a list, a level or a window that it can't read.
TraceRequest parse_trace_request(const std::string& output, const std::string& ranks,
                                 const std::string& level, const std::string& window);

/// Throws UsageError where the cluster has no such GPU.
void check_trace_ranks(const TraceRequest& request, int gpus);

/// The ranks to export: of representatives the first of each pipeline rank.
std::vector<TraceRank> trace_ranks(const TraceRequest& request, const TracedStep& traced);

}  // namespace windtunnel
