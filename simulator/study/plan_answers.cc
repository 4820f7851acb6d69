#include "simulator/study/plan_answers.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "simulator/base/error.h"
#include "simulator/base/hash.h"
#include "simulator/batch/row_text.h"

namespace windtunnel {
namespace {

/// Blocks of a row of ids: a multiple of the shares, so that an id is in the share of its block.
std::int64_t blocks_in_row(const PlanBatch& batch, int shares) {
  return (batch.blocks + shares - 1) / shares * shares;
}

std::int64_t id_of(const PlanBatch& batch, int shares, const PlanQuestion& question) {
  const std::int64_t block = question.index / batch.block_size;
  const std::int64_t place = question.index % batch.block_size;
  const std::int64_t row = question.number * std::int64_t{batch.block_size} + place;
  return row * blocks_in_row(batch, shares) + block;
}

PlanQuestion question_of(const PlanBatch& batch, int shares, std::int64_t id) {
  const std::int64_t blocks = blocks_in_row(batch, shares);
  const std::int64_t row = id / blocks;
  return {.number = static_cast<int>(row / batch.block_size),
          .index = id % blocks * batch.block_size + row % batch.block_size};
}

std::optional<Objectives> numbers(std::string_view text) {
  const Cells cells = row_cells(text);
  if (cells.size() != kObjectives) return std::nullopt;
  Objectives answer{};
  for (std::size_t i = 0; i < kObjectives; ++i) {
    const char* end = cells[i].data() + cells[i].size();
    const auto [read, error] = std::from_chars(cells[i].data(), end, answer[i]);
    if (error != std::errc() || read != end) return std::nullopt;
  }
  return answer;
}

std::string refusal(const BatchHead& found, const PlanBatch& batch) {
  if (!found.hash.starts_with(kPlanHash)) return "these are rows of a sweep, no answers of plans";
  if (found.name != batch.name) return "these are answers about other plans";
  return "these are answers from other files, or of another version";
}

}  // namespace

PlanBatch plan_batch(const std::string& name, const PlanSpace& space, int questions,
                     const std::vector<InputFile>& inputs, const std::string& build) {
  std::string all = build;
  for (const InputFile& file : inputs) all += file.hash;
  return {.name = name,
          .hash = kPlanHash + content_hash(all),
          .blocks = space.blocks,
          .block_size = space.block_size,
          .questions = questions};
}

ShardHead head_of(const PlanBatch& batch, const BatchPart& share) {
  const std::int64_t count =
      blocks_in_row(batch, share.of) * batch.block_size * std::int64_t{batch.questions};
  ShardHead head{.batch = {.name = batch.name, .hash = batch.hash, .count = count, .columns = {}},
                 .share = share};
  for (std::size_t i = 0; i < kObjectives; ++i) {
    head.batch.columns.push_back({fmt::format("answer{}", i), ColumnType::kReal});
  }
  return head;
}

std::string answer_line(const PlanBatch& batch, const ShardHead& head, const PlanQuestion& question,
                        const Objectives& answer) {
  Cells cells;
  for (const double one : answer) cells.push_back(fmt::format("{}", one));
  return row_line(head.batch, id_of(batch, head.share.of, question), cells);
}

std::optional<Objectives> KnownAnswers::find(const PlanQuestion& question) const {
  const auto found = known_.find({question.number, question.index});
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void KnownAnswers::add(const PlanQuestion& question, const Objectives& answer) {
  known_.insert_or_assign({question.number, question.index}, answer);
}

AnswerFile read_answers(const std::filesystem::path& file, const PlanBatch& batch,
                        KnownAnswers& known) {
  std::error_code missing;
  if (std::filesystem::exists(file, missing) && !std::filesystem::is_regular_file(file)) {
    throw UsageError(fmt::format("{}: not a regular file", file.string()));
  }
  BatchPart share{0, 1};
  const auto begin = [&](const ShardHead& head) {
    share = head.share;
    if (head == head_of(batch, share)) return;
    throw ConfigError(
        {std::make_shared<const SourceFile>(SourceFile{file.string(), head_line(head)}), 1, 1},
        refusal(head.batch, batch),
        fmt::format("answers about `{}` with the hash {}: the same specification, files, "
                    "measurements and version",
                    batch.name, batch.hash));
  };
  const auto add = [&](const ShardRow& row) {
    const auto answer = numbers(row.text);
    const PlanQuestion question = question_of(batch, share.of, row.id);
    if (!answer || question.index >= batch.blocks * batch.block_size) {
      reject_line(file, row.line, row.text, "no answer of a plan");
    }
    known.add(question, *answer);
  };
  const ShardContent content = read_shard(file, begin, add);
  return {.share = share, .end = content.end, .torn = !content.torn.empty()};
}

}  // namespace windtunnel
