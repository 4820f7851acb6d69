#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "simulator/workload/assumptions_file.h"
#include "simulator/workload/parallelism/degrees.h"
#include "simulator/workload/part_overrides.h"
#include "simulator/workload/rejection.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/scenario_text.h"
#include "simulator/workload/schedule_choice.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "simulator/workload/schedules/schedule.h"
#include "simulator/workload/skew_file.h"
#include "simulator/workload/training_step.h"

namespace windtunnel {
namespace {

/// A run that never ends has no hours.
void check_failures(const Node& root, const Scenario& scenario) {
  if (!scenario.failures || training_share(scenario) > 1e-3) return;
  reject(root, "failures",
         fmt::format("{} nodes fail too often for the run to get anywhere", scenario.cluster.nodes),
         "a longer node_mtbf, or a shorter checkpoint, restart or interval");
}

void check_precision(const Node& root, const Scenario& scenario) {
  if (scenario.precision != Dtype::kFp8 || scenario.cluster.gpu.fp8_peak) return;
  reject(root, "precision", fmt::format("{} has no FP8 tensor cores", scenario.cluster.gpu.name),
         "\"bf16\", or a cluster of GPUs with an fp8_peak");
}

/// Dropout and unfused scores are described for GPT's kind of layer only.
void check_implementation(const Node& root, const Scenario& scenario) {
  if (scenario.implementation == kFusedKernels) return;
  const auto described = [](const Layer& layer) {
    return std::holds_alternative<Gqa>(layer.attention) &&
           std::holds_alternative<Dense>(layer.feed_forward);
  };
  const auto& layers = scenario.model.layers;
  if (!std::all_of(layers.begin(), layers.end(), described) || !scenario.model.mtp.empty()) {
    reject(root, "implementation", "latent attention and experts run as in DeepSeek's profile only",
           "a model of [gqa] and [dense] layers, or no [implementation]");
  }
  const bool unfused = scenario.implementation.attention == AttentionKernels::kUnfused;
  if (unfused && (scenario.parallelism.context > 1 || scenario.batch.document_length)) {
    reject(root, "implementation.attention", "unfused scores are those of whole sequences",
           "\"flash\", or context = 1 and no document_length");
  }
}

void check_batch(const Node& root, const Scenario& scenario) {
  const BatchPlan& batch = scenario.batch;
  const std::int64_t positions = scenario.model.learned_positions;
  if (positions > 0 && batch.sequence_length > positions) {
    reject(root, "batch.sequence_length",
           fmt::format("{} has learned {} positions", scenario.model.name, positions),
           fmt::format("at most {}", positions));
  }
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

/// A model with an encoder is given images to see, and its layers a stage.
void check_vision(const Node& root, const Scenario& scenario) {
  const bool sees = scenario.model.vision.has_value();
  if (sees && !scenario.batch.vision_share) {
    reject(root, "batch", "the model has a vision encoder: how much of the batch are images?",
           "vision_share = 0.4, or a model without [vision]");
  }
  if (!sees) {
    if (scenario.batch.vision_share) {
      reject(root, "batch.vision_share", "the model has no vision encoder",
             "a model with [vision]");
    }
    if (!scenario.stages.vision.empty()) {
      reject(root, "stages.vision", "the model has no vision encoder", "a model with [vision]");
    }
    if (scenario.run.trained == TrainedPart::kVision) {
      reject(root, "run.trained", "the model has no vision encoder", "\"all\"");
    }
    return;
  }
  if (scenario.parallelism.tensor > 1 || scenario.parallelism.context > 1) {
    reject(root, scenario.parallelism.tensor > 1 ? "parallelism.tensor" : "parallelism.context",
           "a vision encoder is not shared among GPUs", "1");
  }
  const std::vector<int>& layers = scenario.stages.vision;
  if (layers.empty()) return;
  if (layers.size() != scenario.stages.layers.size()) {
    reject(root, "stages.vision",
           fmt::format("{} numbers for {} stages", layers.size(), scenario.stages.layers.size()),
           "a number for each stage");
  }
  const auto sum = std::accumulate(layers.begin(), layers.end(), std::int64_t{0});
  if (sum != scenario.model.vision->layers) {
    reject(root, "stages.vision",
           fmt::format("{} layers in all, the encoder has {}", sum, scenario.model.vision->layers),
           fmt::format("numbers that add up to {}", scenario.model.vision->layers));
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

/// The scenario that `root` describes, without its ranges; its parts need not fit together.
Scenario compose(const std::filesystem::path& file, const Node& root, const ScenarioText& text,
                 const PartOverrides& parts) {
  Scenario scenario{
      .path = file,
      .name = text.name,
      .kind = text.kind,
      .model = decode_architecture(changed_file(text.model, parts.model, parts.said_in)),
      .cluster = decode_cluster(changed_file(text.cluster, parts.cluster, parts.said_in)),
      .cluster_at = text.cluster.source,
      .precision = text.precision,
      .parallelism = text.parallelism,
      .schedule = text.schedule,
      .stages = text.stages,
      .batch = text.batch,
      .run = text.run,
      .communication = text.communication,
      .memory = text.memory,
      .failures = text.failures,
      .assumptions = text.assumptions,
      .ranges = {},
      .files = {},
      .changed = false,
      .implementation = text.implementation.value_or(kFusedKernels),
      .skew = text.skew.value_or(Skew{})};
  if (text.nodes) {
    if (text.nodes->value > scenario.cluster.nodes) {
      throw ConfigError(text.nodes->source, "more nodes than the cluster has",
                        fmt::format("at most {}", scenario.cluster.nodes));
    }
    scenario.cluster.nodes = text.nodes->value;
  }
  for (const Layer& layer : scenario.model.layers) {
    const Mla* mla = std::get_if<Mla>(&layer.attention);
    if (mla == nullptr || !mla->indexer) continue;
    throw ConfigError(text.model.source,
                      "the training of a sparse attention's indexer is not simulated",
                      "a model without [mla.indexer], or a scenario of kind \"serving\"");
  }
  scenario.files = read_files(root, text);
  if (const auto& routing = scenario.skew.routing; routing && routing->loads) {
    scenario.files.push_back(routing->loads->file.lexically_normal());
  }
  return scenario;
}

Scenario assemble(const std::filesystem::path& file, const Node& root, const ScenarioText& text,
                  const PartOverrides& parts) {
  Scenario scenario = compose(file, root, text, parts);
  check_scenario(root, scenario);
  return scenario;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// The scenario as it would be with `changes`, each a "key = value".
Scenario changed_scenario(const std::filesystem::path& file, Node root,
                          const std::vector<Sourced<std::string>>& changes,
                          const PartOverrides& parts) {
  for (const Sourced<std::string>& change : changes) {
    const std::size_t equals = change.value.find('=');
    // Files that it names are relative to the one that the case is written in.
    const auto said_in =
        (std::filesystem::path(change.source.file->path).parent_path() / "a case").string();
    if (equals == std::string::npos) {
      throw ConfigError(change.source, "a case changes a key", "\"batch.micro_batch = 2\"");
    }
    try {
      set_value(root, trimmed(change.value.substr(0, equals)),
                trimmed(change.value.substr(equals + 1)), said_in);
    } catch (const ConfigError& error) {
      throw error.with_note({"in this case of a range", change.source});
    }
  }
  try {
    return assemble(file, root, decode(scenario_fields(), root), parts);
  } catch (const ConfigError& error) {
    throw error.with_note({"in this case of a range", changes.front().source});
  }
}

std::vector<ScenarioRange> ranges_of(const std::filesystem::path& file, const Node& root,
                                     const std::vector<RangeText>& written,
                                     const PartOverrides& parts) {
  constexpr std::size_t kMostCases = 16;
  std::vector<ScenarioRange> ranges;
  for (const RangeText& text : written) {
    ScenarioRange range{
        .what = text.what, .assumed = text.assumed, .others = {}, .why = text.why, .cases = {}};
    if (text.cases.size() > kMostCases) {
      throw ConfigError(source_of(root, "ranges"), "too many cases of one range",
                        fmt::format("up to {}", kMostCases));
    }
    for (const auto& changes : text.cases) {
      if (changes.empty()) continue;
      if (!range.others.empty()) range.others += " or ";
      for (const auto& change : changes) {
        range.others += (&change == changes.data() ? "" : ", ") + change.value;
      }
      range.cases.push_back(changed_scenario(file, root, changes, parts));
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

}  // namespace

void check_scenario(const Node& root, Scenario& scenario) {
  check_failures(root, scenario);
  check_precision(root, scenario);
  check_implementation(root, scenario);
  check_degrees(root, scenario);
  check_vision(root, scenario);
  check_batch(root, scenario);
  check_size(root, scenario);
  check_schedule(root, scenario);
  settle_assumptions(root, scenario);
  settle_skew(root, scenario);
}

double training_share(const Scenario& scenario) {
  const double uptime = scenario.assumptions.uptime.value;
  if (!scenario.failures) return uptime;
  const FailurePlan& plan = *scenario.failures;
  const int nodes = scenario.cluster.nodes;
  return uptime * goodput(plan, nodes, checkpoint_interval(plan, nodes));
}

Scenario load_scenario(const std::filesystem::path& file, const std::vector<Override>& overrides,
                       const std::string& said_in) {
  Node root = load_toml(file);
  const PartOverrides parts = apply_overrides(root, overrides, said_in);
  const ScenarioText text = decode(scenario_fields(), root);
  Scenario scenario = assemble(file, root, text, parts);
  scenario.ranges = ranges_of(file, root, text.ranges, parts);
  scenario.changed = !overrides.empty();
  return scenario;
}

Scenario load_unchecked(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  Node root = load_toml(file);
  const PartOverrides parts = apply_overrides(root, overrides, kSetFile);
  return compose(file, root, decode(scenario_fields(), root), parts);
}

}  // namespace windtunnel
