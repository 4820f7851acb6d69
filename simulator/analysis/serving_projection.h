// What a serving simulation answers, as values. Names end up in the JSON document as interface.md
// fixes them (reports/render/serving_json.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/analysis/projection.h"
#include "simulator/workload/serving/iteration.h"
#include "simulator/workload/serving/memory.h"

namespace windtunnel {

/// A value and its 80 % interval.
struct Interval {
  double value;
  double low;
  double high;
};

/// One kind of unit as simulated.
struct UnitSummary {
  std::string name;
  int gpus;
  int count;
  int tensor;
  int data;  ///< attention groups
  int expert;
  int redundant_experts;
  int micro_batches;
};

struct ServingSummary {
  std::string path;
  std::string name;
  std::string model;
  std::string gpu;
  std::string weights;
  std::string cache;
  int gpus;
  std::vector<UnitSummary> units;
};

/// An iteration of one kind at the operating point of the scenario: `requests` and `prompt_tokens`
/// of an attention group, gap to the next iteration included in `time`.
struct IterationProjection {
  std::string name;  ///< prefill, decode
  double requests;
  double prompt_tokens;
  double context;
  Seconds time;
  Seconds compute;
  Seconds transfers;
  double hidden_fraction;
  std::vector<IterationTerm> terms;  ///< blocks in the order in which they run
  int micro_batches;
  Seconds launch_gap;
};

/// Tokens per second of one GPU of the unit that runs the phase; times of a request that meets no
/// queue (ttft) and of a full batch (tpot). `mtp_speedup`: output tokens per second over those
/// without multi-token prediction, 1 where it is off. Dollars of a million tokens.
struct ServingRates {
  Interval prefill_tokens_per_s_per_gpu;
  Interval decode_tokens_per_s_per_gpu;
  Interval ttft_s;
  Interval tpot_s;
  Interval mtp_speedup;
  Interval usd_per_million_prompt_tokens;
  Interval usd_per_million_output_tokens;
};

struct Percentiles {
  double mean;
  double p50;
  double p90;
  double p99;
};

/// What became of the simulated requests. Rates are of all GPUs together, or of one where the name
/// says so; they and the means leave out the first and the last tenth of the answers, while the
/// batch fills and empties. `cache_tokens` of a unit that decodes; `queue` waits for a place in a
/// batch, over the whole span.
struct QueueProjection {
  std::int64_t requests;
  std::int64_t refused;  ///< longer than any cache
  double span_s;
  double requests_per_s;
  double output_tokens_per_s_per_gpu;
  double usd_per_million_output_tokens;
  Percentiles ttft_s;
  Percentiles tpot_s;
  double batch_mean;  ///< requests that an attention group decodes
  double cache_tokens_mean;
  double cache_tokens_peak;
  double queue_mean;
  double queue_peak;
  double busy_fraction;  ///< of a unit that decodes
  double handover_s;     ///< of a mean prompt's cache from unit to unit; 0 where none is handed
};

/// The same requests with all iterations as short and as long as the intervals of the rates say.
struct QueueEnds {
  QueueProjection fast;
  QueueProjection slow;
};

/// An assumption, and the reference times at the ends of its range.
struct ServingEffect {
  std::string what;
  std::string value;
  std::string range;
  std::string why;
  Interval ttft_s;
  Interval tpot_s;
};

/// The fewest GPUs of a kind that hold the model and one request; none up to 256.
struct FitsOn {
  std::string gpu;
  std::optional<int> gpus;
};

struct ServingProjection {
  ServingSummary scenario;
  std::vector<UnitMemory> memory;  ///< of each kind of unit, the one that decodes first
  std::vector<FitsOn> fits_on;
  double kv_bytes_per_token;   ///< of the model, on all GPUs of a group once
  double max_tokens_in_cache;  ///< of a unit that decodes
  double checkpoint_bytes;
  std::string unpriced;  ///< why there are no times; else empty
  std::optional<ServingRates> rates;
  std::vector<IterationProjection> iterations;
  std::optional<QueueProjection> queue;
  std::optional<QueueEnds> queue_ends;
  std::vector<ServingEffect> assumptions;
  BasisShares shares;  ///< of the priced time of a request
  std::vector<std::string> outside_range;
  std::vector<ComparisonRow> published;
  std::vector<InputFile> inputs;
  EngineStatistics engine;
  std::optional<NetworkProjection> network = {};  ///< of a cluster with a fabric
};

}  // namespace windtunnel
