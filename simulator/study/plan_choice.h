// The plans of a search by number: every combination of the choices, and the scenario that one is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/study/plan_spec.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// The choices with what is left out filled in from the scenario, and a base scenario for each
/// cluster. Combinations that differ only in pipeline, schedule and sharding are one block: their
/// layers run in the same shapes.
struct TrainingCombinations {
  std::vector<Scenario> bases;  ///< one a cluster, not checked
  TrainingChoices choices;
  std::int64_t blocks;
  int block_size;
};

/// Throws ConfigError at `place` where single GPUs or NICs of the scenario are unlike the others:
/// plans put ranks elsewhere, and folded steps show only some of them.
void check_alike(const Scenario& scenario, const Source& place);

TrainingCombinations combinations_of(const TrainingPlanSpec& spec);

/// The shapes of block `block`: a scenario whose pipeline is still that of its base.
Scenario block_scenario(const TrainingCombinations& all, std::int64_t block);

/// What the `place`-th plan of a block chooses besides.
struct PipelineChoice {
  std::string schedule;
  int pipeline;
  int virtual_stages;
  int zero_stage;
  int shard_group;
};

/// Why the `place`-th plan is one of the others again (it differs in what its other choices leave
/// without a meaning) or has nothing to interleave; empty where it is its own.
std::string repeated(const TrainingCombinations& all, const Scenario& block, std::int64_t number,
                     int place);

PipelineChoice pipeline_choice(const TrainingCombinations& all, int place);

/// Puts the choice into the block's scenario, without its stages. The fallback is the base's where
/// that can run the ramp's first step in as many stages, else the schedule itself, else the first
/// that can; where none can, the checks of scenarios say so.
void apply(const PipelineChoice& choice, const Scenario& base, Scenario& scenario);

}  // namespace windtunnel
