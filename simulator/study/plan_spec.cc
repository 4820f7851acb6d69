#include "simulator/study/plan_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"
#include "simulator/workload/scenario_kind.h"
#include "simulator/workload/schedules/schedule.h"

namespace windtunnel {
namespace {

constexpr double kMost = 1 << 20;

Fields<PlanCluster> cluster_fields() {
  return Fields<PlanCluster>("clusters")
      .required("file", &PlanCluster::file, "cluster file, relative to this one")
      .optional("price_per_gpu_hour", &PlanCluster::price_per_gpu_hour,
                between(Dollars{0}, Dollars{1e6}), "rent of one of its GPUs for one hour");
}

Fields<PlanMark> mark_fields() {
  return Fields<PlanMark>("marks")
      .required("name", &PlanMark::name, "shown to people")
      .required("scenario", &PlanMark::scenario, "the plan as a scenario, relative to this file");
}

Form<std::string> schedule_form() {
  std::vector<std::string> known;
  for (const ScheduleKind& kind : schedules()) known.emplace_back(kind.name);
  const FieldForm form = [&] {
    FieldForm names = names_form();
    names.names = known;
    return names;
  }();
  return {form, [form](const Node& node) { return form.names[read_name(node, form)]; }};
}

Fields<TrainingChoices> training_choices() {
  using C = TrainingChoices;
  const Range degree = between(1, kMost);
  return Fields<C>("vary")
      .optional("nodes", &C::nodes, between(1, 100'000), "nodes of the cluster that are used")
      .optional("pipeline", &C::pipeline, degree, "pipeline ranks")
      .optional("virtual_stages", &C::virtual_stages, between(1, 64),
                "stages a rank, for schedules that leave it open")
      .custom("schedule", &C::schedule, wrapped_form<std::vector<std::string>>(schedule_form()),
              false, "pipeline schedules")
      .optional("tensor", &C::tensor, degree, "GPUs that share each matrix")
      .optional("sequence_parallel", &C::sequence_parallel,
                "whether tensor ranks share the tokens between their matrices")
      .optional("context", &C::context, degree, "GPUs that share a sequence")
      .optional("expert", &C::expert, degree, "GPUs that share the experts of a layer")
      .optional("expert_tensor", &C::expert_tensor, degree, "GPUs that share each expert")
      .optional("zero_stage", &C::zero_stage, between(0, 3), "what data ranks shard")
      .optional("shard_group", &C::shard_group, between(0, kMost),
                "data ranks that shard under ZeRO-3; 0: all of them")
      .optional("micro_batch", &C::micro_batch, between(1, 1024), "sequences at a time")
      .optional("recompute", &C::recompute,
                names<Recompute>({{"none", Recompute::kNone},
                                  {"light", Recompute::kLight},
                                  {"full", Recompute::kFull}}),
                "what the backward pass computes again")
      .optional("precision", &C::precision,
                names<Dtype>({{"fp8", Dtype::kFp8}, {"bf16", Dtype::kBf16}}),
                "of the linear layers")
      .optional("sms", &C::sms, between(1, 1024), "SMs of communication kernels");
}

Fields<ServingChoices> serving_choices() {
  using C = ServingChoices;
  const Range degree = between(1, 1 << 16);
  return Fields<C>("vary")
      .optional("gpus", &C::gpus, degree, "GPUs of a unit; the cluster is filled with units")
      .optional("tensor", &C::tensor, degree, "GPUs that share a sequence's heads")
      .optional("expert", &C::expert, degree, "ranks that share the routed experts")
      .optional("redundant_experts", &C::redundant_experts, between(0, 1 << 16),
                "further copies of experts")
      .optional("micro_batches", &C::micro_batches, between(1, 2),
                "2: one half computes while the other's tokens travel")
      .optional("requests", &C::requests, degree, "that an attention group decodes at once")
      .optional("chunk", &C::chunk, between(1, 1 << 22), "prompt tokens in an iteration")
      .optional("drafts", &C::drafts, between(0, 16), "draft tokens a request in a step")
      .optional("weights", &C::weights,
                names<WeightFormat>({{"bf16", WeightFormat::kBf16},
                                     {"fp8", WeightFormat::kFp8},
                                     {"int8", WeightFormat::kInt8},
                                     {"int4", WeightFormat::kInt4}}),
                "of the linear layers")
      .optional("cache", &C::cache,
                names<CacheFormat>({{"bf16", CacheFormat::kBf16}, {"fp8", CacheFormat::kFp8}}),
                "of keys and values");
}

Fields<TrainingLimits> training_limits() {
  using L = TrainingLimits;
  return Fields<L>("limits")
      .optional("memory", &L::memory, above(Bytes{0}, Bytes{1e15}),
                "of the fullest GPU; what a GPU has where it is left out")
      .optional("days", &L::days, above(0.0, 1e6), "of the run")
      .optional("gpu_hours", &L::gpu_hours, above(0.0, 1e12), "of the run")
      .optional("usd", &L::usd, above(Dollars{0}, Dollars{1e15}), "of the run");
}

Fields<ServingLimits> serving_limits() {
  using L = ServingLimits;
  return Fields<L>("limits")
      .optional("memory", &L::memory, above(Bytes{0}, Bytes{1e15}),
                "of the fullest GPU; what a GPU has where it is left out")
      .optional("tpot", &L::tpot, above(Seconds{0}, Seconds{1e6}), "time of an output token")
      .optional("ttft", &L::ttft, above(Seconds{0}, Seconds{1e6}), "time to the first token")
      .optional("usd_per_million_output_tokens_with_prompts",
                &L::usd_per_million_output_tokens_with_prompts, above(Dollars{0}, Dollars{1e9}),
                "with their prompts");
}

enum class PlanKind { kPlan };

/// The keys of both; `objectives` by their places in Objectives.
template <typename Spec, typename Choices, typename Limits>
Fields<Spec> spec_fields(const Names<int>& objectives, const Fields<Choices>& choices,
                         const Fields<Limits>& limits) {
  const auto inherited = [](auto PlanSpec::*member) {
    using Member = std::remove_reference_t<decltype(std::declval<Spec>().*member)>;
    return static_cast<Member Spec::*>(member);
  };
  return Fields<Spec>("plan")
      .required("name", inherited(&PlanSpec::name), "shown to people")
      .required("scenario", inherited(&PlanSpec::scenario),
                "the scenario to start from, relative to this file")
      .required("objective", inherited(&PlanSpec::objective), objectives,
                "what the list of the best is ordered by")
      .optional(
          "memory_step", inherited(&PlanSpec::memory_step), above(Bytes{0}, Bytes{1e12}),
          "plans whose memory lies in the same step count as alike in it; 4 GB where left out")
      .custom("clusters", inherited(&PlanSpec::clusters), cluster_fields().form(), false,
              "clusters to choose from; the scenario's where there are none")
      .table("vary", &Spec::vary, choices, "what may be chosen; all else is as in the scenario")
      .table("limits", &Spec::limits, limits, "the most that a plan may take")
      .custom("marks", inherited(&PlanSpec::marks), mark_fields().form(), false,
              "plans to be found among the others");
}

Fields<TrainingPlanSpec> training_fields() {
  return spec_fields<TrainingPlanSpec>(
      names<int>({{"gpu_hours", 0}, {"days", 1}, {"usd", 2}, {"memory", 3}}), training_choices(),
      training_limits());
}

Fields<ServingPlanSpec> serving_fields() {
  return spec_fields<ServingPlanSpec>(names<int>({{"usd_per_million_output_tokens_with_prompts", 0},
                                                  {"tpot", 1},
                                                  {"ttft", 2},
                                                  {"memory", 3}}),
                                      serving_choices(), serving_limits());
}

/// A list that chooses nothing would read as one that was left out, and a choice that stands twice
/// would make plans that do.
void check_lists(const Node& root) {
  const auto check = [](const Node* node) {
    const auto* list = node == nullptr ? nullptr : std::get_if<std::vector<Node>>(&node->value);
    if (list == nullptr) return;
    if (list->empty()) {
      throw ConfigError(node->source, "an empty list chooses nothing",
                        "at least one, or no such key");
    }
    std::set<std::string> seen;
    for (const Node& choice : *list) {
      const std::string text = toml_text(choice);
      if (seen.insert(text).second) continue;
      throw ConfigError(choice.source, fmt::format("`{}` is chosen from twice", text),
                        "each choice once");
    }
  };
  check(find_node(root, "clusters"));
  const Node* vary = find_node(root, "vary");
  const auto* table = vary == nullptr ? nullptr : std::get_if<Table>(&vary->value);
  if (table == nullptr) return;
  for (const Entry& entry : table->entries) check(&entry.value);
}

template <typename Spec>
Spec load(const std::filesystem::path& file, const Fields<Spec>& fields) {
  const Node root = load_toml(file);
  Spec spec = decode(fields, root);
  check_lists(root);
  spec.path = file;
  for (const std::string& name : files_of(root)) {
    spec.files.push_back(std::filesystem::path(name).lexically_normal());
  }
  return spec;
}

}  // namespace

double counted_memory(const PlanSpec& spec, double bytes, double limit) {
  constexpr Bytes kStep{4e9};
  if (bytes > limit) return bytes;
  const double step = spec.memory_step.value_or(kStep).value;
  return std::min(limit, std::ceil(bytes / step) * step);
}

FileKeys training_plan_keys() { return file_keys(training_fields()); }
FileKeys serving_plan_keys() { return file_keys(serving_fields()); }

bool plans_serving(const std::filesystem::path& file) {
  const Node root = load_toml(file);
  const Node* named = find_node(root, "scenario");
  const auto* text = named == nullptr ? nullptr : std::get_if<std::string>(&named->value);
  if (text == nullptr) {
    throw ConfigError(named == nullptr ? root.source : named->source,
                      "a search starts from a scenario", "scenario = \"pretrain.toml\"");
  }
  const auto base = beside({*text, named->source});
  load_toml(base, named->source);  // an unreadable one is this file's mistake
  switch (scenario_family(base, {})) {
    case ScenarioFamily::kTraining:
      return false;
    case ScenarioFamily::kServing:
      return true;
    default:
      throw ConfigError(named->source, "neither one training run nor a deployment",
                        "a scenario of kind \"pretraining\", \"fine_tuning\" or \"serving\"");
  }
}

TrainingPlanSpec load_training_plan(const std::filesystem::path& file) {
  return load(file, training_fields());
}

ServingPlanSpec load_serving_plan(const std::filesystem::path& file) {
  return load(file, serving_fields());
}

}  // namespace windtunnel
