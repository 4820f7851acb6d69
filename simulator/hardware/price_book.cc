#include "simulator/hardware/price_book.h"

namespace windtunnel {
namespace {

/// Where windtunnel-bench --overlap writes, below a GPU's folder.
constexpr const char* kOverlaps = "windtunnel-overlap/overlap.csv";

std::vector<GpuOverlap> load_overlaps(const std::filesystem::path& measurements,
                                      const std::vector<Gpu>& gpus) {
  std::vector<GpuOverlap> overlaps;
  for (const Gpu& gpu : gpus) {
    const std::filesystem::path file = measurements / gpu.id / kOverlaps;
    if (!std::filesystem::exists(file)) continue;
    overlaps.push_back({.gpu = gpu.id, .matrix = load_overlap_matrix(file)});
  }
  return overlaps;
}

}  // namespace

const OverlapMatrix* find_overlaps(const PriceBook& book, std::string_view gpu) {
  for (const GpuOverlap& overlap : book.overlaps) {
    if (overlap.gpu == gpu) return &overlap.matrix;
  }
  return nullptr;
}

PriceBook load_price_book(const std::filesystem::path& root, const std::filesystem::path& own) {
  const std::vector<Gpu> gpus = load_gpus(root / "topologies/gpus");
  const std::filesystem::path measurements = root / "bench/measurements";
  PriceBook book{.tables = open_measurements(measurements, gpus),
                 .step = load_step_measurements(measurements / "h800/deepseek-profile-data", gpus),
                 .overlaps = load_overlaps(measurements, gpus)};
  if (!own.empty()) book.own = load_profiled_kernels(own, gpus);
  return book;
}

}  // namespace windtunnel
