#include "simulator/study/sweep_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "simulator/base/error.h"
#include "simulator/base/suggestion.h"

namespace windtunnel {
namespace {

using enum ColumnType;
using enum QuantityOf;

std::string real(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }
std::string whole(double value) { return std::isfinite(value) ? fmt::format("{:.0f}", value) : ""; }

template <typename Of>
std::string of_run(const Projection& p, Of quantity) {
  return p.run ? real(quantity(*p.run)) : "";
}

template <typename Of>
std::string of_rates(const ServingProjection& p, Of quantity) {
  return p.rates ? real(quantity(*p.rates)) : "";
}

template <typename Of>
std::string of_load(const ServingProjection& p, Of quantity) {
  return p.queue ? real(quantity(*p.queue)) : "";
}

const UnitMemory& fullest(const ServingProjection& p) {
  return *std::max_element(p.memory.begin(), p.memory.end(),
                           [](const auto& a, const auto& b) { return a.total < b.total; });
}

using T = const Projection&;

const SweepColumns<Projection> kTraining = {
    {"scenario.gpus", kWhole, kStep, false, [](T p) { return whole(p.scenario.gpus); }},
    {"scenario.data", kWhole, kStep, false, [](T p) { return whole(p.scenario.data); }},
    {"scenario.schedule", kText, kStep, false, [](T p) { return p.scenario.schedule; }},
    {"scenario.micro_batches", kWhole, kStep, false,
     [](T p) { return whole(p.scenario.micro_batches); }},
    {"step.time_s", kReal, kStep, true, [](T p) { return real(p.step.rank0.time.value); }},
    {"step.forward_s", kReal, kStep, false, [](T p) { return real(p.step.rank0.forward.value); }},
    {"step.backward_s", kReal, kStep, false, [](T p) { return real(p.step.rank0.backward.value); }},
    {"step.weight_s", kReal, kStep, false, [](T p) { return real(p.step.rank0.weight.value); }},
    {"step.overlapped_s", kReal, kStep, false,
     [](T p) { return real(p.step.rank0.overlapped.value); }},
    {"step.bubble_s", kReal, kStep, true, [](T p) { return real(p.step.rank0.bubble.value); }},
    {"step.optimizer_s", kReal, kStep, false,
     [](T p) { return real(p.step.rank0.optimizer.value); }},
    {"step.mean.bubble_s", kReal, kStep, false, [](T p) { return real(p.step.mean.bubble.value); }},
    {"step.low_s", kReal, kInterval, true, [](T p) { return real(p.step.low.value); }},
    {"step.high_s", kReal, kInterval, true, [](T p) { return real(p.step.high.value); }},
    {"communication.total_s", kReal, kStep, false,
     [](T p) { return real(p.communication.total.value); }},
    {"communication.exposed_s", kReal, kStep, true,
     [](T p) { return real(p.communication.exposed.value); }},
    {"communication.waiting_s", kReal, kStep, false,
     [](T p) { return real(p.communication.waiting.value); }},
    {"communication.hidden_fraction", kReal, kStep, false,
     [](T p) { return real(p.communication.hidden_fraction); }},
    {"throughput.tokens_per_s_per_gpu", kReal, kStep, true,
     [](T p) { return real(p.throughput.tokens_per_s_per_gpu); }},
    {"throughput.tokens_per_day", kReal, kStep, false,
     [](T p) { return real(p.throughput.tokens_per_day); }},
    {"throughput.tflops_per_gpu.causal", kReal, kStep, false,
     [](T p) { return real(p.throughput.tflops_per_gpu.causal); }},
    {"throughput.tflops_per_gpu.noncausal", kReal, kStep, false,
     [](T p) { return real(p.throughput.tflops_per_gpu.noncausal); }},
    {"throughput.mfu.causal", kReal, kStep, true,
     [](T p) { return real(p.throughput.mfu.causal); }},
    {"throughput.mfu.noncausal", kReal, kStep, false,
     [](T p) { return real(p.throughput.mfu.noncausal); }},
    {"run.tokens", kReal, kRun, false,
     [](T p) { return of_run(p, [](auto& r) { return r.tokens.value; }); }},
    {"run.steps", kReal, kRun, false,
     [](T p) { return of_run(p, [](auto& r) { return r.steps; }); }},
    {"run.gpu_hours", kReal, kRun, true,
     [](T p) { return of_run(p, [](auto& r) { return r.gpu_hours; }); }},
    {"run.gpu_hours_low", kReal, kInterval, true,
     [](T p) { return of_run(p, [](auto& r) { return r.gpu_hours_low; }); }},
    {"run.gpu_hours_high", kReal, kInterval, true,
     [](T p) { return of_run(p, [](auto& r) { return r.gpu_hours_high; }); }},
    {"run.days", kReal, kRun, true, [](T p) { return of_run(p, [](auto& r) { return r.days; }); }},
    {"run.usd", kReal, kRun, true,
     [](T p) { return of_run(p, [](auto& r) { return r.cost.value; }); }},
    {"memory.peak_bytes", kWhole, kStep, true, [](T p) { return whole(p.memory.peak.value); }},
    {"memory.capacity_bytes", kWhole, kStep, false,
     [](T p) { return whole(p.memory.capacity.value); }},
    {"memory.fits", kWhole, kStep, true, [](T p) { return whole(p.memory.fits ? 1 : 0); }},
    {"memory.peak_rank", kWhole, kStep, false, [](T p) { return whole(p.memory.peak_rank); }},
    {"provenance.measured", kReal, kStep, false, [](T p) { return real(p.provenance.measured); }},
    {"provenance.scaled", kReal, kStep, false, [](T p) { return real(p.provenance.scaled); }},
    {"provenance.estimated", kReal, kStep, false, [](T p) { return real(p.provenance.estimated); }},
};

using S = const ServingProjection&;
const SweepColumns<ServingProjection> kServing = {
    {"scenario.gpus", kWhole, kStep, false, [](S p) { return whole(p.scenario.gpus); }},
    {"serving.prefill_tokens_per_s_per_gpu", kReal, kStep, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.prefill_tokens_per_s_per_gpu.value; }); }},
    {"serving.decode_tokens_per_s_per_gpu", kReal, kStep, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.decode_tokens_per_s_per_gpu.value; }); }},
    {"serving.ttft_s", kReal, kStep, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.ttft_s.value; }); }},
    {"serving.ttft_s_low", kReal, kInterval, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.ttft_s.low; }); }},
    {"serving.ttft_s_high", kReal, kInterval, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.ttft_s.high; }); }},
    {"serving.tpot_s", kReal, kStep, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.tpot_s.value; }); }},
    {"serving.tpot_s_low", kReal, kInterval, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.tpot_s.low; }); }},
    {"serving.tpot_s_high", kReal, kInterval, true,
     [](S p) { return of_rates(p, [](auto& r) { return r.tpot_s.high; }); }},
    {"serving.mtp_speedup", kReal, kStep, false,
     [](S p) { return of_rates(p, [](auto& r) { return r.mtp_speedup.value; }); }},
    {"serving.usd_per_million_prompt_tokens", kReal, kStep, false,
     [](S p) {
       return of_rates(p, [](auto& r) { return r.usd_per_million_prompt_tokens.value; });
     }},
    {"serving.usd_per_million_output_tokens", kReal, kStep, true,
     [](S p) {
       return of_rates(p, [](auto& r) { return r.usd_per_million_output_tokens.value; });
     }},
    {"serving.kv_bytes_per_token", kReal, kStep, false,
     [](S p) { return real(p.kv_bytes_per_token); }},
    {"serving.max_tokens_in_cache", kReal, kStep, true,
     [](S p) { return real(p.max_tokens_in_cache); }},
    {"serving.load.requests_per_s", kReal, kStep, false,
     [](S p) { return of_load(p, [](auto& q) { return q.requests_per_s; }); }},
    {"serving.load.output_tokens_per_s_per_gpu", kReal, kStep, true,
     [](S p) { return of_load(p, [](auto& q) { return q.output_tokens_per_s_per_gpu; }); }},
    {"serving.load.usd_per_million_output_tokens", kReal, kStep, false,
     [](S p) { return of_load(p, [](auto& q) { return q.usd_per_million_output_tokens; }); }},
    {"serving.load.ttft_s.p50", kReal, kStep, false,
     [](S p) { return of_load(p, [](auto& q) { return q.ttft_s.p50; }); }},
    {"serving.load.ttft_s.p99", kReal, kStep, true,
     [](S p) { return of_load(p, [](auto& q) { return q.ttft_s.p99; }); }},
    {"serving.load.tpot_s.p50", kReal, kStep, false,
     [](S p) { return of_load(p, [](auto& q) { return q.tpot_s.p50; }); }},
    {"serving.load.tpot_s.p99", kReal, kStep, true,
     [](S p) { return of_load(p, [](auto& q) { return q.tpot_s.p99; }); }},
    {"serving.load.batch_mean", kReal, kStep, false,
     [](S p) { return of_load(p, [](auto& q) { return q.batch_mean; }); }},
    {"serving.load.queue_peak", kReal, kStep, false,
     [](S p) { return of_load(p, [](auto& q) { return q.queue_peak; }); }},
    {"serving.load.busy_fraction", kReal, kStep, false,
     [](S p) { return of_load(p, [](auto& q) { return q.busy_fraction; }); }},
    {"memory.peak_bytes", kWhole, kStep, true, [](S p) { return whole(fullest(p).total.value); }},
    {"memory.capacity_bytes", kWhole, kStep, false,
     [](S p) { return whole(fullest(p).capacity.value); }},
    {"memory.fits", kWhole, kStep, true, [](S p) { return whole(fullest(p).fits ? 1 : 0); }},
};

}  // namespace

