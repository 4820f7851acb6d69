#include "bench/harness/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "simulator/base/error.h"

namespace windtunnel::bench {
namespace {

struct TargetOfName {
  std::string_view name;
  TargetOf of;
};
constexpr std::array kTargetsOf = {
    TargetOfName{"copy", TargetOf::kCopy}, TargetOfName{"peak", TargetOf::kPeak},
    TargetOfName{"floor", TargetOf::kFloor}, TargetOfName{"cublaslt", TargetOf::kCublaslt},
    TargetOfName{"us", TargetOf::kMicroseconds}};

std::string_view of_name(TargetOf of) {
  return std::find_if(kTargetsOf.begin(), kTargetsOf.end(),
                      [&](const TargetOfName& it) { return it.of == of; })
      ->name;
}

/// One line of a table; throws ConfigError where a cell is no such thing.
class Line {
 public:
  Line(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  std::string text(std::string_view column) const {
    return std::string(table_.cell(row_, table_.column(column)));
  }
  std::optional<double> number(std::string_view column) const {
    return table_.optional_number(row_, table_.column(column));
  }
  std::int64_t whole(std::string_view column) const {
    return table_.integer(row_, table_.column(column));
  }
  [[noreturn]] void refuse(std::string_view column, const std::string& accepted) const {
    throw ConfigError(table_.source(row_, table_.column(column)),
                      fmt::format("`{}` is no {}", text(column), column), accepted);
  }
  Operation operation() const {
    const auto found = find_operation(text("operation"));
    if (!found) refuse("operation", "an operation of kernels/shapes");
    return *found;
  }
  Dtype dtype() const {
    const auto found = find_dtype(text("dtype"));
    if (!found) refuse("dtype", "a dtype of kernels/shapes");
    return *found;
  }

 private:
  const CsvTable& table_;
  std::size_t row_;
};

template <typename Read>
auto lines(const CsvTable& table, Read read) {
  std::vector<decltype(read(Line(table, 0)))> all;
  for (std::size_t row = 0; row < table.row_count(); ++row) all.push_back(read(Line(table, row)));
  return all;
}

GpuFigures gpu_of(const Line& line) {
  const auto rate = [&](std::string_view column) { return line.number(column).value_or(0); };
  GpuFigures gpu{.gpu = line.text("gpu"),
                 .arch = line.text("arch"),
                 .datasheet = {.bf16 = {1e12 * rate("bf16_tflops")},
                               .fp8 = {1e12 * rate("fp8_tflops")},
                               .memory = {1e9 * rate("memory_gb_per_s")}},
                 .copy = {},
                 .gemm = {}};
  if (const auto copy = line.number("copy_gb_per_s")) gpu.copy = BytesPerSecond{1e9 * *copy};
  if (const auto gemm = line.number("gemm_tflops")) gpu.gemm = FlopsPerSecond{1e12 * *gemm};
  return gpu;
}

Target target_of(const Line& line) {
  const auto of = std::find_if(kTargetsOf.begin(), kTargetsOf.end(),
                               [&](const TargetOfName& it) { return it.name == line.text("of"); });
  if (of == kTargetsOf.end()) line.refuse("of", "copy, peak, floor, cublaslt or us");
  return {.operation = line.operation(),
          .dtype = line.dtype(),
          .arch = line.text("arch"),
          .m = line.whole("m"),
          .groups = line.whole("groups"),
          .of = of->of,
          .must = line.number("must").value_or(0),
          .stretch = line.number("stretch").value_or(0)};
}

Published published_of(const Line& line) {
  const KernelShape shape{.operation = line.operation(),
                          .dtype = line.dtype(),
                          .m = line.whole("m"),
                          .n = line.whole("n"),
                          .k = line.whole("k"),
                          .groups = line.whole("groups")};
  const auto us = line.number("us");
  const auto tflops = line.number("tflops");
  if (us.has_value() == tflops.has_value()) line.refuse("us", "either us or tflops");
  return {.gpu = line.text("gpu"),
          .shape = shape,
          .time = us ? Seconds{*us * 1e-6} : work(shape).flops / FlopsPerSecond{1e12 * *tflops},
          .source = line.text("source")};
}

std::optional<Seconds> median_time(const Result& result) {
  const auto summary = summarize_ns(result.collected.samples);
  if (!summary) return std::nullopt;
  return Seconds{summary->median * 1e-9};
}

bool same_problem(const Case& a, const Case& b) { return a.shape == b.shape && a.data == b.data; }

/// What would be 1, as a time.
std::optional<Seconds> whole_target(const Result& result, const Target& target,
                                    const GpuFigures& gpu, std::span<const Result> results) {
  const Work needed = work(result.item.shape);
  switch (target.of) {
    case TargetOf::kCopy:
      if (!gpu.copy) return std::nullopt;
      return needed.bytes / *gpu.copy;
    case TargetOf::kPeak:
      return needed.flops / (target.dtype == Dtype::kFp8 ? gpu.datasheet.fp8 : gpu.datasheet.bf16);
    case TargetOf::kFloor:
      return floor_time(result.item.shape, gpu.datasheet);
    case TargetOf::kMicroseconds:
      return Seconds{1e-6};
    case TargetOf::kCublaslt:
      break;
  }
  for (const Result& other : results) {
    if (other.item.implementation == "cublaslt" && same_problem(other.item, result.item)) {
      return median_time(other);
    }
  }
  return std::nullopt;
}

}  // namespace

Figures read_figures(const CsvTable& gpus, const CsvTable& targets, const CsvTable& published) {
  return {.gpus = lines(gpus, gpu_of),
          .targets = lines(targets, target_of),
          .published = lines(published, published_of)};
}

Figures load_figures(const std::filesystem::path& folder) {
  return read_figures(load_csv(folder / "gpus.csv"), load_csv(folder / "targets.csv"),
                      load_csv(folder / "published.csv"));
}

const GpuFigures* find_gpu(const Figures& figures, std::string_view gpu) {
  const auto found = std::find_if(figures.gpus.begin(), figures.gpus.end(),
                                  [&](const GpuFigures& it) { return it.gpu == gpu; });
  return found == figures.gpus.end() ? nullptr : &*found;
}

const Published* best_published(const Figures& figures, std::string_view gpu,
                                const KernelShape& shape) {
  const Published* best = nullptr;
  for (const Published& it : figures.published) {
    if (it.gpu != gpu || !(it.shape == shape)) continue;
    if (best == nullptr || it.time < best->time) best = &it;
  }
  return best;
}

GpuFigures raised(GpuFigures gpu, std::span<const Result> results) {
  for (const Result& result : results) {
    const auto time = median_time(result);
    if (!time) continue;
    const KernelShape& shape = result.item.shape;
    if (shape.operation == Operation::kCopy) {
      const BytesPerSecond rate = work(shape).bytes / *time;
      if (!gpu.copy || rate > *gpu.copy) gpu.copy = rate;
    }
    // Zeros draw less power: no roof for other data.
    if (result.item.implementation == "cublaslt" && shape.dtype == Dtype::kBf16 &&
        result.item.data == Data::kUniform) {
      const FlopsPerSecond rate = work(shape).flops / *time;
      if (!gpu.gemm || rate > *gpu.gemm) gpu.gemm = rate;
    }
  }
  return gpu;
}

std::optional<double> roof_fraction(const Result& result, const GpuFigures& gpu) {
  const auto time = median_time(result);
  const Work needed = work(result.item.shape);
  if (!time || !gpu.copy) return std::nullopt;
  Seconds floor = needed.bytes / *gpu.copy;
  if (needed.flops.value > 0) {
    // No measured roof of FP8's tensor cores is kept, and the datasheet's would be another thing.
    if (!gpu.gemm || multiplies_fp8(result.item.shape)) return std::nullopt;
    floor = std::max(floor, needed.flops / *gpu.gemm);
  }
  return floor / *time;
}

std::string verdict(const Result& result, const Figures& figures, const GpuFigures& gpu,
                    std::span<const Result> results) {
  const KernelShape& shape = result.item.shape;
  const auto time = median_time(result);
  // Targets are for real data, which costs more power than zeros.
  if (!time || result.item.implementation == "cublaslt" || result.item.data != Data::kUniform) {
    return "";
  }
  for (const Target& target : figures.targets) {
    if (target.operation != shape.operation || target.dtype != shape.dtype ||
        target.arch != gpu.arch || (target.m != 0 && target.m != shape.m) ||
        (target.groups != 0 && target.groups != shape.groups)) {
      continue;
    }
    const auto whole = whole_target(result, target, gpu, results);
    if (!whole) return "";
    const double share = *whole / *time;
    const bool limit = target.of == TargetOf::kMicroseconds;
    const auto reached = [&](double level) { return share >= (limit ? 1 / level : level); };
    if (reached(target.stretch)) return "stretch";
    if (reached(target.must)) return "must";
    if (limit) return fmt::format("ABOVE {} us", target.must);
    return fmt::format("BELOW {:.2f} of {}", target.must, of_name(target.of));
  }
  return "";
}

}  // namespace windtunnel::bench
