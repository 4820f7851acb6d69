// What a simulation answers, as values: every number the documents and pages show is one of these
// fields. Names end up in the JSON document as interface.md fixes them (reports/render/json.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/shapes/ops.h"
#include "kernels/shapes/units.h"
#include "simulator/hardware/price.h"
#include "simulator/workload/failures.h"
#include "simulator/workload/memory.h"

namespace windtunnel {

/// What was simulated: the scenario's identity and its degrees of parallelism.
struct ScenarioSummary {
  std::string path;
  std::string name;
  std::string kind;
  std::string model;
  std::string gpu;
  int gpus;
  int pipeline;
  int expert;
  int data;
  int tensor;
  int context;
  int zero_stage;
  std::string schedule;
  int virtual_stages;  ///< stages a rank holds in each direction
  int micro_batches;   ///< of one pipeline, in both directions together
};

/// One rank's step, divided by what its compute stream was given to: the parts add up to `time`.
struct StepParts {
  Seconds time;
  Seconds forward;
  Seconds backward;
  Seconds weight;
  Seconds overlapped;
  Seconds bubble;
  Seconds optimizer;
};

/// `rank0` is pipeline rank 0 with the stages it holds; `ranks` goes by pipeline rank; [low, high]
/// is the 80 % interval of the step time.
struct StepProjection {
  StepParts rank0;
  StepParts mean;
  std::vector<StepParts> ranks;
  Seconds low;
  Seconds high;
};

/// Communication of one kind, or a phase of compute, on one GPU during a step, mean over the ranks.
/// `exposed` is the part during which the rank's compute stream idles (of compute: its
/// communication stream); `waiting` is spent until the group has arrived. Part of `total` are the
/// slow-downs: `sharing`, how much longer ops took than alone on their links, as simulated;
/// `beside`, how much longer the prices of overlapped pairs are than those of the same work alone
/// (a measured kernel may be shorter there: below 0), routing as uneven as it is and its effect on
/// both prices alike.
struct CommunicationKind {
  std::string name;  ///< dispatch, combine, pipeline, gradient, tensor, context; attn(F), mlp(B)
  Seconds total;
  Seconds exposed;
  Seconds waiting;
  Seconds sharing = {0};
  Seconds beside = {0};
};

/// Of the transfers together, by kind, and by phase of compute.
struct CommunicationProjection {
  Seconds total;
  Seconds exposed;
  Seconds waiting;
  double hidden_fraction;
  std::vector<CommunicationKind> kinds;
  Seconds sharing = {0};
  Seconds beside = {0};
  std::vector<CommunicationKind> compute = {};
};

/// Attention counted over the causal half of the scores, or over all of them.
struct CausalPair {
  double causal;
  double noncausal;
};

struct Throughput {
  double tokens_per_s_per_gpu;
  double tokens_per_day;
  CausalPair tflops_per_gpu;
  CausalPair mfu;
};

/// A stretch of the run with one batch size and schedule.
struct RunStage {
  std::string name;
  std::string schedule;
  int micro_batches;
  double steps;
  Tokens tokens;
  Seconds step_time;
  double gpu_hours;
  double gpu_hours_low;
  double gpu_hours_high;
  double days;
  Dollars cost;
};

/// What failures leave: time of training over wall time, with checkpoints every `interval`, and the
/// mean time between two failures of any node.
struct GoodputProjection {
  double share;
  Seconds interval;
  Seconds best_interval;
  Seconds between_failures;
  FailureMonth month = {};  ///< with checkpoints every `interval`
  FailureMonth best_month = {};
};

/// A cause of the step's length: its part of the critical path, and what the step and the run would
/// save if it took a tenth less time, simulated again.
struct CriticalCause {
  std::string name;
  Seconds time;
  std::optional<Seconds> saved;
  std::optional<double> saved_gpu_hours;
};

/// What the step's time was spent on, its critical path (step_causes.h): each list adds up to
/// `time`, the longest first.
struct CriticalProjection {
  Seconds time;
  std::size_t ops;
  std::vector<CriticalCause> classes;
  std::vector<CriticalCause> phases;
  std::vector<CriticalCause> links;
  std::vector<CriticalCause> bindings;
};

/// The load of the fullest rank of an expert group over the mean of all, in one layer: experts in
/// their order, and as the balancer places them.
struct RankBalance {
  int layer;
  double plain;
  double placed;
};

/// How unlike ranks are. `plain` and `placed` are means over `layers`; the step without balancer is
/// folded, as `folded_step` is. `slowest`: the time of a kernel on the slowest GPU over the usual.
struct SkewProjection {
  std::vector<RankBalance> layers;
  double plain;
  double placed;
  std::string policy;  ///< of the balancer; empty without
  int redundant;
  std::optional<Seconds> folded_step;
  std::optional<Seconds> folded_without_balancer;
  double slowest;
  double jitter;
};

struct RunProjection {
  Tokens tokens;
  double steps;
  double gpu_hours;
  double gpu_hours_low;
  double gpu_hours_high;
  double days;
  Dollars cost;
  std::vector<RunStage> stages;
  std::optional<GoodputProjection> goodput = {};  ///< where the scenario has failures
};

/// The ledger per pipeline rank; `peak` is the fullest rank's total.
struct MemoryProjection {
  Bytes peak;
  Bytes capacity;
  bool fits;
  int peak_rank;
  std::vector<RankMemory> ranks;
};

/// A choice that no source settles: its value, what else it could be, and what that does to the
/// run.
struct AssumptionEffect {
  std::string what;
  std::string value;
  std::string range;
  std::string why;
  double gpu_hours_low;   ///< GPU hours of the run at the end of the range that makes it shorter
  double gpu_hours_high;  ///< and longer
  double step_low_s;
  double step_high_s;
};

/// A class of prices whose errors go together, and the run with all of them at the ends of their
/// 80 % intervals: the wider the hours lie apart, the more a measurement is worth.
struct MeasurementEffect {
  std::string what;  ///< such as "expert GEMMs"
  double gpu_hours_low;
  double gpu_hours_high;
  double step_low_s;
  double step_high_s;
};

/// Where the priced time of a step comes from; the three shares add up to 1. The interval, the
/// assumptions' effects and the batch ramp come from folded steps, scaled by `full_over_folded`:
/// this step's time over that of the folded step (1 where it is folded itself).
struct ProvenanceShares {
  double measured;
  double scaled;
  double estimated;
  double full_over_folded;
  std::vector<std::string> outside_range;
  std::vector<AssumptionEffect> assumptions;
  std::vector<MeasurementEffect> measurements = {};  ///< where intervals were asked for
};

/// A published figure beside its projection; `error` = projected / published - 1. Neither where
/// nobody published one: then it says so as its `reason`.
struct ComparisonRow {
  std::string model;
  std::string quantity;
  std::string unit;
  std::optional<double> published;
  double projected;
  std::optional<double> low;
  std::optional<double> high;
  std::optional<double> error;
  std::optional<double> tolerance;
  std::string provenance;
  std::string source;
  bool comparable;
  std::string reason;
  std::string set = "";  ///< the set of runs that it is one of; a figure of its own has none
};

/// What a term is: a kernel or the idle time between kernels (assumed, not priced), both on the
/// compute stream; a transfer beside it; or a part of the optimizer's update.
enum class TermKind { kKernel, kLaunchGap, kTransfer, kUpdate };

/// How often pipeline rank 0 runs a term in a step, and what all its launches then cost each time.
struct TermRuns {
  std::string setting;  ///< paired, alone
  double count;
  Price price;
};

/// One priced kernel of a step, for --explain and the report: what was asked and who answered.
struct PricedTerm {
  std::string phase;   ///< such as "attn(F)"
  std::string layer;   ///< such as "MoE layer"
  std::string kernel;  ///< operation, data type and shape
  double launches;
  Price price;           ///< of all launches together, once, as it runs more often
  Seconds time_in_step;  ///< of pipeline rank 0 with even routing: the sum over `runs`
  TermKind kind;
  std::vector<TermRuns> runs;             ///< those that occur
  std::optional<KernelShape> shape = {};  ///< of a kernel's one launch, for the roofline
};

/// What the GPU's data sheet allows: peaks of its tensor cores and the rate of its memory.
struct Roofs {
  FlopsPerSecond bf16;
  std::optional<FlopsPerSecond> fp8;
  BytesPerSecond memory;
};

/// A slot of the pipeline as it ran, for the timeline figure.
struct SlotSpan {
  int rank;
  std::string kind;  ///< forward, backward, backward_input, weight, overlapped, optimizer
  int direction;     ///< of the forward chunk, or of the only one
  int micro_batch;
  int stage;
  Seconds start;
  Seconds end;
};

/// A file the projection rests on, and the XXH3-128 hash of its bytes.
struct InputFile {
  std::string path;
  std::string hash;
};

/// How this machine computed it; the only part of a document that differs from run to run.
struct EngineStatistics {
  std::string fidelity;
  std::int64_t ranks;
  std::int64_t ops;
  Seconds wall;
  Bytes peak_rss;
  int threads;
};

/// The switches between the nodes that a scenario uses; `links` are those between switches,
/// `rate_per_gpu` what each GPU has of the narrowest layer when all send at once, and the cost
/// that of the cluster file's prices. `failed_uplinks` are of leaves, `failed_core_links` of pods.
struct NetworkFabric {
  std::string kind;
  std::string routing;
  double oversubscription;
  int switches;
  int links;
  int endpoints;
  int most_endpoints;
  BytesPerSecond rate_per_gpu;
  int failed_uplinks;
  Dollars cost;
  Dollars cost_per_endpoint;
  std::string source;
  std::string cost_source;
  std::string cost_basis = "published";  ///< of its prices: published, solved, assumed
  Dollars cost_low{0};
  Dollars cost_high{0};
  int failed_core_links = 0;
};

/// A fabric (absent where only NICs are known), what of the network is down, and what the
/// simulation assumes about it (empty: nothing).
struct NetworkProjection {
  std::optional<NetworkFabric> fabric;
  int failed_nics;
  std::string assumption;
};

struct Projection {
  ScenarioSummary scenario;
  StepProjection step;
  CommunicationProjection communication;
  Throughput throughput;
  std::optional<RunProjection> run;  ///< absent where the scenario is a single step
  MemoryProjection memory;
  ProvenanceShares provenance;
  std::vector<ComparisonRow> published;
  std::vector<PricedTerm> terms;
  std::vector<SlotSpan> timeline;
  std::vector<InputFile> inputs;
  EngineStatistics engine;
  std::optional<NetworkProjection> network = {};    ///< where the cluster says what joins its nodes
  std::optional<SkewProjection> skew = {};          ///< where the scenario says any
  std::optional<CriticalProjection> critical = {};  ///< where it was asked for
  std::optional<Roofs> roofs = {};
};

}  // namespace windtunnel
