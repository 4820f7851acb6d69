// A model that answers requests: what it runs on, how it is divided, and what is asked of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/base/field_rows.h"
#include "simulator/base/source.h"
#include "simulator/hardware/cluster.h"
#include "simulator/model/architecture.h"
#include "simulator/workload/scenario.h"
#include "simulator/workload/skew.h"

namespace windtunnel {

/// How the linear layers' weights are stored; embedding, head, router and norms stay BF16.
enum class WeightFormat { kBf16, kFp8, kInt8, kInt4 };
enum class CacheFormat { kBf16, kFp8 };

/// Whose kernels run where several were measured (serving/kernel_price.h says which they are).
enum class Framework { kSglang, kTensorRtLlm, kVllm, kTransformers };

/// At which positions of a prompt the head computes logits.
enum class LogitRows { kLast, kAll };

/// Attention without the scores in memory, or with the whole square of them.
enum class PromptScores { kFlash, kEager };

/// What [skew] comes to in a unit: rows of the fullest expert rank over their mean, a mean over
/// layers, `placed` as its experts are and `plain` with experts in their order and no copies (none
/// where that divides nothing); how many times as long its slowest GPU computes.
struct UnitSkew {
  double placed = 1;
  std::optional<double> plain = {};
  double slowest = 1;
};

/// GPUs that hold one copy of the model and step together. `tensor` of them share a sequence's
/// heads (an attention group); each group has its own requests and cache. `expert` ranks share the
/// routed experts and `redundant_experts` copies of some. `shared_routed`: the shared expert is
/// among those copies, dispatched to as a routed one. `micro_batches` 2: one half computes while
/// the other's tokens travel. `count` such units.
struct ServingUnit {
  int gpus;
  int tensor;
  int expert;
  int redundant_experts;
  bool shared_routed;
  int micro_batches;
  int count;
  UnitSkew skew = {};
};

/// Requests that a group decodes at once, and prompt tokens that it takes in an iteration, at most.
struct Batching {
  int requests;
  int chunk;
};

/// Lognormal around `mean` tokens; `spread` is the standard deviation of the logarithm, 0 = fixed.
struct Lengths {
  int mean;
  double spread;
};

/// `count` requests, `interval` apart on average over all units (exponential gaps), or those of
/// `trace`: a CSV file of arrival_s, prompt_tokens, output_tokens.
struct RequestPlan {
  std::int64_t count;
  Seconds interval;
  std::int64_t seed;
  Lengths prompt;
  Lengths output;
  std::optional<Sourced<std::string>> trace;
};

/// Draft tokens a request in each step of decoding; 0: no multi-token prediction.
struct DraftPlan {
  int depth;
};

/// What an iteration holds besides weights and cache; `image_tiles` go through the vision encoder
/// at once.
struct ServingMemoryPlan {
  LogitRows logits;
  PromptScores scores;
  int image_tiles;
};

/// DeepSeek's balancer, which places the copies that units hold; `redundant` has no place here.
struct ServingBalancer {
  BalancerPolicy policy;
  std::optional<int> redundant;
};

/// How GPUs are unlike; `jitter` has no place here.
struct ServingSkew {
  std::optional<RoutingSkew> routing;
  std::optional<ServingBalancer> eplb;
  std::optional<SpeedSkew> speed;
  std::optional<Assumption<double>> jitter;
};

struct ServingAssumptions {
  Assumption<double> mtp_acceptance;  ///< that a draft token is what the model would have said
  Assumption<double> expert_load;     ///< rows of the fullest expert rank over their mean
  Assumption<double> prefix_hits;     ///< share of prompt tokens found in the cache
  Assumption<Seconds> launch_gap;     ///< idle time between two kernels of a stream
  Assumption<Seconds> iteration_gap;  ///< idle time between two iterations
  Assumption<Bytes> reserved;         ///< CUDA context, libraries and the framework of a GPU
  Assumption<Bytes> buffers;          ///< of collectives and expert transfers
  Assumption<double> fragmentation;   ///< lost to the allocator, as a share of activations
  Assumption<double> score_bytes;     ///< held for each score of eager attention
};

struct ServingScenario {
  std::filesystem::path path;
  std::string name;
  Architecture model;
  Cluster cluster;
  Source cluster_at;  ///< where the cluster is named
  Framework framework;
  WeightFormat weights;
  CacheFormat cache;
  ServingUnit unit;                         ///< decodes, and prefills where no other unit does
  std::optional<ServingUnit> prefill_unit;  ///< prefills and hands the cache on
  Batching batching;
  RequestPlan requests;
  Source requests_at;  ///< where they stand
  DraftPlan mtp;
  CommunicationPlan communication;
  ServingMemoryPlan memory;
  Dollars price_per_gpu_hour;
  ServingAssumptions assumptions;
  ServingSkew skew;
  std::vector<std::filesystem::path> files;  ///< every file it was read from
  bool changed;                              ///< by --set: no longer the scenario of the file
};

/// Attention groups of a unit.
constexpr int groups_of(const ServingUnit& unit) { return unit.gpus / unit.tensor; }

/// GPUs of all units.
constexpr int gpu_count(const ServingScenario& scenario) {
  const ServingUnit& unit = scenario.unit;
  return unit.gpus * unit.count +
         (scenario.prefill_unit ? scenario.prefill_unit->gpus * scenario.prefill_unit->count : 0);
}

/// The unit that runs prompts.
constexpr const ServingUnit& prompt_unit(const ServingScenario& scenario) {
  return scenario.prefill_unit ? *scenario.prefill_unit : scenario.unit;
}

/// Tokens of one request in an iteration of decoding: the next one and its drafts.
constexpr int queries_of(const ServingScenario& scenario) { return 1 + scenario.mtp.depth; }

/// Tokens that such an iteration adds to a request, in expectation: a draft counts only when all
/// before it did.
double tokens_per_iteration(int depth, double acceptance);

/// What may be written in a serving scenario.
FileKeys serving_keys();

/// Reads a scenario with its model and cluster and checks that its parts fit together; throws
/// ConfigError with the place of the key that does not.
ServingScenario load_serving(const std::filesystem::path& file,
                             const std::vector<Override>& overrides,
                             const std::string& said_in = kSetFile);

}  // namespace windtunnel
