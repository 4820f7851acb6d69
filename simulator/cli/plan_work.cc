#include "simulator/cli/plan_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <type_traits>

#include "simulator/base/error.h"
#include "simulator/base/threads.h"
#include "simulator/batch/shard_writer.h"
#include "simulator/cli/batch_command.h"

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

/// Those of `of` shares that are not among `found`: "1, 4, 5 and 60 more".
std::string missing_text(const std::set<int>& found, int of) {
  constexpr std::size_t kNamed = 8;
  std::vector<int> named;
  for (int share = 0; share < of && named.size() < kNamed; ++share) {
    if (found.count(share) == 0) named.push_back(share);
  }
  const std::size_t more = static_cast<std::size_t>(of) - found.size() - named.size();
  return fmt::format("{}{}", fmt::join(named, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

class Answers {
 public:
  Answers(const PlanWork& work, const PlanBatch& batch)
      : work_(work), batch_(batch), head_(head_of(batch, work.share)) {
    if (!work.ranks.same(batch.hash + work.arguments)) {
      throw UsageError("not all ranks have the same arguments and files");
    }
    if (!work.own.empty()) open_own();
    if (work.ranks.rank == 0) read_others();
    std::string bytes;
    for (const auto& [question, answer] : known_.all()) {
      append(bytes, {{.number = question.first, .index = question.second}, answer});
    }
    add_all(work.ranks.exchange(bytes));
  }

  std::vector<Objectives> to(const std::vector<PlanQuestion>& questions, const AskPlan& ask) {
    std::vector<PlanQuestion> open;
    std::string names;
    for (const std::size_t place : longest_first(questions)) {
      const PlanQuestion& question = questions[place];
      if (known_.find(question)) continue;
      open.push_back(question);
      names += fmt::format("{}:{} ", question.number, question.index);
    }
    if (!work_.ranks.same(names)) {
      throw std::logic_error("ranks ask different questions: are their machines unlike?");
    }
    if (!open.empty()) {
      const std::string bytes = found(open, ask);
      add_all(work_.ranks.exchange(bytes));
      if (!work_.ranks.agree(!stopped_)) throw SearchStopped{};
    }
    std::vector<Objectives> answers;
    for (const PlanQuestion& question : questions) {
      answers.push_back(known_.find(question).value());
    }
    return answers;
  }

 private:
  void read_others() {
    for (const auto& file : work_.parts) read(file);
    std::map<int, std::set<int>> shares;  // by their number
    for (const auto& file : work_.shards) {
      const AnswerFile shard = read(file);
      if (shard.end == 0) {
        reject_line(file, 1, "", "this shard is empty", "one that `plan --shard` wrote");
      }
      if (shard.torn) {
        work_.warn(file.string() + " ends in a broken line: what it lacks is found here");
      }
      shares[shard.share.of].insert(shard.share.index);
    }
    const bool whole = std::any_of(shares.begin(), shares.end(), [](const auto& one) {
      return static_cast<int>(one.second.size()) == one.first;
    });
    for (const auto& [of, found] : shares) {
      if (whole) break;
      work_.warn(fmt::format("shards {} of {} are missing: what they would answer is found here",
                             missing_text(found, of), of));
    }
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

/// The rank whose part a file is.
int rank_of_part(const std::filesystem::path& part) {
  const std::string name = part.extension().string().substr(std::string(".part").size());
  int rank = 0;
  std::from_chars(name.data(), name.data() + name.size(), rank);
  return rank;
}

}  // namespace

void keep_parts(PlanWork& work, const std::string& out) {
  const Parts parts = parts_of(out, work.ranks.rank);
  work.own = parts.own;
  for (const auto& part : parts.others) {
    // Ranks that are at work read their own.
    if (rank_of_part(part) >= work.ranks.count) work.parts.push_back(part);
  }
}

void remove_parts(const PlanWork& work) {
  std::error_code ignored;
  std::filesystem::remove(work.own, ignored);
  if (work.ranks.rank != 0) return;
  for (const auto& file : work.parts) std::filesystem::remove(file, ignored);
}

void say_stopped(const PlanWork& work) {
  if (work.ranks.rank != 0) return;
  fmt::print(stderr, "windtunnel: interrupted: the search has no answer yet, and {}\n",
             work.own.empty()
                 ? "wrote nothing"
                 : fmt::format("keeps what it knows in {}; the same command goes on from there",
                               work.own.string()));
}

void check_unchanged(const PlanWork& work, const std::string& changed) {
  if (work.ranks.agree(changed.empty())) return;
  const std::string aside = work.own.empty() ? "" : put_aside(work.own).string();
  work.ranks.agree(true);  // all have done so
  throw UsageError(
      fmt::format("{} was changed while its plans were searched{}; the same command "
                  "begins anew",
                  changed.empty() ? "a file" : changed,
                  aside.empty() ? "" : ": what was found so far was put aside in " + aside));
}

AnswerQuestions answers_of(const PlanWork& work, const PlanBatch& batch) {
  return [all = std::make_shared<Answers>(work, batch)](const std::vector<PlanQuestion>& questions,
                                                        const AskPlan& ask) {
    return all->to(questions, ask);
  };
}

}  // namespace windtunnel
