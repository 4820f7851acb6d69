#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "simulator/base/error.h"
#include "simulator/base/fields.h"
#include "simulator/base/toml_file.h"
#include "simulator/workload/part_overrides.h"
#include "simulator/workload/serving/checks.h"
#include "simulator/workload/serving/scenario.h"
#include "simulator/workload/serving/unit_skew.h"

namespace windtunnel {
namespace {

enum class Kind { kServing };

struct PrecisionText {
  WeightFormat weights;
  CacheFormat cache;
};

struct CostText {
  Dollars price_per_gpu_hour;
};

/// The scenario as written: names of other files instead of their content.
struct ServingText {
  std::string name;
  Kind kind;
  Sourced<std::string> model;
  Sourced<std::string> cluster;
  Framework framework;
  PrecisionText precision;
  ServingUnit unit;
  std::optional<ServingUnit> prefill_unit;
  Batching batching;
  RequestPlan requests;
  DraftPlan mtp;
  CommunicationPlan communication;
  ServingMemoryPlan memory;
  CostText cost;
  ServingAssumptions assumptions;
  std::optional<ServingSkew> skew;
};

Fields<PrecisionText> precision_fields() {
  return Fields<PrecisionText>("precision")
      .required("weights", &PrecisionText::weights,
                names<WeightFormat>({{"bf16", WeightFormat::kBf16},
                                     {"fp8", WeightFormat::kFp8},
                                     {"int8", WeightFormat::kInt8},
                                     {"int4", WeightFormat::kInt4}}),
                "of the linear layers")
      .required("cache", &PrecisionText::cache,
                names<CacheFormat>({{"bf16", CacheFormat::kBf16}, {"fp8", CacheFormat::kFp8}}),
                "of keys and values");
}

Fields<ServingUnit> unit_fields(const std::string& name) {
  constexpr double kMost = 1 << 16;
  return Fields<ServingUnit>(name)
      .required("gpus", &ServingUnit::gpus, between(1, kMost), "GPUs that step together")
      .required("tensor", &ServingUnit::tensor, between(1, kMost),
                "GPUs that share a sequence's attention heads")
      .required("expert", &ServingUnit::expert, between(1, kMost),
                "ranks that share the routed experts of a layer; 1 for a dense model")
      .required("redundant_experts", &ServingUnit::redundant_experts, between(0, kMost),
                "further copies of experts in a layer, on all ranks together")
      .required("shared_routed", &ServingUnit::shared_routed,
                "whether the shared expert is one of those copies")
      .required("micro_batches", &ServingUnit::micro_batches, between(1, 2),
                "2: one half computes while the other's tokens travel")
      .required("count", &ServingUnit::count, between(1, kMost), "such units");
}

Fields<Batching> batching_fields() {
  return Fields<Batching>("batching")
      .required("requests", &Batching::requests, between(1, 1 << 16),
                "that an attention group decodes at once, at most")
      .required("chunk", &Batching::chunk, between(1, 1 << 22),
                "prompt tokens that an attention group takes in an iteration, at most");
}

Fields<Lengths> length_fields(const std::string& name) {
  return Fields<Lengths>(name)
      .required("mean", &Lengths::mean, between(1, 1 << 24), "tokens")
      .required("spread", &Lengths::spread, between(0, 3),
                "standard deviation of the logarithm, 0 = all alike");
}

Fields<RequestPlan> request_fields() {
  return Fields<RequestPlan>("requests")
      .required("count", &RequestPlan::count, between(1, 1e7), "requests to simulate")
      .required("interval", &RequestPlan::interval, above(Seconds{0}, Seconds{1e6}),
                "mean time between two arrivals, over all units")
      .required("seed", &RequestPlan::seed, between(0, 1e15), "of gaps and lengths")
      .table("prompt", &RequestPlan::prompt, length_fields("prompt"), "tokens of a prompt")
      .table("output", &RequestPlan::output, length_fields("output"), "tokens of an answer")
      .optional("trace", &RequestPlan::trace,
                "CSV of arrival_s, prompt_tokens, output_tokens, instead of all of these");
}

Fields<DraftPlan> draft_fields() {
  return Fields<DraftPlan>("mtp").required("depth", &DraftPlan::depth, between(0, 16),
                                           "draft tokens a request in a step, 0 for none");
}

Fields<CommunicationPlan> transfer_fields() {
  return Fields<CommunicationPlan>("communication")
      .required("sms", &CommunicationPlan::sms, between(1, 1024),
                "SMs that dispatch and combine of prompts hold");
}

Fields<ServingMemoryPlan> serving_memory_fields() {
  return Fields<ServingMemoryPlan>("memory")
      .required("logits", &ServingMemoryPlan::logits,
                names<LogitRows>({{"last", LogitRows::kLast}, {"all", LogitRows::kAll}}),
                "positions of a prompt at which the head runs")
      .required(
          "scores", &ServingMemoryPlan::scores,
          names<PromptScores>({{"flash", PromptScores::kFlash}, {"eager", PromptScores::kEager}}),
          "whether attention holds the square of its scores")
      .required("image_tiles", &ServingMemoryPlan::image_tiles, between(0, 1 << 16),
                "tiles that the vision encoder takes at once");
}

Fields<CostText> cost_fields() {
  return Fields<CostText>("cost").required("price_per_gpu_hour", &CostText::price_per_gpu_hour,
                                           between(Dollars{0}, Dollars{1e6}),
                                           "rent of one GPU for one hour");
}

Fields<ServingText> make_fields() {
  return Fields<ServingText>("scenario")
      .required("name", &ServingText::name, "shown to people")
      .required("kind", &ServingText::kind, names<Kind>({{"serving", Kind::kServing}}),
                "what is simulated")
      .required("model", &ServingText::model, "model file, relative to this one")
      .required("cluster", &ServingText::cluster, "cluster file, relative to this one")
      .required("framework", &ServingText::framework,
                names<Framework>({{"sglang", Framework::kSglang},
                                  {"tensorrt-llm", Framework::kTensorRtLlm},
                                  {"vllm", Framework::kVllm},
                                  {"transformers", Framework::kTransformers}}),
                "whose kernels run")
      .table("precision", &ServingText::precision, precision_fields())
      .table("unit", &ServingText::unit, unit_fields("unit"), "decodes, or does both")
      .table("prefill_unit", &ServingText::prefill_unit, unit_fields("prefill_unit"),
             "runs the prompts, on GPUs of its own")
      .table("batching", &ServingText::batching, batching_fields())
      .table("requests", &ServingText::requests, request_fields())
      .table("mtp", &ServingText::mtp, draft_fields(), "multi-token prediction")
      .table("communication", &ServingText::communication, transfer_fields())
      .table("memory", &ServingText::memory, serving_memory_fields())
      .table("cost", &ServingText::cost, cost_fields())
      .table("assumptions", &ServingText::assumptions, serving_assumption_fields())
      .table("skew", &ServingText::skew, serving_skew_fields(), "how unlike GPUs are");
}

/// Made once: each scenario of a sweep is read with it.
const Fields<ServingText>& serving_fields() {
  static const Fields<ServingText> fields = make_fields();
  return fields;
}

/// The scenario's own files, the model's, the cluster's and the trace.
std::vector<std::filesystem::path> read_files(const Node& root, const ServingText& text) {
  std::vector<std::filesystem::path> files;
  const auto add = [&](const std::filesystem::path& file) {
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  };
  for (const Node& node : {root, load_toml(beside(text.model), text.model.source),
                           load_toml(beside(text.cluster), text.cluster.source)}) {
    for (const std::string& name : files_of(node)) {
      add(std::filesystem::path(name).lexically_normal());
    }
  }
  if (text.requests.trace) add(beside(*text.requests.trace).lexically_normal());
  if (text.skew && text.skew->routing && text.skew->routing->loads) {
    add(text.skew->routing->loads->file.lexically_normal());
  }
  return files;
}

}  // namespace

double tokens_per_iteration(int depth, double acceptance) {
  double tokens = 1;
  double all_before = 1;
  for (int draft = 0; draft < depth; ++draft) {
    all_before *= acceptance;
    tokens += all_before;
  }
  return tokens;
}

FileKeys serving_keys() { return file_keys(serving_fields()); }

ServingScenario load_serving(const std::filesystem::path& file,
                             const std::vector<Override>& overrides, const std::string& said_in) {
  Node root = load_toml(file);
  const PartOverrides parts = apply_overrides(root, overrides, said_in);
  ServingText text = decode(serving_fields(), root);
  ServingScenario scenario{
      .path = file,
      .name = std::move(text.name),
      .model = decode_architecture(changed_file(text.model, parts.model, said_in)),
      .cluster = decode_cluster(changed_file(text.cluster, parts.cluster, said_in)),
      .cluster_at = text.cluster.source,
      .framework = text.framework,
      .weights = text.precision.weights,
      .cache = text.precision.cache,
      .unit = text.unit,
      .prefill_unit = text.prefill_unit,
      .batching = text.batching,
      .requests = text.requests,
      .requests_at = source_of(root, "requests"),
      .mtp = text.mtp,
      .communication = text.communication,
      .memory = text.memory,
      .price_per_gpu_hour = text.cost.price_per_gpu_hour,
      .assumptions = std::move(text.assumptions),
      .skew = text.skew.value_or(ServingSkew{}),
      .files = read_files(root, text),
      .changed = !overrides.empty()};
  check_serving(root, scenario);
  settle_serving_assumptions(root, scenario);
  settle_serving_skew(root, scenario);
  return scenario;
}

}  // namespace windtunnel
