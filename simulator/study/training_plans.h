// Training plans as a space to search: what rules one out before it is priced, what bounds it, what
// it takes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "simulator/analysis/projection.h"
#include "simulator/hardware/price_book.h"
#include "simulator/study/plan_choice.h"
#include "simulator/study/plan_search.h"
#include "simulator/study/plan_tables.h"
#include "simulator/study/run.h"
#include "simulator/workload/member_loads.h"

namespace windtunnel {

/// What a training plan is judged by, in this order in Objectives.
inline constexpr std::array<const char*, kObjectives> kTrainingObjectives{"gpu_hours", "days",
                                                                          "usd", "memory"};

/// Bytes of the fullest GPU.
Bytes peak_of(const Scenario& scenario);

/// GPU hours, days and dollars of the run, bytes of the fullest GPU: as `simulate` has them.
/// `shelf`: see step.h.
Objectives training_objectives(const Scenario& scenario, const PriceBook& book,
                               LoadShelf* shelf = nullptr);

/// Not to be moved: its space refers to it.
class TrainingPlans {
 public:
  TrainingPlans(const TrainingPlanSpec& spec, const PriceBook& book);

  /// The most memory that a plan may take.
  double memory_limit() const { return memory_limit_; }

  /// The space; not longer than this object lives.
  PlanSpace space();

  /// The scenario of a plan that the space's screening does not reject.
  Scenario scenario_of(std::int64_t index) const;

  /// One a cluster, and the file that it comes from; none where it is the scenario's own.
  const std::vector<Scenario>& bases() const { return all_.bases; }
  std::optional<std::filesystem::path> cluster_of(std::int64_t index) const;

  /// The least of every plan of a block, or why it is none.
  std::vector<PlanVerdict> screen(std::int64_t block);

  /// Closer and closer bounds, at growing work: the full batch slot by slot, then phase by phase.
  Objectives with_walk(std::int64_t index);
  Objectives with_phases(std::int64_t index);

  /// The full batch simulated, the ramp bounded.
  Objectives with_its_step(std::int64_t index);

  /// Everything simulated.
  Objectives evaluate(std::int64_t index);

  /// The step of the full batch of a plan, which is `plan`; simulated when it is first asked for.
  Seconds full_step(std::int64_t index, const Scenario& plan);

  /// What its plans' steps have drawn.
  LoadShelf& loads() { return loads_; }

 private:
  struct Block;
  struct Divided;

  std::size_t place_of(std::int64_t index) const;
  Objectives counted(const RunProjection& run, Bytes memory) const;
  Divided divided(std::int64_t index) const;
  PlanVerdict verdict_of(Block& block, std::int64_t number, int place);
  PlanVerdict least_of(const Scenario& scenario, const ModelParts& parts,
                       const DividedModel& model);
  RunProjection least_run(const Scenario& scenario, const DividedModel& model,
                          std::optional<Seconds> full_step);
  Objectives with_step(const Scenario& plan, Seconds step, const StepTime& time_of_others) const;
  static int shown_members(const Scenario& plan);
  Seconds least_of_phases(const StepPlan& plan, int members);

  TrainingPlanSpec spec_;
  TrainingCombinations all_;
  double most_memory_;  ///< of a GPU of any of the clusters
  double memory_limit_;
  const PriceBook& book_;
  ProfileShelf profiles_;
  LoadShelf loads_;
  std::mutex mutex_;
  std::map<std::int64_t, Seconds> steps_;  ///< of the full batch, by plan: of the few simulated
};

}  // namespace windtunnel
