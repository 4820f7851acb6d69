#include "tests/reports/sample_projection.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace windtunnel {
namespace {

constexpr double kGibibyte = 1073741824.0;

StepProjection step_of(const std::vector<SlotSpan>& spans, int ranks) {
  double end = 0;
  for (const SlotSpan& span : spans) end = std::max(end, span.end.value);
  StepProjection step = {};
  step.ranks.assign(static_cast<std::size_t>(ranks), StepParts{.time = {end},
                                                               .forward = {0},
                                                               .backward = {0},
                                                               .weight = {0},
                                                               .overlapped = {0},
                                                               .bubble = {end},
                                                               .optimizer = {0}});
  for (const SlotSpan& span : spans) {
    StepParts& parts = step.ranks[static_cast<std::size_t>(span.rank)];
    const Seconds time = span.end - span.start;
    parts.bubble = parts.bubble - time;
    Seconds& part = span.kind == "forward"      ? parts.forward
                    : span.kind == "weight"     ? parts.weight
                    : span.kind == "overlapped" ? parts.overlapped
                    : span.kind == "optimizer"  ? parts.optimizer
                                                : parts.backward;
    part += time;
  }
  step.rank0 = step.ranks[0];
  for (const StepParts& rank : step.ranks) {
    const double weight = 1.0 / ranks;
    step.mean.time += rank.time * weight;
    step.mean.forward += rank.forward * weight;
    step.mean.backward += rank.backward * weight;
    step.mean.weight += rank.weight * weight;
    step.mean.overlapped += rank.overlapped * weight;
    step.mean.bubble += rank.bubble * weight;
    step.mean.optimizer += rank.optimizer * weight;
  }
  step.low = step.rank0.time * 0.95;
  step.high = step.rank0.time * 1.06;
  return step;
}

MemoryProjection memory_of(int ranks) {
  MemoryProjection memory = {{0}, {80e9}, true, 0, {}};
  for (int rank = 0; rank < ranks; ++rank) {
    const double tilt = 0.004 * (ranks - rank);
    const std::vector<std::pair<const char*, double>> parts = {
        {"weights, BF16 and FP8", 11.9},
        {"gradients, FP32", 13.2},
        {"optimizer states", 5.6},
        {"activations", 19.4 * (1 + tilt)},
        {"pipeline buffers", 1.1},
        {"communication buffers", 2.4},
        {"logits and loss", rank == ranks - 1 || rank == 0 ? 3.8 : 0.0},
        {"CUDA context and allocator", 3.1}};
    RankMemory ledger = {rank, {0}, {}};
    for (const auto& [name, gibibytes] : parts) {
      const Bytes bytes = {gibibytes * kGibibyte};
      ledger.total += bytes;
      ledger.parts.push_back({name, bytes, "bytes a value x values of both stages"});
    }
    if (ledger.total > memory.peak) {
      memory.peak = ledger.total;
      memory.peak_rank = rank;
    }
    memory.ranks.push_back(ledger);
  }
  return memory;
}

std::vector<PricedTerm> sample_terms() {
  const auto term = [](const char* phase, const char* layer, const char* kernel, double launches,
                       double milliseconds, Basis basis, const char* source, bool outside) {
    const Price price = {{milliseconds * 1e-3},
                         {milliseconds * 0.93e-3},
                         {milliseconds * 1.08e-3},
                         Provenance{basis, source, outside}};
    const std::string name = phase;
    const bool moved = name == "dispatch(F)" || name == "combine(F)";
    const bool gap = std::string(kernel) == "launch gaps";
    return PricedTerm{.phase = phase,
                      .layer = layer,
                      .kernel = kernel,
                      .launches = launches,
                      .price = price,
                      .time_in_step = {milliseconds * 1e-3 * 480},
                      .kind = moved ? TermKind::kTransfer
                              : gap ? TermKind::kLaunchGap
                                    : TermKind::kKernel,
                      .runs = {{"paired", 450, price}, {"alone", 30, price}}};
  };
  const char* trace = "bench/measurements/h800/trace/train.csv:14";
  const char* gemm = "bench/measurements/h100/gemm/bf16.csv";
  const char* roofline = "roofline x 0.43 of HBM, class elementwise";
  return {
      term("attn(F)", "MoE layer", "attention_forward bf16 4096x128x192", 1, 2.14, Basis::kMeasured,
           trace, false),
      term("attn(F)", "MoE layer", "gemm fp8 4096x1536x7168", 1, 0.11, Basis::kMeasured, trace,
           false),
      term("attn(F)", "MoE layer", "rms_norm bf16 4096x7168", 2, 0.08, Basis::kEstimated, roofline,
           false),
      term("attn(F)", "MoE layer", "launch gaps", 4, 0.008, Basis::kEstimated,
           "assumptions.launch_gap of the scenario", false),
      term("mlp(F)", "MoE layer", "grouped_gemm fp8 32768x4096x7168", 1, 1.93, Basis::kMeasured,
           trace, false),
      term("mlp(W)", "MoE layer", "grouped_weight_gradient fp8 4096x7168x32768", 1, 2.2,
           Basis::kMeasured, trace, false),
      term("dispatch(F)", "MoE layer", "dispatch fp8 4096 tokens, EP64", 1, 2.9, Basis::kScaled,
           "bench/measurements/h100/deepep/normal.csv x NVLink ratio", false),
      term("combine(F)", "MoE layer", "combine bf16 4096 tokens, EP64", 1, 3.4, Basis::kScaled,
           "bench/measurements/h100/deepep/normal.csv x NVLink ratio", false),
      term("head(F)", "output head", "gemm bf16 4096x129280x7168", 1, 11.2, Basis::kScaled, gemm,
           true),
  };
}

std::vector<ComparisonRow> sample_comparisons(double gpu_hours) {
  const auto row = [](const char* quantity, const char* unit, double published, double projected,
                      std::optional<double> tolerance, bool comparable, const char* reason) {
    return ComparisonRow{.model = "DeepSeek-V3-Base",
                         .quantity = quantity,
                         .unit = unit,
                         .published = published,
                         .projected = projected,
                         .low = projected * 0.95,
                         .high = projected * 1.06,
                         .error = projected / published - 1,
                         .tolerance = tolerance,
                         .provenance = "simulated",
                         .source = "technical report, table 1",
                         .comparable = comparable,
                         .reason = reason};
  };
  return {row("gpu_hours", "H800 hours", 2.664e6, gpu_hours, 0.10, true, ""),
          row("usd", "USD", 5.328e6, gpu_hours * 2, 0.10, true, ""),
          row("days_per_t_tokens", "days / T tokens", 3.7, 3.79, 0.10, true, ""),
          row("parameters", "parameters", 671e9, 671.03e9, 0.001, true, ""),
          row("flops_per_token", "GFLOP / token", 250, 281, 0.05, true, ""),
          row("inference_throughput", "tokens / s", 14800, 11200, std::nullopt, false,
              "the batch sizes were not published")};
}

std::vector<AssumptionEffect> sample_assumptions(double hours, double step) {
  const auto effect = [&](const char* what, const char* value, const char* range, const char* why,
                          double low, double high) {
    return AssumptionEffect{what,
                            value,
                            range,
                            why,
                            hours * (1 + low),
                            hours * (1 + high),
                            step * (1 + low),
                            step * (1 + high)};
  };
  return {effect("division of layers over stages", "4 slots a stage", "3 to 5 in the last",
                 "the report does not say which rank holds the extra layer", -0.012, 0.054),
          effect("routing imbalance", "1.06 max over mean", "1.00 to 1.25",
                 "the trace is nearly balanced, production is not published", -0.021, 0.068),
          effect("SMs of chunks that do not overlap", "112", "112 to 132",
                 "whether communication kernels stay resident is not published", -0.018, 0),
          effect("schedule of the batch ramp", "1f1b", "1f1b, zb1p",
                 "DualPipe needs two micro-batches a rank", -0.001, 0.004),
          effect("launch gap", "2 us", "1 to 4 us", "read off the trace", -0.006, 0.011)};
}

RunProjection sample_run(double step) {
  const double hours = step * 2048 / 3600;
  const auto stage = [&](const char* name, const char* schedule, int micro_batches, double steps,
                         double fraction, double tokens) {
    const double all = steps * hours * fraction;
    return RunStage{name, schedule,   micro_batches, steps,           {tokens}, {step * fraction},
                    all,  all * 0.95, all * 1.06,    all / 2048 / 24, {all * 2}};
  };
  RunProjection run = {{14.8e12}, 0, 0, 0, 0, 0, {0}, {}};
  run.stages = {stage("batch ramp", "1f1b", 24, 15200, 0.36, 0.469e12),
                stage("pre-training", "dualpipe", 120, 227600, 1.0, 14.31e12),
                stage("context extension", "dualpipe", 40, 2000, 0.8, 0.02e12)};
  for (const RunStage& s : run.stages) {
    run.steps += s.steps;
    run.gpu_hours += s.gpu_hours;
    run.gpu_hours_low += s.gpu_hours_low;
    run.gpu_hours_high += s.gpu_hours_high;
    run.days += s.days;
    run.cost += s.cost;
  }
  return run;
}

}  // namespace

