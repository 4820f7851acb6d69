// Who answers the questions of a search, and which answers are there already: this process, or the
// ranks of MPI, of which each takes the next question and tells the others what it found.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "simulator/cli/ranks.h"
#include "simulator/study/plan_answers.h"

namespace windtunnel {

/// `own`: where this process keeps its answers; empty: nowhere. `parts` are what ranks have left of
/// an earlier start, `shards` what the user names. `share`: that of `own`.
struct PlanWork {
  Ranks ranks;
  std::filesystem::path own;
  std::vector<std::filesystem::path> parts;
  std::vector<std::filesystem::path> shards;
  BatchPart share;
  int threads;
  std::function<bool()> stopped;
};

/// Answers questions about the plans of `batch`. Every rank has to ask the same ones, and gets all
/// answers; where one was told to stop, all throw SearchStopped. Throws ConfigError for files that
/// hold no answers about these plans, UsageError where none can be kept.
AnswerQuestions answers_of(const PlanWork& work, const PlanBatch& batch);

}  // namespace windtunnel
