// The answer to a search: what was tried and rejected, the front and the best with their intervals,
// where known plans stand, and the best plan as a scenario.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/analysis/serving_projection.h"
#include "simulator/study/plan_answers.h"
#include "simulator/study/plan_search.h"
#include "simulator/study/plan_spec.h"

namespace windtunnel {

/// One quantity that plans are judged by; `unit` as in documents (hours, days, USD, bytes, s).
struct PlanQuantity {
  std::string name;
  std::string unit;
  double limit;  ///< infinite where there is none
};

/// A plan with what it takes: value and 80 % interval of each quantity (memory has none). `choices`
/// name what it has chosen, in the words of a scenario. `front`: no plan is better in everything.
/// `tied` members of the front take as much of the objective as the first, as far as the intervals
/// tell.
struct PlanRow {
  std::int64_t index;
  std::vector<std::pair<std::string, std::string>> choices;
  std::array<Interval, kObjectives> takes;
  bool front;
  bool tied;
};

/// A known plan among the others. `elsewhere`: the cluster that it runs on, where no plan does, so
/// that it has no place among them; else empty. `better`: plans of the front that are as good in
/// everything and better in something; `nearest` has no more memory and takes the least of the
/// objective (an index into the front).
struct MarkedPlan {
  std::string name;
  std::string path;
  std::string elsewhere;
  std::array<Interval, kObjectives> takes;
  std::string over;  ///< the limit that it exceeds; empty for none
  int better;
  std::optional<int> nearest;
};

/// A limit that no plan keeps to without exceeding it: what would (a limit of -1: several are
/// exceeded at once).
struct NearestRow {
  int limit;
  std::int64_t plans;
  PlanRow plan;
  bool settled;  ///< nearer than every plan that was not evaluated could be
};

struct PlanReport {
  std::string path;
  std::string name;
  std::string scenario;  ///< that it starts from
  bool serving;
  std::vector<PlanQuantity> quantities;
  int objective;
  std::int64_t plans;
  std::int64_t bounded;
  std::int64_t evaluated;
  std::vector<RejectedClass> rejected;
  std::vector<PlanRow> front;
  std::vector<PlanRow> best;
  std::vector<MarkedPlan> marks;
  std::vector<NearestRow> nearest;
  std::vector<std::string> left_out;  ///< of the base scenario, that no plan has
  std::vector<InputFile> inputs;
};

/// `top`: length of the list of the best.
struct PlanOptions {
  int top;
  int threads;
  std::filesystem::path root;
  Progress progress = {};
  std::function<bool()> stopped = {};  ///< asked before each piece of work; empty: never
  std::string build = {};              ///< names the program, which answers depend on
  std::function<AnswerQuestions(const PlanBatch&)> answers = {};  ///< empty: on `threads` here
};

/// `changed` names a file that is not what it was when the search began, so that the plans are of
/// two; empty for none.
struct PlanResult {
  PlanReport report;
  std::string changed;
  /// The best plan as a scenario file that is to lie in `folder`; empty where there is none.
  std::function<std::string(const std::filesystem::path& folder)> best_scenario;
};

/// Searches the plans of the file `spec`, a training run's or a deployment's. The same for any
/// number of threads; throws ConfigError, and SearchStopped where it was told to stop.
PlanResult find_plan(const std::filesystem::path& spec, const PlanOptions& options);

struct PlanShare {
  std::int64_t plans;
  std::string changed;  ///< as in PlanResult
};

/// Searches a share of the same plans for its answers only, which a search of all of them will ask
/// for.
PlanShare search_share(const std::filesystem::path& spec, const BatchPart& share,
                       const PlanOptions& options);

}  // namespace windtunnel
