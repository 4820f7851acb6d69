// A run to simulate: facts of the run with their sources, and assumptions with their ranges.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/shapes/ops.h"
#include "kernels/shapes/units.h"
#include "simulator/base/field_rows.h"
#include "simulator/base/source.h"
#include "simulator/base/toml_file.h"
#include "simulator/hardware/cluster.h"
#include "simulator/model/architecture.h"
#include "simulator/model/layer_ops.h"
#include "simulator/workload/failures.h"
#include "simulator/workload/schedules/slot.h"

namespace windtunnel {

/// Fine-tuning is pre-training on other data: only its name differs.
enum class ScenarioKind { kPretraining, kFineTuning, kOverlappedPair };

/// As scenarios spell it.
constexpr std::string_view kind_name(ScenarioKind kind) {
  return kind == ScenarioKind::kPretraining  ? "pretraining"
         : kind == ScenarioKind::kFineTuning ? "fine_tuning"
                                             : "overlapped_pair";
}

/// Which part of the model a run trains; the other only hands gradients on.
enum class TrainedPart { kAll, kVision };

/// Degrees of parallelism; the data-parallel degree is what remains of the cluster. GPUs are
/// numbered with tensor ranks next to each other, then context, data and pipeline ranks; an expert
/// group takes `expert` x `expert_tensor` neighbours. `shard_group`: data ranks over which ZeRO-3
/// shards, the shards being replicated over the rest (HSDP); absent: all.
struct Degrees {
  int pipeline;
  int expert;
  int expert_tensor;
  int tensor;
  bool sequence_parallel;
  int context;
  int zero_stage;
  std::optional<int> shard_group;
};

/// Names of schedules; `fallback` runs where `name` cannot (a short batch). Stages a rank holds in
/// each direction, where one of them leaves that open. When chunks are handed on, and other answers
/// that the sources allow.
struct ScheduleChoice {
  Sourced<std::string> name;
  Sourced<std::string> fallback;
  std::optional<int> virtual_stages;
  HandOn hand_on;
  std::vector<HandOn> hand_on_alternatives;
};

/// How many layers each pipeline stage holds, in order, from layer `first_layer` on, and how unlike
/// stages overlap; the alternatives are other divisions and pairings that the sources allow.
struct StageDivision {
  std::vector<int> layers;
  std::vector<std::vector<int>> alternatives;
  Pairing pairing;
  std::vector<Pairing> pairing_alternatives;
  std::optional<int> first_layer;
  std::vector<int> vision;  ///< layers of the encoder in each stage; none: all in the first
};

/// `sequences` of `sequence_length` tokens a step once the ramp from `ramp_sequences`, linear over
/// `ramp_tokens`, is over; `micro_batch` of them at a time on a data rank. Where documents are
/// packed into sequences and attend to themselves alone, `document_length` is the length that
/// counts: the mean over tokens of the length of their document.
/// Of the tokens, `vision_share` are made of image tiles, spread evenly over the data ranks.
struct BatchPlan {
  int sequence_length;
  std::optional<int> document_length;
  std::optional<double> vision_share;
  int sequences;
  int micro_batch;
  int ramp_sequences;
  Tokens ramp_tokens;
};

struct RunPlan {
  std::optional<TrainedPart> trained;  ///< all where left out
  Tokens tokens;
  Dollars price_per_gpu_hour;
};

struct CommunicationPlan {
  int sms;
};

/// What is computed again instead of kept, bytes a parameter, and what every process needs beside
/// the model.
struct MemoryPlan {
  Recompute recompute;
  double gradient_bytes;
  double master_bytes;
  double moment_bytes;
  double fragmentation;  ///< lost to the allocator, as a share of activations
  Bytes reserved;
};

/// A value that no source settles, its 80 % range, and the reason for both.
template <typename T>
struct Assumption {
  T value;
  T low;
  T high;
  std::string why;
};

struct Assumptions {
  Assumption<double> routing_deviation;
  Assumption<int> sms_alone;
  Assumption<Seconds> launch_gap;
  Assumption<double> gradient_overlap;
  Assumption<double> uptime;
  /// Of one kernel by the host of an eager framework; absent where the launches run far ahead.
  std::optional<Assumption<Seconds>> host_launch = {};
};

struct Scenario;

/// Facts of this scenario that no source settles: `assumed` in words, and the scenario as it would
/// be in each other case.
struct ScenarioRange {
  std::string what;
  std::string assumed;
  std::string others;  ///< the other cases in words
  std::string why;
  std::vector<Scenario> cases;
};

struct Scenario {
  std::filesystem::path path;
  std::string name;
  ScenarioKind kind;
  Architecture model;
  Cluster cluster;
  Source cluster_at;  ///< where the cluster is named
  Dtype precision;
  Degrees parallelism;
  ScheduleChoice schedule;
  StageDivision stages;
  BatchPlan batch;
  RunPlan run;
  CommunicationPlan communication;
  MemoryPlan memory;
  std::optional<FailurePlan> failures;
  Assumptions assumptions;
  std::vector<ScenarioRange> ranges;
  std::vector<std::filesystem::path> files;  ///< every file it was read from
  bool changed;                              ///< by --set: no longer the scenario of the file
  Implementation implementation = kFusedKernels;
};

/// GPUs in lock-step that share one data rank's matrices and sequences.
constexpr int gpus_per_data_rank(const Scenario& scenario) {
  return scenario.parallelism.tensor * scenario.parallelism.context;
}

/// Ranks that take different sequences through a pipeline rank's stages.
constexpr int data_ranks(const Scenario& scenario) {
  return gpu_count(scenario.cluster) /
         (scenario.parallelism.pipeline * gpus_per_data_rank(scenario));
}

/// Data ranks of an expert group; 1 where the GPUs of one data rank hold all experts.
constexpr int expert_data_ranks(const Scenario& scenario) {
  const int gpus = scenario.parallelism.expert * scenario.parallelism.expert_tensor;
  return gpus > gpus_per_data_rank(scenario) ? gpus / gpus_per_data_rank(scenario) : 1;
}

/// Whether the language model has weight gradients and optimizer states.
constexpr bool language_learns(const Scenario& scenario) {
  return scenario.run.trained != TrainedPart::kVision;
}

/// Share of the rented time that trains.
double training_share(const Scenario& scenario);

/// Tokens that the last token of a document sees.
constexpr int attention_length(const BatchPlan& batch) {
  return batch.document_length.value_or(batch.sequence_length);
}

/// Micro-batches of one pipeline in a step of `sequences`.
constexpr int micro_batches(const Scenario& scenario, int sequences) {
  return sequences / (data_ranks(scenario) * scenario.batch.micro_batch);
}

/// What may be written in a scenario file.
FileKeys scenario_keys();

/// Reads a scenario with its model and cluster and checks that its parts fit together; throws
/// ConfigError with the place of the key that does not. Overrides of `model.` and `cluster.` reach
/// into the files that it names; `said_in`: the file that they are from, for paths and messages.
Scenario load_scenario(const std::filesystem::path& file, const std::vector<Override>& overrides,
                       const std::string& said_in = kSetFile);

}  // namespace windtunnel
