// What a search asks of plans. An answer follows from the specification, the plan and the question
// alone: whoever finds it, and when, is all the same to the search.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace windtunnel {

/// What a plan is judged by, each the less the better.
inline constexpr std::size_t kObjectives = 4;
using Objectives = std::array<double, kObjectives>;

/// `number`: which question. `effort`: how much work it is, beside that of other plans.
struct PlanQuestion {
  int number;
  std::int64_t index;
  double effort = 0;
};

using AskPlan = std::function<Objectives(const PlanQuestion&)>;

/// Answers in the order of the questions; `ask` finds one, and is called from several threads.
using AnswerQuestions =
    std::function<std::vector<Objectives>(const std::vector<PlanQuestion>&, const AskPlan& ask)>;

/// Thrown where a search was told to stop.
struct SearchStopped {};

/// Throws SearchStopped where `stopped` says so; empty: never.
void go_on(const std::function<bool()>& stopped);

/// The places of these in order of their effort: what is begun first takes longest, so that all
/// workers end at about the same time.
std::vector<std::size_t> longest_first(const std::vector<PlanQuestion>& questions);

/// Finds answers on `threads` of this process. `stopped` is asked before each.
AnswerQuestions answers_here(int threads, const std::function<bool()>& stopped = {});

}  // namespace windtunnel
