// Everything a price needs, opened once; tables are read when they are first asked for.
#pragma once

#include <filesystem>
#include <optional>

#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/step_price.h"

namespace windtunnel {

/// The shipped measurements: of kernels standing alone, and of kernels inside a training step.
struct PriceBook {
  MeasurementStore tables;
  StepMeasurements step;
  std::optional<StepMeasurements> own = {};  ///< the user's, which come before all others
};

/// Opens `root`/bench/measurements and `root`/topologies/gpus, and a profile's kernels in `own` if
/// that names a folder; throws ConfigError.
PriceBook load_price_book(const std::filesystem::path& root, const std::filesystem::path& own = {});

}  // namespace windtunnel
