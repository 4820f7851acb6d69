#include "reports/render/serving_json.h"

#include <algorithm>
#include <cmath>

#include "reports/render/format.h"
#include "reports/render/json_parts.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

using Json = OrderedJson;

Json unit_json(const UnitSummary& unit) {
  return {{"name", unit.name},
          {"gpus", unit.gpus},
          {"count", unit.count},
          {"tensor", unit.tensor},
          {"data", unit.data},
          {"expert", unit.expert},
          {"redundant_experts", unit.redundant_experts},
          {"micro_batches", unit.micro_batches}};
}

Json scenario_json(const ServingSummary& scenario) {
  const UnitSummary& unit = scenario.units.front();
  return {{"path", scenario.path},
          {"name", scenario.name},
          {"kind", "serving"},
          {"model", scenario.model},
          {"gpu", scenario.gpu},
          {"gpus", scenario.gpus},
          {"pipeline", 1},
          {"expert", unit.expert},
          {"data", unit.data},
          {"tensor", unit.tensor},
          {"context", 1},
          {"schedule", "continuous batching"},
          {"weights", scenario.weights},
          {"cache", scenario.cache},
          {"units", list(scenario.units, unit_json)}};
}

/// A key with its interval: `ttft_s`, `ttft_s_low`, `ttft_s_high`.
void put(Json& out, const std::string& key, const Interval& interval) {
  out[key] = number(interval.value);
  out[key + "_low"] = number(interval.low);
  out[key + "_high"] = number(interval.high);
}

Json percentiles_json(const Percentiles& it) {
  return {{"mean", number(it.mean)},
          {"p50", number(it.p50)},
          {"p90", number(it.p90)},
          {"p99", number(it.p99)}};
}

Json queue_json(const QueueProjection& queue) {
  return {{"requests", queue.requests},
          {"refused", queue.refused},
          {"span_s", number(queue.span_s)},
          {"requests_per_s", number(queue.requests_per_s)},
          {"output_tokens_per_s_per_gpu", number(queue.output_tokens_per_s_per_gpu)},
          {"usd_per_million_output_tokens", number(queue.usd_per_million_output_tokens)},
          {"ttft_s", percentiles_json(queue.ttft_s)},
          {"tpot_s", percentiles_json(queue.tpot_s)},
          {"batch_mean", number(queue.batch_mean)},
          {"cache_tokens_mean", number(queue.cache_tokens_mean)},
          {"cache_tokens_peak", number(queue.cache_tokens_peak)},
          {"queue_mean", number(queue.queue_mean)},
          {"queue_peak", number(queue.queue_peak)},
          {"busy_fraction", number(queue.busy_fraction)},
          {"handover_s", number(queue.handover_s)}};
}

/// The requests with all iterations at one end of the rates' intervals.
Json queue_end_json(const QueueProjection& queue) {
  return {{"requests_per_s", number(queue.requests_per_s)},
          {"output_tokens_per_s_per_gpu", number(queue.output_tokens_per_s_per_gpu)},
          {"usd_per_million_output_tokens", number(queue.usd_per_million_output_tokens)},
          {"ttft_s", percentiles_json(queue.ttft_s)},
          {"tpot_s", percentiles_json(queue.tpot_s)}};
}

Json iteration_json(const IterationProjection& it) {
  return {{"name", it.name},
          {"requests", whole(it.requests)},
          {"prompt_tokens", whole(it.prompt_tokens)},
          {"context", whole(it.context)},
          {"time_s", number(it.time.value)},
          {"compute_s", number(it.compute.value)},
          {"transfers_s", number(it.transfers.value)},
          {"hidden_fraction", number(it.hidden_fraction)}};
}

Json serving_json(const ServingProjection& projection) {
  Json out = Json::object();
  if (projection.rates) {
    const ServingRates& rates = *projection.rates;
    put(out, "prefill_tokens_per_s_per_gpu", rates.prefill_tokens_per_s_per_gpu);
    put(out, "decode_tokens_per_s_per_gpu", rates.decode_tokens_per_s_per_gpu);
    put(out, "ttft_s", rates.ttft_s);
    put(out, "tpot_s", rates.tpot_s);
    put(out, "mtp_speedup", rates.mtp_speedup);
    put(out, "usd_per_million_prompt_tokens", rates.usd_per_million_prompt_tokens);
    put(out, "usd_per_million_output_tokens", rates.usd_per_million_output_tokens);
  } else {
    for (const char* key :
         {"prefill_tokens_per_s_per_gpu", "decode_tokens_per_s_per_gpu", "ttft_s", "tpot_s"}) {
      out[key] = nullptr;
    }
    out["unpriced"] = projection.unpriced;
  }
  out["kv_bytes_per_token"] = whole(projection.kv_bytes_per_token);
  out["max_tokens_in_cache"] = whole(projection.max_tokens_in_cache);
  out["checkpoint_bytes"] = whole(std::round(projection.checkpoint_bytes));
  out["iterations"] = list(projection.iterations, iteration_json);
  if (projection.queue) out["load"] = queue_json(*projection.queue);
  if (projection.queue && projection.queue_ends) {
    out["load"]["fast"] = queue_end_json(projection.queue_ends->fast);
    out["load"]["slow"] = queue_end_json(projection.queue_ends->slow);
  }
  return out;
}

