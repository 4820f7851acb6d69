#include "simulator/cli/plan_work.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>

#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/batch/shard_writer.h"
#include "simulator/cli/command.h"

namespace windtunnel {
namespace {

/// An answer between ranks, which run the same program.
struct Told {
  PlanQuestion question;
  Objectives answer;
};
static_assert(std::is_trivially_copyable_v<Told>);

void append(std::string& bytes, const Told& told) {
  bytes.append(reinterpret_cast<const char*>(&told), sizeof told);
}

class Answers {
 public:
  Answers(const PlanWork& work, const PlanBatch& batch)
      : work_(work), batch_(batch), head_(head_of(batch, work.share)) {
    if (!work.ranks.same(batch.hash)) {
      throw UsageError("not all ranks have the same arguments and files");
    }
    for (const auto& file : work.parts) read(file);
    for (const auto& file : work.shards) {
      if (read(file).end == 0) {
        reject_line(file, 1, "", "this shard is empty", "one that `plan --shard` wrote");
      }
    }
    if (!work.own.empty()) open_own();
    std::string bytes;
    for (const auto& [question, answer] : known_.all()) {
      append(bytes, {{.number = question.first, .index = question.second}, answer});
    }
    add_all(work.ranks.exchange(bytes));  // one that was there before some rank looked for it
  }

  /// A rank that fails ends the others, which would wait for it.
  std::vector<Objectives> to(const std::vector<PlanQuestion>& questions, const AskPlan& ask) {
    if (work_.ranks.count == 1) return answered(questions, ask);
    try {
      return answered(questions, ask);
    } catch (const std::exception& error) {
      fmt::print(stderr, "windtunnel: rank {}: {}\n", work_.ranks.rank, error.what());
      const bool usage = dynamic_cast<const UsageError*>(&error) != nullptr;
      end_ranks(static_cast<int>(usage ? ExitCode::kUsage : ExitCode::kInternal));
    }
  }

 private:
  std::vector<Objectives> answered(const std::vector<PlanQuestion>& questions, const AskPlan& ask) {
    std::vector<PlanQuestion> open;
    for (const std::size_t place : longest_first(questions)) {
      if (!known_.find(questions[place])) open.push_back(questions[place]);
    }
    if (!open.empty()) {
      const std::string bytes = found(open, ask);
      add_all(work_.ranks.exchange(bytes));
      if (!work_.ranks.agree(!stopped_)) throw SearchStopped{};
    }
    std::vector<Objectives> answers;
    for (const PlanQuestion& question : questions) answers.push_back(*known_.find(question));
    return answers;
  }

  AnswerFile read(const std::filesystem::path& file) { return read_answers(file, batch_, known_); }

  void open_own() {
    writer_ = std::make_unique<ShardWriter>(work_.own);
    const AnswerFile there = read(work_.own);
    if (there.end > 0 && there.share != work_.share) {
      throw UsageError(
          fmt::format("{} is shard {}/{}", work_.own.string(), there.share.index, there.share.of));
    }
    begin_shard(*writer_, work_.own, head_, there.end);
  }

  void add_all(const std::vector<std::string>& texts) {
    for (const std::string& bytes : texts) {
      for (std::size_t at = 0; at < bytes.size(); at += sizeof(Told)) {
        Told told{};
        std::memcpy(static_cast<void*>(&told), bytes.data() + at, sizeof told);
        known_.add(told.question, told.answer);
      }
    }
  }

  /// What this rank answers of the open questions: the next one whenever it is free.
  std::string found(const std::vector<PlanQuestion>& open, const AskPlan& ask) {
    const Tickets tickets = work_.ranks.deal();
    std::mutex mutex;  // of all that follows; MPI is asked by one thread at a time
    std::string bytes;
    const auto next = [&]() -> std::optional<PlanQuestion> {
      const std::lock_guard lock(mutex);
      if (work_.stopped && work_.stopped()) stopped_ = true;
      const auto ticket = stopped_ ? open.size() : static_cast<std::size_t>(tickets());
      return ticket < open.size() ? std::optional(open[ticket]) : std::nullopt;
    };
    parallel_for(work_.threads, work_.threads, [&](int) {
      while (const auto question = next()) {
        const Objectives answer = ask(*question);
        const std::lock_guard lock(mutex);
        append(bytes, {*question, answer});
        if (writer_) writer_->append(answer_line(batch_, head_, *question, answer));
      }
    });
    return bytes;
  }

  PlanWork work_;
  PlanBatch batch_;
  ShardHead head_;
  KnownAnswers known_;
  std::unique_ptr<ShardWriter> writer_;
  bool stopped_ = false;
};

}  // namespace

AnswerQuestions answers_of(const PlanWork& work, const PlanBatch& batch) {
  return [all = std::make_shared<Answers>(work, batch)](const std::vector<PlanQuestion>& questions,
                                                        const AskPlan& ask) {
    return all->to(questions, ask);
  };
}

}  // namespace windtunnel
