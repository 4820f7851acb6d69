// The tables that a person sees.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/harness/figures.h"

namespace windtunnel::bench {

/// A case on the device model: no time, for the model has none.
struct ModelResult {
  Case item;
  Launched launched;
  std::string wrong;  ///< empty when right, and when `launched` failed
};

/// One line a result: shape, us, TFLOPS, GB/s, share of the measured roof, the best published
/// figure, the target's verdict; beneath each what has to be said of it.
std::string gpu_table(const Run& run, const Figures& figures, std::span<const Result> results);

/// One line a case: right or not, work by formula, bank conflicts, landings, switches.
std::string model_table(std::span<const ModelResult> results);

}  // namespace windtunnel::bench
