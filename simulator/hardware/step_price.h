// Prices of kernels inside a training step, from a published trace of one on H800.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/hardware/gpu.h"
#include "simulator/hardware/price.h"

namespace windtunnel {

/// Traced kernels by shape, and what their classes achieve; immutable, cheap to copy.
struct StepTrace;
struct StepMeasurements {
  std::shared_ptr<const StepTrace> trace;
};

/// Reads `folder`/step.toml and train_kernels.csv; the GPU that step.toml names must be among
/// `gpus`. Throws ConfigError.
StepMeasurements load_step_measurements(const std::filesystem::path& folder,
                                        const std::vector<Gpu>& gpus);

/// The same of kernels that need not make up a whole step, as `windtunnel import-trace` writes
/// them.
StepMeasurements load_profiled_kernels(const std::filesystem::path& folder,
                                       const std::vector<Gpu>& gpus);

/// What may be written in a step.toml.
FileKeys step_keys();

/// One launch on `gpu` with `sms` SMs left to compute kernels.
/// - A traced kernel: measured. The same kernel at another size: its achieved rate, estimated.
///   Anything else: what kernels of its class achieve of their roofs, estimated.
/// - On other SMs, or a GPU with the same tensor peaks and SMs, the part of a time that is
/// arithmetic
///   goes as 1 / sms (attention, whose grid isn't cut to the free SMs, as 1 / sqrt(sms) above the
///   traced number), the rest with the memory's rate: scaled, with a wider interval.
/// - On any other GPU, class fractions of its own roofs: estimated.
/// Throws std::invalid_argument for FP8 on a GPU without it and for communication kernels.
Price step_price(const StepMeasurements& measurements, const Gpu& gpu, const KernelShape& shape,
                 int sms);

/// The GPU that was traced.
const Gpu& traced_gpu(const StepMeasurements& measurements);

/// The price of a kernel that the trace itself holds, at the traced size or another; nothing for
/// any other, and on other chips.
std::optional<Price> traced_price(const StepMeasurements& measurements, const Gpu& gpu,
                                  const KernelShape& shape, int sms);

/// A kernel of the communication stream as traced (20 SMs, 8 nodes of 8 H800): its duration, with
/// waits for peers inside the transfer but without the barrier before it. Nothing for other shapes,
/// ranks or GPUs; kNotify is the least seen of any barrier, an upper bound of its fixed cost.
std::optional<Price> traced_communication_price(const StepMeasurements& measurements,
                                                const Gpu& gpu, const KernelShape& shape);

/// What the kernels of a class (an operation and a dtype) achieve, for tables and provenance.
struct ClassRate {
  Operation operation;
  Dtype dtype;
  int kernels;      ///< distinct shapes
  double fraction;  ///< of the binding roof at the traced number of SMs
  double spread;    ///< relative half-width of the 80 % interval, leave one kernel out
  bool compute_bound;
};

std::vector<ClassRate> class_rates(const StepMeasurements& measurements);

}  // namespace windtunnel
