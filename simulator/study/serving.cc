#include "simulator/study/serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>

#include "simulator/analysis/network.h"
#include "simulator/analysis/serving_comparison.h"
#include "simulator/base/toml_file.h"
#include "simulator/model/parameters.h"
#include "simulator/study/inputs.h"
#include "simulator/study/serving_load.h"
#include "simulator/study/serving_rates.h"
#include "simulator/workload/serving/kernel_price.h"
#include "simulator/workload/serving/weights.h"

namespace windtunnel {
namespace {

using Clock = std::chrono::steady_clock;

UnitSummary unit_summary(const std::string& name, const ServingUnit& unit) {
  return {.name = name,
          .gpus = unit.gpus,
          .count = unit.count,
          .tensor = unit.tensor,
          .data = groups_of(unit),
          .expert = unit.expert,
          .redundant_experts = unit.redundant_experts,
          .micro_batches = unit.micro_batches};
}

std::string format_name(WeightFormat format) {
  switch (format) {
    case WeightFormat::kFp8:
      return "fp8";
    case WeightFormat::kInt8:
      return "int8";
    case WeightFormat::kInt4:
      return "int4";
    case WeightFormat::kBf16:
      break;
  }
  return "bf16";
}

ServingSummary summary_of(const ServingScenario& scenario) {
  ServingSummary summary{.path = scenario.path.string(),
                         .name = scenario.name,
                         .model = scenario.model.name,
                         .gpu = scenario.cluster.gpu.name,
                         .weights = format_name(scenario.weights),
                         .cache = scenario.cache == CacheFormat::kFp8 ? "fp8" : "bf16",
                         .gpus = gpu_count(scenario),
                         .units = {unit_summary("unit", scenario.unit)}};
  if (scenario.prefill_unit) {
    summary.units.push_back(unit_summary("prefill_unit", *scenario.prefill_unit));
  }
  return summary;
}

/// GPU seconds of a mean request that an iteration's kernels take: by basis, and what lay outside
/// the measured range.
void add_provenance(const IterationProjection& iteration, double weight,
                    ServingProjection& projection, double& total) {
  for (const IterationTerm& term : iteration.terms) {
    const double seconds = weight * term.launches * term.stretched * term.each.time.value;
    const Provenance& provenance = term.each.provenance;
    total += seconds;
    projection.shares.measured += seconds * provenance.shares.measured;
    projection.shares.scaled += seconds * provenance.shares.scaled;
    if (!provenance.outside_range || seconds <= 0) continue;
    const std::string what = iteration.name + ", " + term.block + ": " + term.kernel;
    auto& all = projection.outside_range;
    if (std::find(all.begin(), all.end(), what) == all.end()) all.push_back(what);
  }
}

void set_provenance(const ServingScenario& scenario, ServingProjection& projection) {
  const ServingRates& rates = *projection.rates;
  double total = 0;
  projection.shares = {0, 0, 0};
  for (const IterationProjection& iteration : projection.iterations) {
    const bool prefill = iteration.name == "prefill";
    const double tokens = prefill ? scenario.requests.prompt.mean : scenario.requests.output.mean;
    const double rate = prefill ? rates.prefill_tokens_per_s_per_gpu.value
                                : rates.decode_tokens_per_s_per_gpu.value;
    add_provenance(iteration, tokens / rate / iteration.time.value, projection, total);
  }
  if (total <= 0) return;
  projection.shares.measured /= total;
  projection.shares.scaled /= total;
  projection.shares.estimated = 1 - projection.shares.measured - projection.shares.scaled;
}

/// How much shorter and longer iterations are at the ends of the rates' intervals.
std::array<TimeFactors, 2> end_factors(const ServingRates& rates) {
  const Interval& prompt = rates.prefill_tokens_per_s_per_gpu;
  const Interval& decode = rates.decode_tokens_per_s_per_gpu;
  return {TimeFactors{prompt.value / prompt.high, decode.value / decode.high},
          TimeFactors{prompt.value / prompt.low, decode.value / decode.low}};
}

void add_queue(const ServingScenario& scenario, ServingPrices& prices,
               ServingProjection& projection) {
  const auto [fast, slow] = end_factors(*projection.rates);
  std::vector<QueueProjection> loads = serving_loads(
      prices, scenario, projection.memory, serving_requests(scenario), {{1, 1}, fast, slow});
  projection.queue = loads[0];
  projection.queue_ends = {loads[1], loads[2]};
}

void add_times(const ServingScenario& scenario, const PriceBook& book,
               ServingProjection& projection) {
  const auto reason = unpriced_reason(book.tables, scenario);
  const double max_tokens = projection.memory.front().max_tokens;
  if (reason) {
    projection.unpriced = *reason;
    return;
  }
  const bool room = operating_point(scenario, max_tokens).requests >= 1 &&
                    projection.memory.back().max_tokens >= scenario.requests.prompt.mean;
  if (!room) {
    projection.unpriced = "not one mean request fits into the memory";
    return;
  }
  ServingPrices prices(book, scenario);
  RatesAndEffects found = serving_rates(prices, scenario, max_tokens);
  projection.rates = found.rates;
  projection.assumptions = std::move(found.effects);
  projection.iterations = reference_iterations(prices, scenario, max_tokens);
  add_queue(scenario, prices, projection);
  set_provenance(scenario, projection);
}

std::vector<FitsOn> fits_on(const ServingScenario& scenario, const std::vector<Gpu>& gpus) {
  std::vector<FitsOn> all;
  for (const Gpu& gpu : gpus) {
    const bool no_fp8 = !gpu.fp8_peak && (scenario.weights == WeightFormat::kFp8 ||
                                          scenario.cache == CacheFormat::kFp8);
    if (!no_fp8) all.push_back({gpu.name, fewest_gpus(scenario, gpu)});
  }
  return all;
}

/// Rows of the publications about this very file.
std::vector<ComparisonRow> published_rows(const ServingScenario& scenario,
                                          const ServingProjection& projection,
                                          const std::filesystem::path& root) {
  std::vector<ComparisonRow> rows;
  for (const PublishedFile& file : load_all_published(root / "scenarios/published")) {
    std::error_code missing;
    if (!std::filesystem::equivalent(beside(file.scenario), scenario.path, missing)) continue;
    const auto found = compare_serving(file, projection, scenario.changed);
    rows.insert(rows.end(), found.begin(), found.end());
  }
  sort_by_failure(rows);
  return rows;
}

}  // namespace

ServingProjection simulate_serving(const ServingScenario& scenario, const PriceBook& book,
                                   const SimulationOptions& options) {
  const auto before = Clock::now();
  ServingProjection projection{
      .scenario = summary_of(scenario),
      .memory = serving_memory(scenario),
      .fits_on = fits_on(scenario, book.tables.gpus),
      .kv_bytes_per_token = 0,
      .max_tokens_in_cache = 0,
      .checkpoint_bytes = checkpoint_bytes(scenario.model, scenario.weights).value,
      .unpriced = "",
      .rates = {},
      .iterations = {},
      .queue = {},
      .queue_ends = {},
      .assumptions = {},
      .shares = {0, 0, 1},
      .outside_range = {},
      .published = {},
      .inputs = {},
      .engine = {}};
  projection.kv_bytes_per_token =
      kv_bytes_per_token(scenario.model, scenario.cache == CacheFormat::kFp8 ? 1 : 2).value;
  projection.network = network_projection(scenario);
  projection.max_tokens_in_cache = projection.memory.front().max_tokens * groups_of(scenario.unit);
  add_times(scenario, book, projection);
  if (options.progress) options.progress(1);
  const std::chrono::duration<double> wall = Clock::now() - before;
  projection.engine = {.fidelity = "folded",
                       .ranks = 1,
                       .ops = projection.queue ? projection.queue->requests : 0,
                       .wall = {wall.count()},
                       .peak_rss = peak_rss(),
                       .threads = options.threads};
  return projection;
}

ServingProjection simulate_serving(const ServingScenario& scenario,
                                   const SimulationOptions& options) {
  ServingProjection projection = simulate_serving(scenario, load_price_book(options.root), options);
  projection.inputs = input_files(scenario.files, options.root);
  projection.published = published_rows(scenario, projection, options.root);
  return projection;
}

}  // namespace windtunnel
