// Shapes of a layer that most tests run it in: alone, or divided by experts only.
#pragma once

#include "simulator/model/layer_ops.h"

namespace windtunnel {

constexpr LayerShape plain_shape(std::int64_t tokens, std::int64_t document_length,
                                 int expert_parallel, Dtype precision) {
  return {.tokens = tokens,
          .document_length = document_length,
          .expert_parallel = expert_parallel,
          .expert_tensor_parallel = 1,
          .tensor_parallel = 1,
          .sequence_parallel = false,
          .context_parallel = 1,
          .recompute = Recompute::kLight,
          .precision = precision};
}

}  // namespace windtunnel
