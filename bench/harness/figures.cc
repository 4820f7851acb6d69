#include "bench/harness/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "bench/harness/csv.h"

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

TargetOf find_of(std::string_view name) {
  for (const TargetOfName& it : kTargetsOf) {
    if (it.name == name) return it.of;
  }
  throw std::runtime_error(fmt::format("targets are no share of `{}`", name));
}

Operation operation_of(const Row& row) {
  const auto operation = find_operation(row.at("operation"));
  if (!operation) throw std::runtime_error("no operation `" + row.at("operation") + "`");
  return *operation;
}

Dtype dtype_of(const Row& row) {
  const auto dtype = find_dtype(row.at("dtype"));
  if (!dtype) throw std::runtime_error("no dtype `" + row.at("dtype") + "`");
  return *dtype;
}

std::int64_t whole(const Row& row, std::string_view column) {
  return static_cast<std::int64_t>(number(row, column, 0));
}

GpuFigures gpu_of(const Row& row) {
  GpuFigures gpu{.gpu = row.at("gpu"),
                 .arch = row.at("arch"),
                 .datasheet = {.bf16 = {1e12 * number(row, "bf16_tflops", 0)},
                               .fp8 = {1e12 * number(row, "fp8_tflops", 0)},
                               .memory = {1e9 * number(row, "memory_gb_per_s", 0)}},
                 .copy = {},
                 .gemm = {}};
  if (const double copy = number(row, "copy_gb_per_s", 0); copy > 0) {
    gpu.copy = BytesPerSecond{1e9 * copy};
  }
  if (const double gemm = number(row, "gemm_tflops", 0); gemm > 0) {
    gpu.gemm = FlopsPerSecond{1e12 * gemm};
  }
  return gpu;
}

Published published_of(const Row& row) {
  const KernelShape shape{.operation = operation_of(row),
                          .dtype = dtype_of(row),
                          .m = whole(row, "m"),
                          .n = whole(row, "n"),
                          .k = whole(row, "k"),
                          .groups = whole(row, "groups")};
  const double us = number(row, "us", 0);
  const double tflops = number(row, "tflops", 0);
  if ((us > 0) == (tflops > 0)) throw std::runtime_error("published: one of us and tflops");
  const Seconds time =
      us > 0 ? Seconds{us * 1e-6} : work(shape).flops / FlopsPerSecond{1e12 * tflops};
  return {.gpu = row.at("gpu"), .shape = shape, .time = time, .source = row.at("source")};
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

Figures parse_figures(std::string_view gpus, std::string_view targets, std::string_view published) {
  Figures figures;
  for (const Row& row : parse_csv(gpus, "gpus.csv")) figures.gpus.push_back(gpu_of(row));
  for (const Row& row : parse_csv(targets, "targets.csv")) {
    figures.targets.push_back({.operation = operation_of(row),
                               .dtype = dtype_of(row),
                               .arch = row.at("arch"),
                               .m = whole(row, "m"),
                               .of = find_of(row.at("of")),
                               .must = number(row, "must", 0),
                               .stretch = number(row, "stretch", 0)});
  }
  for (const Row& row : parse_csv(published, "published.csv")) {
    figures.published.push_back(published_of(row));
  }
  return figures;
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
    if (!gpu.gemm || result.item.shape.dtype == Dtype::kFp8) return std::nullopt;
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
        target.arch != gpu.arch || (target.m != 0 && target.m != shape.m)) {
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