Projection sample_projection(const SampleShape& shape) {
  Projection out = empty_projection();
  out.timeline = sample_timeline(shape);
  out.scenario = {"scenarios/sample/pretrain.toml",
                  "sample-pretrain",
                  "training",
                  "DeepSeek-V3-Base",
                  "H800",
                  2048,
                  shape.ranks,
                  64,
                  128,
                  1,
                  1,
                  1,
                  "dualpipe",
                  1,
                  shape.micro_batches};
  out.step = step_of(out.timeline, shape.ranks);
  const double step = out.step.rank0.time.value;
  out.communication = {{17.02},
                       {1.18},
                       {1.91},
                       1 - 1.18 / 17.02,
                       {{"dispatch", {6.9}, {0.31}, {0.82}},
                        {"combine", {8.8}, {0.42}, {0.95}},
                        {"pipeline", {0.61}, {0.09}, {0.14}},
                        {"gradient", {0.71}, {0.36}, {0}},
                        {"tensor", {0}, {0}, {0}}}};
  out.throughput = {62.9e6 / step / 2048, 62.9e6 / step * 86400, {371, 421}, {0.375, 0.4256}};
  out.run = sample_run(step);
  out.memory = memory_of(shape.ranks);
  out.provenance = {0.714, 0.158, 0.128, 1, {"gemm bf16 m=4096 n=129280 k=7168"}, {}};
  out.provenance.assumptions = sample_assumptions(out.run->gpu_hours, step);
  out.published = sample_comparisons(out.run->gpu_hours);
  out.terms = sample_terms();
  out.inputs = {{"scenarios/sample/pretrain.toml", "9f2c6d1e5b7a4c038e1d2f3a4b5c6d7e"},
                {"topologies/gpus/h800.toml", "01a2b3c4d5e6f708192a3b4c5d6e7f80"}};
  out.engine = {"folded", 32, 34816, {0.042}, {31e6}, 1};
  return out;
}

Projection empty_projection() {
  const StepParts none = {{0}, {0}, {0}, {0}, {0}, {0}, {0}};
  return {{"empty.toml", "empty", "training", "none", "none", 0, 1, 1, 1, 1, 1, 0, "1f1b", 1, 0},
          {none, none, {}, {0}, {0}},
          {{0}, {0}, {0}, 1, {}},
          {0, 0, {0, 0}, {0, 0}},
          std::nullopt,
          {{0}, {0}, true, 0, {}},
          {0, 0, 0, 1, {}, {}},
          {},
          {},
          {},
          {},
          {"folded", 0, 0, {0}, {0}, 1}};
}

}  // namespace windtunnel
