#include <fmt/format.h>

#include <algorithm>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"
#include "simulator/workload/assumptions_file.h"
#include "simulator/workload/parallelism/degrees.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/schedule_choice.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {
namespace {

/// The scenario as written: names of other files instead of their content.
struct ScenarioText {
  std::string name;
  ScenarioKind kind;
  Sourced<std::string> model;
  Sourced<std::string> cluster;
  Dtype precision;
  Degrees parallelism;
  ScheduleChoice schedule;
  StageDivision stages;
  BatchPlan batch;
  RunPlan run;
  CommunicationPlan communication;
  MemoryPlan memory;
  Assumptions assumptions;
};

constexpr double kLargestDegree = 1 << 20;
constexpr double kMostVirtualStages = 1000;  // times the largest degree, still an int

Fields<Degrees> degree_fields() {
  const Range degree = between(1, kLargestDegree);
  return Fields<Degrees>("parallelism")
      .required("pipeline", &Degrees::pipeline, degree, "pipeline ranks")
      .required("expert", &Degrees::expert, degree, "GPUs that share the experts of a layer")
      .required("tensor", &Degrees::tensor, degree, "GPUs that share each matrix")
      .required("context", &Degrees::context, degree, "GPUs that share a sequence")
      .required("zero_stage", &Degrees::zero_stage, between(0, 3),
                "1: optimizer state is sharded over the data ranks");
}

Fields<ScheduleChoice> schedule_fields() {
  std::vector<std::string> known{std::string(overlapped_pair().name)};
  for (const ScheduleKind& kind : schedules()) known.emplace_back(kind.name);
  const auto times = names<HandOn>({{"ready", HandOn::kWhenReady}, {"slot", HandOn::kWithSlot}});
  return Fields<ScheduleChoice>("schedule")
      .custom("name", &ScheduleChoice::name, word_form(known), true, "pipeline schedule")
      .custom("fallback", &ScheduleChoice::fallback, word_form(known), true,
              "what runs where a step has too few micro-batches for it")
      .optional("virtual_stages", &ScheduleChoice::virtual_stages, between(1, kMostVirtualStages),
                "stages that each pipeline rank holds, where the schedule leaves that open")
      .required("hand_on", &ScheduleChoice::hand_on, times,
                "when a chunk's output leaves: when it is there, or with its slot's end")
      .optional("hand_on_alternatives", &ScheduleChoice::hand_on_alternatives, times,
                "other answers that the sources allow");
}

Fields<StageDivision> stage_fields() {
  const auto pairings =
      names<Pairing>({{"layers", Pairing::kLayers}, {"blocks", Pairing::kBlocks}});
  return Fields<StageDivision>("stages")
      .required("layers", &StageDivision::layers, between(0, 10000), "layers of each stage")
      .optional("alternatives", &StageDivision::alternatives, between(0, 10000),
                "other divisions that the sources allow")
      .required("pairing", &StageDivision::pairing, pairings,
                "what runs side by side where unlike stages overlap")
      .optional("pairing_alternatives", &StageDivision::pairing_alternatives, pairings,
                "other pairings that the sources allow")
      .optional("first_layer", &StageDivision::first_layer, between(0, 10000),
                "where the first stage begins: a part of the model");
}

Fields<BatchPlan> batch_fields() {
  return Fields<BatchPlan>("batch")
      .required("sequence_length", &BatchPlan::sequence_length, between(1, 16'777'216), "tokens")
      .required("sequences", &BatchPlan::sequences, between(1, 100'000'000), "sequences a step")
      .required("micro_batch", &BatchPlan::micro_batch, between(1, 1024),
                "sequences a data rank takes at a time")
      .required("ramp_sequences", &BatchPlan::ramp_sequences, between(1, 100'000'000),
                "sequences a step at the start of the ramp")
      .required("ramp_tokens", &BatchPlan::ramp_tokens, between(Tokens{0}, Tokens{1e18}),
                "tokens over which the batch grows");
}

Fields<RunPlan> run_fields() {
  return Fields<RunPlan>("run")
      .required("tokens", &RunPlan::tokens, above(Tokens{0}, Tokens{1e18}), "tokens to train on")
      .required("price_per_gpu_hour", &RunPlan::price_per_gpu_hour,
                between(Dollars{0}, Dollars{1e6}), "rent of one GPU for one hour");
}

Fields<CommunicationPlan> communication_fields() {
  return Fields<CommunicationPlan>("communication")
      .required("sms", &CommunicationPlan::sms, between(1, 1024),
                "SMs that communication kernels hold in an overlapped pair");
}

Fields<MemoryPlan> memory_fields() {
  const Range bytes = between(0, 64);
  return Fields<MemoryPlan>("memory")
      .required("gradient_bytes", &MemoryPlan::gradient_bytes, bytes, "a parameter's gradient")
      .required("master_bytes", &MemoryPlan::master_bytes, bytes, "a parameter's master weight")
      .required("moment_bytes", &MemoryPlan::moment_bytes, bytes, "both moments of a parameter")
      .required("fragmentation", &MemoryPlan::fragmentation, between(0, 1),
                "memory lost to the allocator, as a share of activations")
      .required("reserved", &MemoryPlan::reserved, between(Bytes{0}, Bytes{1e12}),
                "context, libraries, workspaces of a process");
}

Fields<ScenarioText> scenario_fields() {
  return Fields<ScenarioText>("scenario")
      .required("name", &ScenarioText::name, "shown to people")
      .required("kind", &ScenarioText::kind,
                names<ScenarioKind>({{"pretraining", ScenarioKind::kPretraining},
                                     {"overlapped_pair", ScenarioKind::kOverlappedPair}}),
                "what is simulated")
      .required("model", &ScenarioText::model, "model file, relative to this one")
      .required("cluster", &ScenarioText::cluster, "cluster file, relative to this one")
      .required("precision", &ScenarioText::precision,
                names<Dtype>({{"fp8", Dtype::kFp8}, {"bf16", Dtype::kBf16}}),
                "of the linear layers")
      .table("parallelism", &ScenarioText::parallelism, degree_fields())
      .table("schedule", &ScenarioText::schedule, schedule_fields())
      .table("stages", &ScenarioText::stages, stage_fields())
      .table("batch", &ScenarioText::batch, batch_fields())
      .table("run", &ScenarioText::run, run_fields())
      .table("communication", &ScenarioText::communication, communication_fields())
      .table("memory", &ScenarioText::memory, memory_fields())
      .table("assumptions", &ScenarioText::assumptions, assumptions_fields());
}

/// Raises an error at `key` of the scenario.
[[noreturn]] void reject(const Node& root, std::string_view key, const std::string& message,
                         const std::string& accepted) {
  throw ConfigError(source_of(root, key), message, accepted);
}

void check_precision(const Node& root, const Scenario& scenario) {
  if (scenario.precision != Dtype::kFp8 || scenario.cluster.gpu.fp8_peak) return;
  reject(root, "precision", fmt::format("{} has no FP8 tensor cores", scenario.cluster.gpu.name),
         "\"bf16\", or a cluster of GPUs with an fp8_peak");
}

void check_batch(const Node& root, const Scenario& scenario) {
  const BatchPlan& batch = scenario.batch;
  // 100 000 nodes of 1024 GPUs and micro-batches of 1024 sequences exceed an int.
  const std::int64_t unit = std::int64_t{data_ranks(scenario)} * batch.micro_batch;
  const auto whole = [&](std::string_view key, int sequences) {
    if (sequences % unit == 0) return;
    const std::int64_t below = sequences / unit * unit;
    reject(root, key,
           fmt::format("{} sequences do not divide over {} data ranks x {} a micro-batch",
                       sequences, data_ranks(scenario), batch.micro_batch),
           below > 0 ? fmt::format("a multiple of {}, such as {}", unit, below)
                     : fmt::format("a multiple of {}", unit));
  };
  whole("batch.sequences", batch.sequences);
  whole("batch.ramp_sequences", batch.ramp_sequences);
  if (batch.ramp_sequences > batch.sequences) {
    reject(root, "batch.ramp_sequences", "the ramp starts above the batch it leads to",
           fmt::format("at most {}", batch.sequences));
  }
  if (batch.ramp_tokens >= scenario.run.tokens) {
    reject(root, "batch.ramp_tokens", "the ramp is longer than the run", "fewer than run.tokens");
  }
}

/// A step of more ops than any real one would only fill the memory.
void check_size(const Node& root, const Scenario& scenario) {
  constexpr double kLargestStep = 4e6;
  const double count = micro_batches(scenario, scenario.batch.sequences);
  const auto layers = static_cast<double>(scenario.model.layers.size());
  if (count * layers * kOpsPerLayer > kLargestStep) {
    reject(root, "batch.sequences", fmt::format("{} micro-batches a step are too many", count),
           fmt::format("at most {:.0f} micro-batches", kLargestStep / kOpsPerLayer / layers));
  }
}

/// The scenario's own files, the model's and the cluster's.
std::vector<std::filesystem::path> read_files(const Node& root, const ScenarioText& text) {
  std::vector<std::filesystem::path> files;
  for (const Node& node : {root, load_toml(beside(text.model), text.model.source),
                           load_toml(beside(text.cluster), text.cluster.source)}) {
    for (const std::string& name : files_of(node)) {
      const auto file = std::filesystem::path(name).lexically_normal();
      if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
    }
  }
  return files;
}

}  // namespace

