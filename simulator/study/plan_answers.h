// Answers to the questions of a search as rows of shard files (batch/shard_file.h), so that
// processes share them and a later start finds them again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "simulator/analysis/projection.h"
#include "simulator/batch/shard_file.h"
#include "simulator/study/plan_search.h"

namespace windtunnel {

/// What begins the hash of plans' answers, which no table is made of.
inline constexpr const char* kPlanHash = "plan-";

/// All answers that there may be: to `questions` of each plan. `name` and `hash` as in BatchHead;
/// the hash is of all that an answer depends on.
struct PlanBatch {
  std::string name;
  std::string hash;
  std::int64_t blocks;
  int block_size;
  int questions;
};

/// `inputs`: all files; `build` names the program.
PlanBatch plan_batch(const std::string& name, const PlanSpace& space, int questions,
                     const std::vector<InputFile>& inputs, const std::string& build);

/// The head of a file with answers about the plans of a share.
ShardHead head_of(const PlanBatch& batch, const BatchPart& share);

/// The row of an answer in a file with this head, with its newline.
std::string answer_line(const PlanBatch& batch, const ShardHead& head, const PlanQuestion& question,
                        const Objectives& answer);

/// Answers by question.
class KnownAnswers {
 public:
  std::optional<Objectives> find(const PlanQuestion& question) const;
  void add(const PlanQuestion& question, const Objectives& answer);
  /// By the question's number and its plan.
  const std::map<std::pair<int, std::int64_t>, Objectives>& all() const { return known_; }

 private:
  std::map<std::pair<int, std::int64_t>, Objectives> known_;
};

/// A file of answers: its share, and its size without a line that a killed process left unfinished
/// (0: not even the head is whole). `torn`: there is such a line.
struct AnswerFile {
  BatchPart share;
  std::int64_t end;
  bool torn;
};

/// Adds the answers of `file` to `known`. Throws ConfigError for what is no shard of `batch`, or
/// has a broken line, UsageError for what is no regular file.
AnswerFile read_answers(const std::filesystem::path& file, const PlanBatch& batch,
                        KnownAnswers& known);

}  // namespace windtunnel
