#include "reports/render/json.h"

#include <algorithm>
#include <utility>

#include "reports/render/critical.h"
#include "reports/render/format.h"
#include "reports/render/json_parts.h"
#include "reports/render/reach.h"
#include "reports/render/skew.h"
#include "reports/render/verdict.h"

namespace windtunnel {
namespace {

using Json = OrderedJson;

Json scenario_json(const ScenarioSummary& scenario) {
  return {{"path", scenario.path},
          {"name", scenario.name},
          {"kind", scenario.kind},
          {"model", scenario.model},
          {"gpu", scenario.gpu},
          {"gpus", scenario.gpus},
          {"pipeline", scenario.pipeline},
          {"expert", scenario.expert},
          {"data", scenario.data},
          {"tensor", scenario.tensor},
          {"context", scenario.context},
          {"zero_stage", scenario.zero_stage},
          {"schedule", scenario.schedule},
          {"virtual_stages", scenario.virtual_stages},
          {"micro_batches", scenario.micro_batches}};
}

Json parts_json(const StepParts& parts) {
  return {{"time_s", number(parts.time.value)},
          {"forward_s", number(parts.forward.value)},
          {"backward_s", number(parts.backward.value)},
          {"weight_s", number(parts.weight.value)},
          {"overlapped_s", number(parts.overlapped.value)},
          {"bubble_s", number(parts.bubble.value)},
          {"optimizer_s", number(parts.optimizer.value)}};
}

Json step_json(const StepProjection& step) {
  Json out = parts_json(step.rank0);
  out["mean"] = parts_json(step.mean);
  out["ranks"] = list(step.ranks, parts_json);
  out["low_s"] = number(step.low.value);
  out["high_s"] = number(step.high.value);
  return out;
}

/// Hidden: behind compute; of compute: beside the communication stream.
Json communication_kind_json(const CommunicationKind& kind) {
  return {{"total_s", number(kind.total.value)},
          {"hidden_s", number((kind.total - kind.exposed).value)},
          {"exposed_s", number(kind.exposed.value)},
          {"waiting_s", number(kind.waiting.value)},
          {"slowed_s", number((kind.sharing + kind.beside).value)},
          {"slowed_by_sharing_s", number(kind.sharing.value)},
          {"slowed_by_overlap_s", number(kind.beside.value)}};
}

Json communication_json(const CommunicationProjection& communication) {
  Json out = {{"total_s", number(communication.total.value)},
              {"exposed_s", number(communication.exposed.value)},
              {"waiting_s", number(communication.waiting.value)},
              {"hidden_fraction", number(communication.hidden_fraction)},
              {"slowed_by_sharing_s", number(communication.sharing.value)},
              {"slowed_by_overlap_s", number(communication.beside.value)}};
  for (const CommunicationKind& kind : communication.kinds) {
    out[kind.name] = communication_kind_json(kind);
  }
  out["compute"] = Json::object();
  for (const CommunicationKind& phase : communication.compute) {
    out["compute"][phase.name] = communication_kind_json(phase);
  }
  return out;
}

Json pair_json(const CausalPair& pair) {
  return {{"causal", number(pair.causal)}, {"noncausal", number(pair.noncausal)}};
}

Json throughput_json(const Throughput& throughput) {
  return {{"tokens_per_s_per_gpu", number(throughput.tokens_per_s_per_gpu)},
          {"tokens_per_day", number(throughput.tokens_per_day)},
          {"tflops_per_gpu", pair_json(throughput.tflops_per_gpu)},
          {"mfu", pair_json(throughput.mfu)}};
}

Json stage_json(const RunStage& stage) {
  return {{"name", stage.name},
          {"schedule", stage.schedule},
          {"micro_batches", stage.micro_batches},
          {"steps", whole(stage.steps)},
          {"tokens", whole(stage.tokens.value)},
          {"step_time_s", number(stage.step_time.value)},
          {"gpu_hours", number(stage.gpu_hours)},
          {"gpu_hours_low", number(stage.gpu_hours_low)},
          {"gpu_hours_high", number(stage.gpu_hours_high)},
          {"days", number(stage.days)},
          {"usd", number(stage.cost.value)}};
}

Json run_json(const RunProjection& run) {
  Json out = {{"tokens", whole(run.tokens.value)},
              {"steps", whole(run.steps)},
              {"gpu_hours", number(run.gpu_hours)},
              {"gpu_hours_low", number(run.gpu_hours_low)},
              {"gpu_hours_high", number(run.gpu_hours_high)},
              {"days", number(run.days)},
              {"usd", number(run.cost.value)},
              {"stages", list(run.stages, stage_json)}};
  if (run.goodput) out["goodput"] = goodput_json(*run.goodput);
  return out;
}

Json memory_parts_json(const RankMemory& rank) {
  Json out = Json::object();
  for (const MemoryPart& part : rank.parts) out[part.name] = whole(part.bytes.value);
  return out;
}

// `parts` is the fullest rank's ledger in bytes, `formulas` says in words how each part comes
// about.
Json memory_json(const MemoryProjection& memory) {
  Json out = {{"peak_bytes", whole(memory.peak.value)},
              {"capacity_bytes", whole(memory.capacity.value)},
              {"fits", memory.fits},
              {"peak_rank", memory.peak_rank},
              {"parts", Json::object()},
              {"formulas", Json::object()}};
  for (const RankMemory& rank : memory.ranks) {
    if (rank.rank != memory.peak_rank) continue;
    out["parts"] = memory_parts_json(rank);
    for (const MemoryPart& part : rank.parts) out["formulas"][part.name] = part.why;
  }
  out["ranks"] = list(memory.ranks, [](const RankMemory& rank) {
    return Json{{"rank", rank.rank},
                {"total_bytes", whole(rank.total.value)},
                {"parts", memory_parts_json(rank)}};
  });
  return out;
}

Json assumption_json(const AssumptionEffect& assumption) {
  return {{"what", assumption.what},
          {"value", assumption.value},
          {"range", assumption.range},
          {"why", assumption.why},
          {"effect",
           {{"gpu_hours_low", number(assumption.gpu_hours_low)},
            {"gpu_hours_high", number(assumption.gpu_hours_high)},
            {"step_low_s", number(assumption.step_low_s)},
            {"step_high_s", number(assumption.step_high_s)}}}};
}

/// All that the interval is made of, the widest first: what to settle or to measure next.
Json sensitivity_json(const Projection& projection) {
  const bool hours = projection.run.has_value();
  std::vector<std::pair<double, Json>> rows;
  const auto add = [&](const char* kind, const auto& effect) {
    Json row = {{"what", effect.what}, {"kind", kind}};
    row["gpu_hours_low"] = hours ? number(effect.gpu_hours_low) : Json(nullptr);
    row["gpu_hours_high"] = hours ? number(effect.gpu_hours_high) : Json(nullptr);
    row["step_low_s"] = number(effect.step_low_s);
    row["step_high_s"] = number(effect.step_high_s);
    rows.emplace_back(reach(effect), std::move(row));
  };
  for (const auto& effect : projection.provenance.measurements) add("measurement", effect);
  for (const auto& effect : projection.provenance.assumptions) add("assumption", effect);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  return list(rows, [](const auto& row) { return row.second; });
}

Json provenance_json(const ProvenanceShares& provenance) {
  return {{"measured", number(provenance.measured)},
          {"scaled", number(provenance.scaled)},
          {"estimated", number(provenance.estimated)},
          {"outside_range", provenance.outside_range},
          {"assumptions", list(provenance.assumptions, assumption_json)},
          {"full_over_folded", number(provenance.full_over_folded)}};
}

Json set_json(const SetSummary& set) {
  const SetStatement& said = set.statement;
  return {{"model", said.model},
          {"quantity", "step_s"},
          {"runs", set.runs},
          {"median_absolute_error", number(set.median_absolute)},
          {"p90_absolute_error", number(set.p90_absolute)},
          {"median_error", number(set.median_signed)},
          {"target", number(said.target)},
          {"within_target", set.within_target},
          {"tolerance", number(said.tolerance)},
          {"missed", said.missed},
          {"source", said.source},
          {"worst", list(set.worst, comparison_json)}};
}

const char* kind_word(TermKind kind) {
  switch (kind) {
    case TermKind::kKernel:
      return "kernel";
    case TermKind::kLaunchGap:
      return "launch_gap";
    case TermKind::kTransfer:
      return "transfer";
    case TermKind::kUpdate:
      break;
  }
  return "update";
}

Json term_json(const PricedTerm& term) {
  return {{"kind", kind_word(term.kind)},
          {"phase", term.phase},
          {"layer", term.layer},
          {"kernel", term.kernel},
          {"launches", whole(term.launches)},
          {"time_s", number(term.price.time.value)},
          {"low_s", number(term.price.low.value)},
          {"high_s", number(term.price.high.value)},
          {"provenance", term_basis(term, term.price.provenance.basis)},
          {"source", term.price.provenance.source},
          {"outside_range", term.price.provenance.outside_range},
          {"time_in_step_s", number(term.time_in_step.value)},
          {"runs", list(term.runs, [](const TermRuns& runs) {
             return Json{{"setting", runs.setting},
                         {"count", whole(runs.count)},
                         {"time_s", number(runs.price.time.value)}};
           })}};
}

}  // namespace

std::string render_json(const Projection& projection, const BuildVersion& build) {
  Json out = document_head("windtunnel/projection", projection.inputs, build);
  out["scenario"] = scenario_json(projection.scenario);
  out["step"] = step_json(projection.step);
  out["communication"] = communication_json(projection.communication);
  if (projection.skew) out["skew"] = skew_json(*projection.skew);
  if (projection.critical) out["critical"] = critical_json(*projection.critical);
  out["throughput"] = throughput_json(projection.throughput);
  if (projection.run) out["run"] = run_json(*projection.run);
  out["memory"] = memory_json(projection.memory);
  if (projection.network) out["network"] = network_json(*projection.network);
  out["provenance"] = provenance_json(projection.provenance);
  out["sensitivity"] = sensitivity_json(projection);
  out["published"] = list(failures_first(projection.published), comparison_json);
  out["terms"] = list(projection.terms, term_json);
  out["engine"] = engine_json(projection.engine);
  return document_text(out);
}

std::string render_validation_json(const std::vector<ComparisonRow>& rows,
                                   const std::vector<SetSummary>& sets,
                                   const std::vector<InputFile>& inputs,
                                   const BuildVersion& build) {
  Json out = document_head("windtunnel/validation", inputs, build);
  out["rows"] = list(failures_first(rows), comparison_json);
  out["sets"] = list(sets, set_json);
  return document_text(out);
}

}  // namespace windtunnel