FileKeys scenario_keys() { return file_keys(scenario_fields()); }

Scenario load_scenario(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  Node root = load_toml(file);
  for (const auto& [key, value] : overrides) set_value(root, key, value);
  ScenarioText text = decode(scenario_fields(), root);
  Scenario scenario{.path = file,
                    .name = std::move(text.name),
                    .kind = text.kind,
                    .model = load_architecture(beside(text.model), text.model.source),
                    .cluster = load_cluster(beside(text.cluster), text.cluster.source),
                    .cluster_at = text.cluster.source,
                    .precision = text.precision,
                    .parallelism = text.parallelism,
                    .schedule = std::move(text.schedule),
                    .stages = std::move(text.stages),
                    .batch = text.batch,
                    .run = text.run,
                    .communication = text.communication,
                    .memory = text.memory,
                    .assumptions = std::move(text.assumptions),
                    .files = {},
                    .changed = !overrides.empty()};
  if (scenario.model.vision) {
    throw ConfigError(text.model.source, "the training of a vision encoder is not simulated",
                      "a model without [vision]");
  }
  scenario.files = read_files(root, text);
  check_precision(root, scenario);
  check_degrees(root, scenario);
  check_batch(root, scenario);
  check_size(root, scenario);
  check_schedule(root, scenario);
  settle_assumptions(root, scenario);
  return scenario;
}

}  // namespace windtunnel