Json parts_json(const UnitMemory& unit) {
  Json out = Json::object();
  for (const MemoryPart& part : unit.parts) out[part.name] = whole(part.bytes.value);
  return out;
}

Json unit_memory_json(const UnitMemory& unit) {
  Json formulas = Json::object();
  for (const MemoryPart& part : unit.parts) formulas[part.name] = part.why;
  return {{"unit", unit.unit},
          {"peak_bytes", whole(unit.total.value)},
          {"low_bytes", whole(unit.low.value)},
          {"high_bytes", whole(unit.high.value)},
          {"capacity_bytes", whole(unit.capacity.value)},
          {"fits", unit.fits},
          {"weights_bytes", whole(unit.weights.value)},
          {"kv_bytes_per_token", whole(unit.cache_per_token.value)},
          {"max_tokens_per_group", whole(unit.max_tokens)},
          {"parts", parts_json(unit)},
          {"formulas", formulas}};
}

/// The fullest unit's ledger, then every unit's; which GPUs would do.
Json memory_json(const ServingProjection& projection) {
  const UnitMemory& fullest =
      *std::max_element(projection.memory.begin(), projection.memory.end(),
                        [](const UnitMemory& a, const UnitMemory& b) { return a.total < b.total; });
  Json out = unit_memory_json(fullest);
  out["units"] = list(projection.memory, unit_memory_json);
  out["fits_on"] = list(projection.fits_on, [](const FitsOn& it) {
    return Json{{"gpu", it.gpu}, {"gpus", it.gpus ? Json(*it.gpus) : Json(nullptr)}};
  });
  return out;
}

Json effect_json(const ServingEffect& it) {
  return {{"what", it.what},
          {"value", it.value},
          {"range", it.range},
          {"why", it.why},
          {"effect",
           {{"ttft_low_s", number(it.ttft_s.low)},
            {"ttft_high_s", number(it.ttft_s.high)},
            {"tpot_low_s", number(it.tpot_s.low)},
            {"tpot_high_s", number(it.tpot_s.high)}}}};
}

Json term_json(const IterationTerm& term, const std::string& iteration) {
  const Provenance& provenance = term.each.provenance;
  return {{"iteration", iteration},
          {"block", term.block},
          {"kernel", term.kernel},
          {"launches", whole(term.launches)},
          {"time_s", number(term.each.time.value)},
          {"low_s", number(term.each.low.value)},
          {"high_s", number(term.each.high.value)},
          {"stretched", number(term.stretched)},
          {"provenance", basis_word(provenance.basis)},
          {"source", provenance.source},
          {"outside_range", provenance.outside_range}};
}

}  // namespace

std::string render_serving_json(const ServingProjection& projection, const BuildVersion& build) {
  Json out = document_head("windtunnel/projection", projection.inputs, build);
  out["scenario"] = scenario_json(projection.scenario);
  out["serving"] = serving_json(projection);
  if (projection.network) out["network"] = network_json(*projection.network);
  out["memory"] = memory_json(projection);
  out["provenance"] = {{"measured", number(projection.shares.measured)},
                       {"scaled", number(projection.shares.scaled)},
                       {"estimated", number(projection.shares.estimated)},
                       {"outside_range", projection.outside_range},
                       {"assumptions", list(projection.assumptions, effect_json)}};
  out["published"] = list(failures_first(projection.published), comparison_json);
  Json terms = Json::array();
  for (const IterationProjection& iteration : projection.iterations) {
    for (const IterationTerm& term : iteration.terms) {
      terms.push_back(term_json(term, iteration.name));
    }
  }
  out["terms"] = std::move(terms);
  out["engine"] = engine_json(projection.engine);
  return document_text(out);
}

}  // namespace windtunnel
