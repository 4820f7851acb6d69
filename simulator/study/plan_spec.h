// A search as it is written: a scenario to start from, what may be chosen otherwise, and what the
// result has to keep to.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/ops.h"
#include "kernels/shapes/units.h"
#include "simulator/base/field_rows.h"
#include "simulator/base/source.h"
#include "simulator/model/layer_ops.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// A cluster to run on and the rent of one of its GPUs; the scenario's where it is left out.
struct PlanCluster {
  Sourced<std::string> file;
  std::optional<Dollars> price_per_gpu_hour;
};

/// Values that may be chosen, in the scenario's words; none: as in the scenario. `shard_group` 0:
/// all data ranks.
struct TrainingChoices {
  std::vector<int> nodes;
  std::vector<int> pipeline;
  std::vector<int> virtual_stages;
  std::vector<std::string> schedule;
  std::vector<int> tensor;
  std::vector<bool> sequence_parallel;
  std::vector<int> context;
  std::vector<int> expert;
  std::vector<int> expert_tensor;
  std::vector<int> zero_stage;
  std::vector<int> shard_group;
  std::vector<int> micro_batch;
  std::vector<Recompute> recompute;
  std::vector<Dtype> precision;
  std::vector<int> sms;
};

/// The same of a deployment. `nodes` of the cluster are filled with units.
struct ServingChoices {
  std::vector<int> gpus;
  std::vector<int> tensor;
  std::vector<int> expert;
  std::vector<int> redundant_experts;
  std::vector<int> micro_batches;
  std::vector<int> requests;
  std::vector<int> chunk;
  std::vector<int> drafts;
  std::vector<WeightFormat> weights;
  std::vector<CacheFormat> cache;
};

/// The most that a plan may take; memory that of a GPU where it is left out.
struct TrainingLimits {
  std::optional<Bytes> memory;
  std::optional<double> days;
  std::optional<double> gpu_hours;
  std::optional<Dollars> usd;
};

struct ServingLimits {
  std::optional<Bytes> memory;
  std::optional<Seconds> tpot;
  std::optional<Seconds> ttft;
  std::optional<Dollars> usd_per_million_output_tokens_with_prompts;
};

/// A plan that somebody runs, to be found among the others.
struct PlanMark {
  std::string name;
  Sourced<std::string> scenario;
};

/// `objective`: what the list of the best is ordered by, the place of a quantity in Objectives.
/// `memory_step`: plans whose memory lies in the same step of so much count as alike in it, or the
/// front would be long of plans that save next to nothing.
struct PlanSpec {
  std::string name;
  Sourced<std::string> scenario;
  int objective;
  std::optional<Bytes> memory_step;
  std::vector<PlanCluster> clusters;
  std::vector<PlanMark> marks;
  std::filesystem::path path;
  std::vector<std::filesystem::path> files;
};

/// Memory as it counts for the front: rounded up to whole steps, but never past a limit that it
/// keeps to.
double counted_memory(const PlanSpec& spec, double bytes, double limit);

struct TrainingPlanSpec : PlanSpec {
  TrainingChoices vary;
  std::optional<TrainingLimits> limits;
};

struct ServingPlanSpec : PlanSpec {
  ServingChoices vary;
  std::optional<ServingLimits> limits;
};

/// What may be written in a search over training plans, and over deployments.
FileKeys training_plan_keys();
FileKeys serving_plan_keys();

/// Whether the scenario that a search starts from is a deployment; throws ConfigError.
bool plans_serving(const std::filesystem::path& file);

TrainingPlanSpec load_training_plan(const std::filesystem::path& file);
ServingPlanSpec load_serving_plan(const std::filesystem::path& file);

}  // namespace windtunnel
