// A run to simulate: facts of the run with their sources, and assumptions with their ranges.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/shapes/ops.h"
#include "kernels/shapes/units.h"
#include "simulator/base/field_rows.h"
#include "simulator/base/source.h"
#include "simulator/hardware/cluster.h"
#include "simulator/model/architecture.h"
#include "simulator/workload/schedules/slot.h"

namespace windtunnel {

enum class ScenarioKind { kPretraining, kOverlappedPair };

/// Degrees of parallelism; the data-parallel degree is what remains of the cluster.
struct Degrees {
  int pipeline;
  int expert;
  int tensor;
  int context;
  int zero_stage;
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
};

/// `sequences` of `sequence_length` tokens a step once the ramp from `ramp_sequences`, linear over
/// `ramp_tokens`, is over; `micro_batch` of them at a time on a data rank.
struct BatchPlan {
  int sequence_length;
  int sequences;
  int micro_batch;
  int ramp_sequences;
  Tokens ramp_tokens;
};

struct RunPlan {
  Tokens tokens;
  Dollars price_per_gpu_hour;
};

struct CommunicationPlan {
  int sms;
};

/// Bytes a parameter, and what every process needs beside the model.
struct MemoryPlan {
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
  Assumptions assumptions;
  std::vector<std::filesystem::path> files;  ///< every file it was read from
  bool changed;                              ///< by --set: no longer the scenario of the file
};

/// GPUs that share a pipeline rank's stages.
constexpr int data_ranks(const Scenario& scenario) {
  return gpu_count(scenario.cluster) / (scenario.parallelism.pipeline *
                                        scenario.parallelism.tensor * scenario.parallelism.context);
}

/// Micro-batches of one pipeline in a step of `sequences`.
constexpr int micro_batches(const Scenario& scenario, int sequences) {
  return sequences / (data_ranks(scenario) * scenario.batch.micro_batch);
}

/// What may be written in a scenario file.
FileKeys scenario_keys();

/// A `--set key=value`.
using Override = std::pair<std::string, std::string>;

/// Reads a scenario with its model and cluster and checks that its parts fit together; throws
/// ConfigError with the place of the key that does not.
Scenario load_scenario(const std::filesystem::path& file, const std::vector<Override>& overrides);

}  // namespace windtunnel
