// Everything a price needs, opened once; tables are read when they are first asked for.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/overlap_matrix.h"
#include "simulator/hardware/step_price.h"

namespace windtunnel {

/// What kernels and transfers beside each other cost on a GPU.
struct GpuOverlap {
  std::string gpu;
  OverlapMatrix matrix;
};

/// The shipped measurements: of kernels standing alone, of kernels inside a training step, and of
/// kernels beside transfers, where a GPU has a matrix (overlap.csv in a folder of our own).
struct PriceBook {
  MeasurementStore tables;
  StepMeasurements step;
  std::vector<GpuOverlap> overlaps = {};
  std::optional<StepMeasurements> own = {};  ///< the user's, which come before all others
};

/// That GPU's matrix, or null.
const OverlapMatrix* find_overlaps(const PriceBook& book, std::string_view gpu);

/// Opens `root`/bench/measurements and `root`/topologies/gpus, and a profile's kernels in `own` if
/// that names a folder; throws ConfigError.
PriceBook load_price_book(const std::filesystem::path& root, const std::filesystem::path& own = {});

}  // namespace windtunnel
