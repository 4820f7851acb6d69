// What a result is held against: roofs, targets and published figures, read from bench's tables.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/harness/result.h"
#include "simulator/base/csv_file.h"

namespace windtunnel::bench {

/// Of one GPU: the datasheet, and what was measured, where it was.
struct GpuFigures {
  std::string gpu;
  std::string arch;
  Roof datasheet;
  std::optional<BytesPerSecond> copy;
  std::optional<FlopsPerSecond> gemm;
};

enum class TargetOf { kCopy, kPeak, kFloor, kCublaslt, kMicroseconds };

struct Target {
  Operation operation;
  Dtype dtype;
  std::string arch;
  std::int64_t m;       ///< 0: any
  std::int64_t groups;  ///< 0: any
  TargetOf of;
  double must;
  double stretch;
};

struct Published {
  std::string gpu;
  KernelShape shape;
  Seconds time;
  std::string source;
};

/// All three tables.
struct Figures {
  std::vector<GpuFigures> gpus;
  std::vector<Target> targets;
  std::vector<Published> published;
};

/// Throws ConfigError for what it can't read.
Figures read_figures(const CsvTable& gpus, const CsvTable& targets, const CsvTable& published);
/// The same of bench's own tables, in `folder`.
Figures load_figures(const std::filesystem::path& folder);

const GpuFigures* find_gpu(const Figures& figures, std::string_view gpu);

/// The fastest published figure for that very shape on that GPU, or null.
const Published* best_published(const Figures& figures, std::string_view gpu,
                                const KernelShape& shape);

/// What this run itself measured raises the roof: its copy, and its cuBLASLt products.
GpuFigures raised(GpuFigures gpu, std::span<const Result> results);

/// The floor at the measured roof over the median; nothing where that roof was not measured.
std::optional<double> roof_fraction(const Result& result, const GpuFigures& gpu);

/// `stretch`, `must`, `BELOW 0.85 of copy`; empty without a target or what it is a share
/// of, for a yardstick, and for data that isn't uniform.
std::string verdict(const Result& result, const Figures& figures, const GpuFigures& gpu,
                    std::span<const Result> results);

}  // namespace windtunnel::bench
