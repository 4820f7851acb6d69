// A device that runs cases: the model on the CPU, or a GPU.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bench/cases/overlap.h"
#include "bench/harness/result.h"
#include "bench/harness/table.h"

namespace windtunnel::bench {

/// The case at its tiny shape on the device model, checked against the reference.
ModelResult run_on_model(const Case& item);

/// What the case's check says of outputs that no launch has written: it must find something.
std::string check_nothing_on_model(const Case& item);

/// A GPU. What needs CUDA stands behind these functions, so that the rest compiles without.
struct GpuDevice {
  Machine machine;  ///< without its id
  /// The case, at its tiny shape where asked, once: how its output differs from the reference.
  std::function<std::string(const Case&, bool tiny)> check;
  /// Bytes of the case's buffers; 0 where nothing here can run it.
  std::function<double(const Case&)> footprint;
  /// A sampler of the case under this plan; it holds the case's buffers.
  std::function<Sampler(const Case&, const SamplePlan&)> sampler;
  /// Both kernels of the pair, alone and beside each other.
  std::function<OverlapTimes(const OverlapPair&)> overlap;
};

/// Nothing without a usable GPU; `why` then says so.
std::optional<GpuDevice> open_gpu(std::string& why);

}  // namespace windtunnel::bench
