// Everything a price needs, opened once; tables are read when they are first asked for.
#pragma once

#include <filesystem>

#include "simulator/hardware/measurement_store.h"
#include "simulator/hardware/step_price.h"

namespace windtunnel {

/// The shipped measurements: of kernels standing alone, and of kernels inside a training step.
struct PriceBook {
  MeasurementStore tables;
  StepMeasurements step;
};

/// Opens `root`/bench/measurements and `root`/topologies/gpus; throws ConfigError.
PriceBook load_price_book(const std::filesystem::path& root);

}  // namespace windtunnel
