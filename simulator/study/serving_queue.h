// Continuous batching: requests join and leave a unit's batch between iterations.
#pragma once

#include <cstdint>
#include <vector>

#include "simulator/study/serving_times.h"

namespace windtunnel {

/// A request as a unit sees it: `prompt_left` tokens to compute after `cached` ones, then `steps`
/// iterations of decoding; it holds `held` tokens of cache while it is there.
struct Job {
  double ready_s;
  int cached;
  int prompt_left;
  int steps;
  int held;
  int answer;  ///< tokens that it is counted for
};

/// When a job was taken into the batch, had its prompt done, and left.
struct JobTimes {
  double admitted_s;
  double prompt_done_s;
  double done_s;
};

struct QueueLimits {
  int groups;              ///< attention groups, over which work is spread evenly
  int requests;            ///< of a group at once
  int chunk;               ///< prompt tokens of a group in an iteration
  double cache_tokens;     ///< of all groups
  double tokens_per_step;  ///< that a step of decoding adds to a request
};

/// A stretch of time, and what was integrated over it.
struct QueueWindow {
  double seconds;
  double jobs;
  double answer_tokens;
  double busy_s;
  double batch_seconds;  ///< decoding requests
  double cache_seconds;  ///< tokens in the cache
};

/// `window` begins when a tenth of the jobs has left and ends when a tenth is still there: neither
/// the filling nor the emptying of the batch is in it.
struct QueueRun {
  std::vector<JobTimes> jobs;  ///< in the order given; refused ones have done_s < 0
  std::int64_t iterations;
  double end_s;
  QueueWindow window;
  double cache_peak;
  double queue_peak;
};

/// Serves `jobs`, which are in order of `ready_s`: first come, first served. A job is admitted when
/// a group has a place and the cache has room for all of its tokens; prompts go in chunks beside
/// decoding, the oldest first, one chunk of a request in an iteration, until the groups have as
/// much as they may take. The groups step together and share the work evenly; one that takes a
/// longer chunk than the mean sets the pace. A job that no cache could hold is refused.
QueueRun serve(const std::vector<Job>& jobs, const IterationTimes& times,
               const QueueLimits& limits);

}  // namespace windtunnel
