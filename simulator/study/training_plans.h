// Training plans as a space to search: what rules one out before it is priced, what bounds it, what
// it takes.
#pragma once

#include <string>

#include <array>
#include <optional>

#include "simulator/analysis/projection.h"
#include "simulator/hardware/price_book.h"
#include "simulator/study/plan_choice.h"
#include "simulator/study/plan_search.h"
#include "simulator/study/plan_tables.h"

namespace windtunnel {

/// What a training plan is judged by, in this order in Objectives.
inline constexpr std::array<const char*, kObjectives> kTrainingObjectives{"gpu_hours", "days",
                                                                          "usd", "memory"};

/// GPU hours, days and dollars of the run, bytes of the fullest GPU: as `simulate` has them.
Objectives training_objectives(const Scenario& scenario, const PriceBook& book);

class TrainingPlans {
 public:
  TrainingPlans(const TrainingPlanSpec& spec, const PriceBook& book);

  /// The space; not longer than this object lives.
  PlanSpace space();

  /// The scenario of a plan that the space's screening does not reject.
  Scenario scenario_of(std::int64_t index) const;

  /// The least of every plan of a block, or why it is none.
  std::vector<PlanVerdict> screen(std::int64_t block);

  /// With the balanced full step simulated: one rank for a whole expert group.
  Objectives tighten(std::int64_t index, const Objectives& least);

 private:
  struct Block;

  PlanVerdict verdict_of(Block& block, std::int64_t number, int place);
  Objectives least_of(const Scenario& scenario, const ModelParts& parts, const DividedModel& model);
  RunProjection least_run(const Scenario& scenario, const DividedModel& model,
                          std::optional<Seconds> full_step);

  TrainingCombinations all_;
  const PriceBook& book_;
  ProfileShelf profiles_;
};

}  // namespace windtunnel
