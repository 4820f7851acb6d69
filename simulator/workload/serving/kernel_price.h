// The one place that decides which measurement answers for a compute kernel of serving.
//
// - Products: the gemm tables (BF16, or FP8 with 1 x 128 and 128 x 128 scales).
// - Attention of prompts: InferSim's on H800 (128 MLA heads), else TensorRT-LLM's tables. A chunk
//   after cached tokens takes its part of the area under the diagonal.
// - Attention of the cache: for MLA the framework's own kernel (SGLang: FlashAttention 3, on A100
//   Triton; vLLM: FlashMLA, on H800 as InferSim timed it), else TensorRT-LLM's. Several queries of
//   a request read the cache once, as so many times the heads. For key heads TensorRT-LLM's, on
//   H800 InferSim's.
// - Experts: behind a dispatch SGLang's DeepEP kernels (masked ones on H800 as InferSim timed both
//   products, without SwiGLU), else the framework's fused kernel (vLLM's is SGLang's), asked for
//   the rank's slots and rows; where no such model was measured, two grouped products at the rate
//   of their class.
// - Norms, casts, rotations, choices: classes of the traced step.
// Among several, serving/table_choice.h.
#pragma once

#include <optional>
#include <string>

#include "simulator/hardware/price_book.h"
#include "simulator/model/serving_kernels.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// Why nothing of the scenario can be priced: no kernels of its weights' format were measured, or
/// none on its GPU. Nothing where prices can be asked for.
std::optional<std::string> unpriced_reason(const MeasurementStore& store,
                                           const ServingScenario& scenario);

/// One launch of a compute kernel, all SMs its own. `unpriced_reason` must be nothing.
Price serving_kernel_price(const PriceBook& book, const ServingScenario& scenario,
                           const ServingKernel& kernel);

}  // namespace windtunnel
