#include "bench/harness/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace windtunnel::bench {
namespace {

using Cells = std::vector<std::string>;

/// Columns as wide as their widest cell; the first `left` flush left, the others right.
std::string aligned(const std::vector<Cells>& lines, std::size_t left) {
  std::vector<std::size_t> widths;
  for (const Cells& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; line.size() > 1 && i < line.size(); ++i) {
      widths[i] = std::max(widths[i], line[i].size());
    }
  }
  std::string text;
  for (const Cells& line : lines) {
    if (line.size() == 1) {  // a note
      text += "    " + line[0] + "\n";
      continue;
    }
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i > 0) row += "  ";
      row += i < left ? fmt::format("{:<{}}", line[i], widths[i])
                      : fmt::format("{:>{}}", line[i], widths[i]);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

/// `uniform` is what everybody expects and isn't said.
std::string shape_cell(const Case& item) {
  std::string text = shape_text(item.shape);
  if (item.data != Data::kUniform) text += fmt::format(" {}", data_name(item.data));
  return text;
}

std::string times_rate(double value, double time) {
  return value > 0 ? fmt::format("{:.1f}", value / time) : "";
}

Cells result_cells(const Result& result, const Figures& figures, const GpuFigures* gpu,
                   std::span<const Result> results) {
  const Cells none{kernel_name(result.item), shape_cell(result.item), "-", "", "", "", "", "", ""};
  const auto summary = summarize_ns(result.collected.samples);
  if (!summary) return none;
  const double seconds = summary->median * 1e-9;
  const Work needed = work(result.item.shape);
  Cells cells{kernel_name(result.item),
              shape_cell(result.item),
              fmt::format("{:.2f}", summary->median / 1000),
              fmt::format("{:.1f}%", 100 * summary->noise),
              times_rate(needed.flops.value * 1e-12, seconds),
              times_rate(needed.bytes.value * 1e-9, seconds)};
  cells.resize(none.size());
  if (gpu == nullptr) return cells;
  if (const auto fraction = roof_fraction(result, *gpu)) {
    cells[6] = fmt::format("{:.0f}%", 100 * *fraction);
  }
  if (const Published* best = best_published(figures, gpu->gpu, result.item.shape)) {
    cells[7] = fmt::format("{:.2f}", best->time.value * 1e6);
  }
  cells[8] = verdict(result, figures, *gpu, results);
  return cells;
}

}  // namespace

std::string gpu_table(const Run& run, const Figures& figures, std::span<const Result> results) {
  const GpuFigures* found = find_gpu(figures, run.machine.gpu);
  GpuFigures gpu;
  if (found != nullptr) {
    gpu = raised(*found, results);
    found = &gpu;
  }
  std::vector<Cells> lines{
      {"kernel", "shape", "us", "noise", "TFLOPS", "GB/s", "of roof", "published us", "target"}};
  for (const Result& result : results) {
    lines.push_back(result_cells(result, figures, found, results));
    if (!result.wrong.empty()) lines.push_back({"WRONG: " + result.wrong});
    for (const std::string& note : result.collected.notes) lines.push_back({note});
    const Published* best = best_published(figures, run.machine.gpu, result.item.shape);
    if (best != nullptr) lines.push_back({"published: " + best->source});
  }
  return fmt::format("{}, {}, driver {}, CUDA {}, {}\n\n{}", run.machine.device,
                     regime_name(run.regime), run.machine.driver, run.machine.cuda, run.date,
                     aligned(lines, 2));
}

std::string model_table(std::span<const ModelResult> results) {
  std::vector<Cells> lines{
      {"kernel", "shape", "result", "FLOPs", "bytes", "bank conflicts", "landings", "switches"}};
  for (const ModelResult& result : results) {
    const bool right = result.wrong.empty() && result.launched.failure.empty();
    const Work needed = work(result.item.tiny);
    lines.push_back(
        {kernel_name(result.item), shape_text(result.item.tiny), right ? "right" : "WRONG",
         fmt::format("{:.0f}", needed.flops.value), fmt::format("{:.0f}", needed.bytes.value),
         fmt::format("{}", result.launched.bank_conflicts),
         fmt::format("{}", result.launched.landings), fmt::format("{}", result.launched.switches)});
    if (!result.launched.failure.empty()) lines.push_back({result.launched.failure});
    if (!result.wrong.empty()) lines.push_back({result.wrong});
  }
  return aligned(lines, 3);
}

}  // namespace windtunnel::bench
