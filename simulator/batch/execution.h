// Evaluates a batch, or a share of it: chunk by chunk on threads, and on as many processes as the
// tickets are dealt to. What is done is in a shard file; starting again goes on from there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "simulator/base/progress.h"
#include "simulator/batch/batch.h"

namespace windtunnel {

/// Numbers from 0 on, each to one asker only among all threads and processes at work.
using Tickets = std::function<std::int64_t()>;

/// Those of a single process.
Tickets own_tickets();

/// How to run. `file` is this process' own; `others` hold rows that are there already, of other
/// processes or an earlier start. `workers`: threads of all processes together.
struct ExecutionOptions {
  std::filesystem::path file;
  std::vector<std::filesystem::path> others;
  BatchPart share = {0, 1};
  int threads;
  int workers;
  Tickets tickets;
  std::function<bool()> stopped = {};  ///< asked between rows; empty: never
  Progress progress = {};
};

/// Rows of the share: in the files before, and added by this process.
struct Execution {
  std::int64_t found;
  std::int64_t added;
  bool stopped;
};

/// The tickets deal chunks of ids; each row is written when its chunk is done, or within seconds.
/// Throws ConfigError for a broken file, or one of another batch, UsageError where nothing can be
/// written, and whatever `evaluate` throws.
Execution execute(const Batch& batch, const ExecutionOptions& options);

}  // namespace windtunnel
