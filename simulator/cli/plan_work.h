// Who answers the questions of a search, and which answers are there already: this process, or the
// ranks of MPI, of which each takes the next question and tells the others what it found.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "simulator/cli/ranks.h"
#include "simulator/study/plan_answers.h"

namespace windtunnel {

/// `own`: where this process keeps its answers; empty: nowhere. `parts` are what ranks that are no
/// more have left of an earlier start, `shards` what the user names. `share`: that of `own`.
/// `arguments`: all that the ranks must have in common. `warn` says that shards are missing or cut.
struct PlanWork {
  Ranks ranks;
  std::filesystem::path own;
  std::vector<std::filesystem::path> parts;
  std::vector<std::filesystem::path> shards;
  BatchPart share;
  std::string arguments;
  int threads;
  std::function<bool()> stopped;
  std::function<void(const std::string&)> warn;

  /// Whether anything is kept, found or shared; else a search answers its questions itself.
  bool needed() const { return ranks.count > 1 || !own.empty() || !shards.empty(); }
};

/// The files of the ranks' answers beside `out`, which is to be written.
void keep_parts(PlanWork& work, const std::string& out);

/// Takes them away, once the answer is written.
void remove_parts(const PlanWork& work);

/// Tells the user where an interrupted search goes on.
void say_stopped(const PlanWork& work);

/// Throws UsageError where a file (`changed`; empty: none) changed on any rank while plans were
/// searched: the answers, which are of the old one and the new one, are put aside.
void check_unchanged(const PlanWork& work, const std::string& changed);

/// Answers questions about the plans of `batch`. Every rank has to ask the same ones, and gets all
/// answers; where one was told to stop, all throw SearchStopped. Throws ConfigError for files that
/// hold no answers about these plans, UsageError where none can be kept.
AnswerQuestions answers_of(const PlanWork& work, const PlanBatch& batch);

}  // namespace windtunnel
