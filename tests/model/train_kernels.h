// The traced kernels of DeepSeek-V3 as layer ops, for comparison with the model's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "simulator/base/csv_file.h"
#include "simulator/model/layer_ops.h"

namespace windtunnel {

inline constexpr const char* kTraceFolder = "bench/measurements/h800/deepseek-profile-data";

/// One recorded launch.
struct TracedKernel {
  int layer;
  Phase phase;
  std::string stream;
  KernelShape shape;
  bool routed;
  double microseconds;
};

inline Phase traced_phase(std::string_view name) {
  static const std::map<std::string_view, Phase> kPhases = {
      {"attn(F)", Phase::kAttentionForward},
      {"dispatch(F)", Phase::kDispatchForward},
      {"mlp(F)", Phase::kMlpForward},
      {"combine(F)", Phase::kCombineForward},
      {"combine(B)", Phase::kCombineBackward},
      {"mlp(B)", Phase::kMlpBackward},
      {"dispatch(B)", Phase::kDispatchBackward},
      {"attn(B)", Phase::kAttentionBackward},
      {"mlp(W)", Phase::kMlpWeight},
      {"attn(W)", Phase::kAttentionWeight}};
  return kPhases.at(name);
}

inline std::vector<TracedKernel> traced_kernels() {
  const CsvTable table = load_csv(std::string(kTraceFolder) + "/train_kernels.csv");
  const auto text = [&](std::size_t row, const char* column) {
    return table.cell(row, table.column(column));
  };
  const auto whole = [&](std::size_t row, const char* column) {
    return table.integer(row, table.column(column));
  };
  std::vector<TracedKernel> kernels;
  for (std::size_t row = 0; row < table.row_count(); ++row) {
    kernels.push_back({.layer = static_cast<int>(whole(row, "layer")),
                       .phase = traced_phase(text(row, "phase")),
                       .stream = std::string(text(row, "stream")),
                       .shape = {.operation = find_operation(text(row, "operation")).value(),
                                 .dtype = find_dtype(text(row, "dtype")).value(),
                                 .m = whole(row, "m"),
                                 .n = whole(row, "n"),
                                 .k = whole(row, "k"),
                                 .groups = whole(row, "groups")},
                       .routed = whole(row, "routed") == 1,
                       .microseconds = table.number(row, table.column("duration_us"))});
  }
  return kernels;
}

/// How DeepSeek-V3 ran in the trace.
inline constexpr LayerShape kTracedShape{.tokens = 4096,
                                         .document_length = 4096,
                                         .expert_parallel = 64,
                                         .expert_tensor_parallel = 1,
                                         .tensor_parallel = 1,
                                         .sequence_parallel = false,
                                         .context_parallel = 1,
                                         .recompute = Recompute::kLight,
                                         .precision = Dtype::kFp8};
inline constexpr int kTracedLayers = 4;

}  // namespace windtunnel