const SweepColumns<Projection>& training_columns() { return kTraining; }

const SweepColumns<ServingProjection>& serving_columns() { return kServing; }

template <typename P>
SweepColumns<P> chosen_columns(const SweepColumns<P>& all,
                               const std::vector<Sourced<std::string>>& wanted, bool intervals) {
  const auto known = [&](const SweepColumn<P>& column) {
    return intervals || column.of != kInterval;
  };
  SweepColumns<P> chosen;
  if (wanted.empty()) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(chosen),
                 [&](const SweepColumn<P>& column) { return column.usual && known(column); });
    return chosen;
  }
  std::vector<std::string> names;
  for (const SweepColumn<P>& column : all) names.emplace_back(column.name);
  for (const Sourced<std::string>& name : wanted) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const SweepColumn<P>& column) {
      return column.name == name.value;
    });
    if (found == all.end()) {
      throw ConfigError(
          name.source, fmt::format("no column `{}`{}", name.value, did_you_mean(name.value, names)),
          fmt::format("{}", fmt::join(names, ", ")));
    }
    if (!known(*found)) {
      throw ConfigError(name.source, fmt::format("`{}` is the end of an interval", name.value),
                        "intervals = true beside it");
    }
    chosen.push_back(*found);
  }
  return chosen;
}

template SweepColumns<Projection> chosen_columns(const SweepColumns<Projection>&,
                                                 const std::vector<Sourced<std::string>>&, bool);
template SweepColumns<ServingProjection> chosen_columns(const SweepColumns<ServingProjection>&,
                                                        const std::vector<Sourced<std::string>>&,
                                                        bool);

}  // namespace windtunnel
