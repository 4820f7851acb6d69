#include "bench/harness/json.h"

#include <nlohmann/json.hpp>

namespace windtunnel::bench {
namespace {

using Json = nlohmann::ordered_json;

Json shape_json(const KernelShape& shape) {
  return {{"m", shape.m}, {"n", shape.n}, {"k", shape.k}, {"groups", shape.groups}};
}

Json samples_json(const Result& result) {
  Json ns = Json::array();
  Json mhz = Json::array();
  for (const Sample& sample : result.collected.samples) {
    ns.push_back(sample.ns);
    mhz.push_back(sample.mhz);
  }
  return {{"ns", std::move(ns)}, {"mhz", std::move(mhz)}};
}

Json result_json(const Run& run, const Figures& figures, const Result& result,
                 std::span<const Result> results) {
  const KernelShape& shape = result.item.shape;
  const Work needed = work(shape);
  Json json = {{"name", case_name(result.item)},
               {"operation", operation_name(shape.operation)},
               {"dtype", dtype_name(shape.dtype)},
               {"implementation", result.item.implementation},
               {"shape", shape_json(shape)},
               {"data", data_name(result.item.data)},
               {"floor_flops", needed.flops.value},
               {"floor_bytes", needed.bytes.value},
               {"launches_a_sample", result.plan.launches},
               {"buffer_sets", result.plan.buffer_sets},
               {"code", code_of(run, result.item)},
               {"wrong", result.wrong},
               {"throttled", result.collected.throttled},
               {"broken", result.collected.broken},
               {"notes", result.collected.notes},
               {"samples", samples_json(result)}};
  // Ranks that share a GPU: no link is in these times.
  if (operation_name(shape.operation).starts_with("loopback_")) json["link"] = "none, loop-back";
  const auto ns = summarize_ns(result.collected.samples);
  const auto clocks = summarize_cycles(result.collected.samples);
  if (ns && clocks) {
    json["median_us"] = ns->median / 1000;
    json["p10_us"] = ns->p10 / 1000;
    json["p90_us"] = ns->p90 / 1000;
    json["noise"] = ns->noise;
    json["cycles"] = clocks->median;
  }
  if (const GpuFigures* found = find_gpu(figures, run.machine.gpu)) {
    const GpuFigures gpu = raised(*found, results);
    if (const auto share = roof_fraction(result, gpu)) json["fraction_of_measured_roof"] = *share;
    json["target"] = verdict(result, figures, gpu, results);
  }
  return json;
}

}  // namespace

std::string results_json(const Run& run, const Figures& figures, std::span<const Result> results) {
  const Machine& machine = run.machine;
  Json rows = Json::array();
  for (const Result& result : results) rows.push_back(result_json(run, figures, result, results));
  const Json document = {{"schema", "windtunnel/bench"},
                         {"version", 1},
                         {"commit", run.commit},
                         {"date", run.date},
                         {"regime", regime_name(run.regime)},
                         {"gpu", machine.gpu},
                         {"device", machine.device},
                         {"driver", machine.driver},
                         {"cuda", machine.cuda},
                         {"sms", machine.sms},
                         {"default_mhz", machine.default_mhz},
                         {"l2_bytes", machine.l2.value},
                         {"results", std::move(rows)}};
  return document.dump(2) + "\n";
}

}  // namespace windtunnel::bench
