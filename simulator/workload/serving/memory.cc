#include "simulator/workload/serving/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "simulator/model/parameters.h"
#include "simulator/workload/serving/activations.h"
#include "simulator/workload/serving/checks.h"
#include "simulator/workload/serving/weights.h"

namespace windtunnel {
namespace {

/// With an indexer's key.
double elements_of(const Mla& mla, int) {
  const std::int64_t key = mla.indexer ? mla.indexer->head_dim : 0;
  return static_cast<double>(mla.kv_lora_rank + mla.rope_dim + key);
}

double elements_of(const Gqa& gqa, int tensor) {
  const double heads = std::max(1.0, static_cast<double>(gqa.kv_heads) / tensor);
  return heads * static_cast<double>(2 * gqa.head_dim);
}

bool keeps_latents(const Architecture& model) {
  return std::holds_alternative<Mla>(model.layers.front().attention);
}

/// What the assumptions put into the ledger, at the ends of their ranges too.
struct Assumed {
  Bytes reserved;
  Bytes buffers;
  double fragmentation;
  double score_bytes;
};

Assumed assumed(const ServingAssumptions& all) {
  return {all.reserved.value, all.buffers.value, all.fragmentation.value, all.score_bytes.value};
}

/// Everything but weights and cache.
std::vector<MemoryPart> working_parts(const ServingScenario& scenario, const ServingUnit& unit,
                                      const GroupWork& work, const Assumed& with) {
  std::vector<MemoryPart> parts = activation_parts(scenario, unit, work, with.score_bytes);
  double activations = 0;
  for (const MemoryPart& part : parts) activations += part.bytes.value;
  parts.push_back({"fragmentation",
                   {activations * with.fragmentation},
                   fmt::format("{:.0f} % of the activations", 100 * with.fragmentation)});
  if (with.buffers.value > 0) {
    parts.push_back({"communication buffers", with.buffers, "of collectives and expert transfers"});
  }
  parts.push_back({"reserved", with.reserved, "CUDA context, libraries and the framework"});
  return parts;
}

Bytes sum_of(const std::vector<MemoryPart>& parts) {
  Bytes total{0};
  for (const MemoryPart& part : parts) total += part.bytes;
  return total;
}

/// How far the total moves where each assumption goes to the end of its range: independent causes
/// add in quadrature.
struct Width {
  double below = 0;
  double above = 0;
};

Width width_of(const ServingScenario& scenario, const ServingUnit& unit, const GroupWork& work) {
  const Assumed as_is = assumed(scenario.assumptions);
  const double at_value = sum_of(working_parts(scenario, unit, work, as_is)).value;
  Width squares;
  const auto vary = [&](const Assumed& other, double& square) {
    const double change = sum_of(working_parts(scenario, unit, work, other)).value - at_value;
    square += change * change;
  };
  const auto both = [&](auto member, const auto& assumption) {
    Assumed other = as_is;
    other.*member = assumption.low;
    vary(other, squares.below);
    other.*member = assumption.high;
    vary(other, squares.above);
  };
  const ServingAssumptions& all = scenario.assumptions;
  both(&Assumed::reserved, all.reserved);
  both(&Assumed::buffers, all.buffers);
  both(&Assumed::fragmentation, all.fragmentation);
  both(&Assumed::score_bytes, all.score_bytes);
  return {std::sqrt(squares.below), std::sqrt(squares.above)};
}

std::string cache_text(const ServingScenario& scenario, Bytes per_token, double tokens) {
  const char* what = keeps_latents(scenario.model) ? "latents and rotated keys, whole on each GPU"
                                                   : "keys and values of this GPU's heads";
  return fmt::format("{:.0f} tokens of {:.0f} B: {}, {}", tokens, per_token.value, what,
                     scenario.cache == CacheFormat::kFp8 ? "FP8" : "BF16");
}

}  // namespace

Bytes cache_bytes_per_token(const ServingScenario& scenario, const ServingUnit& unit) {
  double elements = 0;
  const auto add = [&](const Layer& layer) {
    elements +=
        std::visit([&](const auto& a) { return elements_of(a, unit.tensor); }, layer.attention);
  };
  for (const Layer& layer : scenario.model.layers) add(layer);
  for (int i = 0; i < scenario.mtp.depth; ++i) {
    add(scenario.model.mtp.at(static_cast<std::size_t>(i)));
  }
  return {elements * (scenario.cache == CacheFormat::kFp8 ? 1.0 : 2.0)};
}

GroupWork group_work(const ServingScenario& scenario, const ServingUnit& unit) {
  const bool prefills = &unit == &prompt_unit(scenario);
  const bool decodes = &unit == &scenario.unit;
  const double prompt = scenario.requests.prompt.mean;
  const double request = prompt + scenario.requests.output.mean;
  const double requests = scenario.batching.requests;
  const double chunk = std::min<double>(scenario.batching.chunk,
                                        decodes ? requests * prompt : scenario.batching.chunk);
  return {.prompt_tokens = prefills ? chunk : 0,
          .decode_rows = decodes ? requests * queries_of(scenario) : 0,
          .context = prompt,
          .cached = decodes ? requests * request : std::max(chunk, prompt)};
}

UnitMemory unit_memory(const ServingScenario& scenario, const ServingUnit& unit,
                       const std::string& name) {
  const GroupWork work = group_work(scenario, unit);
  const Bytes per_token = cache_bytes_per_token(scenario, unit);
  UnitMemory memory{.unit = name,
                    .total = {0},
                    .low = {0},
                    .high = {0},
                    .capacity = scenario.cluster.gpu.memory,
                    .fits = false,
                    .weights = {0},
                    .cache_per_token = per_token,
                    .max_tokens = 0,
                    .parts = weight_parts(scenario, unit)};
  memory.weights = sum_of(memory.parts);
  memory.parts.push_back(
      {"KV cache", per_token * work.cached, cache_text(scenario, per_token, work.cached)});
  for (MemoryPart& part : working_parts(scenario, unit, work, assumed(scenario.assumptions))) {
    memory.parts.push_back(std::move(part));
  }
  memory.total = sum_of(memory.parts);
  const Width width = width_of(scenario, unit, work);
  memory.low = memory.total - Bytes{std::min(width.below, memory.total.value)};
  memory.high = memory.total + Bytes{width.above};
  memory.fits = memory.total <= memory.capacity;
  const Bytes others = memory.total - per_token * work.cached;
  memory.max_tokens = std::max(0.0, std::floor((memory.capacity - others) / per_token));
  return memory;
}

std::vector<UnitMemory> serving_memory(const ServingScenario& scenario) {
  std::vector<UnitMemory> units{unit_memory(scenario, scenario.unit, "unit")};
  if (scenario.prefill_unit) {
    units.push_back(unit_memory(scenario, *scenario.prefill_unit, "prefill_unit"));
  }
  return units;
}

std::optional<int> fewest_gpus(const ServingScenario& scenario, const Gpu& gpu) {
  constexpr int kMost = 256;
  ServingScenario other = scenario;
  other.cluster.gpu = gpu;
  other.prefill_unit.reset();
  other.batching.requests = 1;
  for (int gpus = 1; gpus <= kMost; gpus *= 2) {
    other.unit = {.gpus = gpus,
                  .tensor = gpus,
                  .expert = 1,
                  .redundant_experts = 0,
                  .shared_routed = false,
                  .micro_batches = 1,
                  .count = 1};
    const bool divides =
        std::all_of(other.model.layers.begin(), other.model.layers.end(),
                    [&](const Layer& layer) { return head_problem(layer, gpus).empty(); });
    if (divides && unit_memory(other, other.unit, "unit").fits) return gpus;
  }
  return std::nullopt;
}

}  // namespace windtunnel
