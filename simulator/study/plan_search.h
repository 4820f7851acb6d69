// The search itself, over numbered plans of any kind: prune what cannot be among the best, evaluate
// the rest, keep the Pareto front and a list of the best.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "simulator/base/error.h"
#include "simulator/base/progress.h"
#include "simulator/batch/batch.h"
#include "simulator/study/plan_question.h"

namespace windtunnel {

/// What is known of a plan before it is evaluated: why it is none (a class, and this one in words),
/// or the least that it takes and how much work it is to know more, beside that of other plans.
struct PlanVerdict {
  std::string rejected;
  std::string example;
  Objectives least{};
  double effort = 0;
};

/// Of a plan that `message` rules out; its class is the message whatever its numbers.
PlanVerdict rejected_for(const std::string& message);
PlanVerdict rejected_by(const ConfigError& error);

/// Plans in `blocks` of `block_size`, 10^9 at most; plan i is the (i % block_size)-th of block i /
/// block_size. Questions are numbered as `tighten` is; behind them the plan is evaluated. All
/// functions are pure, and called from several threads. `evaluate` says what a plan takes.
/// `tighten` say better and better what it takes at least, at growing work; each is asked of a plan
/// behind the one before it, the first `quick` of them of all promising plans before anything else
/// is asked of any.
struct PlanSpace {
  using Ask = std::function<Objectives(std::int64_t index)>;

  std::int64_t blocks;
  int block_size;
  std::function<std::vector<PlanVerdict>(std::int64_t block)> screen;
  Ask evaluate;
  std::vector<Ask> tighten = {};
  std::size_t quick = 1;
};

struct PlanSearchOptions {
  int objective;      ///< of the list of the best
  int top;            ///< its length
  Objectives limits;  ///< infinite where there are none
  std::array<std::string, kObjectives> names;
  int threads;
  bool prune = true;  ///< false: every plan is evaluated that no check rejects
  Progress progress = {};
  std::function<bool()> stopped = {};  ///< asked before each piece of work; empty: never
  AnswerQuestions answer = {};         ///< empty: on `threads` of this process
  BatchPart share = {0, 1};            ///< of the blocks; the others are not looked at
  bool names_nearest = true;           ///< where no plan keeps to the limits
};

struct FoundPlan {
  std::int64_t index;
  Objectives takes;
};

/// Plans that were rejected for one reason; `example`: the first of them.
struct RejectedClass {
  std::string reason;
  std::int64_t count;
  std::string example;
};

/// Without any plan within all limits: the one that exceeds a limit the least and keeps to all
/// others (`limit`: which), or the one that exceeds several of them the least (-1). `settled`: no
/// plan that was not evaluated could be nearer.
struct NearestPlan {
  int limit;
  std::int64_t plans;  ///< that exceed this limit only
  FoundPlan plan;
  bool settled;
};

/// `bounded`: a lower bound rules them out; `evaluated` to the end were the others.
struct PlanSearch {
  std::int64_t plans;
  std::int64_t bounded;
  std::int64_t evaluated;
  std::vector<RejectedClass> rejected;  ///< the most frequent first
  std::vector<FoundPlan> front;         ///< by the objective
  std::vector<FoundPlan> best;
  std::vector<NearestPlan> nearest;
};

/// Whether `a` is as good as `b` in everything and better in something.
bool dominates(const Objectives& a, const Objectives& b);

/// The same result for any number of threads; throws SearchStopped. Of plans that take the same in
/// everything the first is on the front.
PlanSearch search_plans(const PlanSpace& space, const PlanSearchOptions& options);

}  // namespace windtunnel
