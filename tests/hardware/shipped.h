// The shipped measurements and GPUs; tests run in the root of the tree.
#pragma once

#include <string_view>

#include "simulator/hardware/measurement_store.h"

namespace windtunnel {

/// Shared by the tests of a program, so that a table is read once.
inline const MeasurementStore& shipped() {
  static const MeasurementStore store =
      open_measurements("bench/measurements", load_gpus("topologies/gpus"));
  return store;
}

inline const Gpu& shipped_gpu(std::string_view id) { return *find_gpu(shipped().gpus, id); }

}  // namespace windtunnel
