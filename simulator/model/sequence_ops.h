// Collectives of the GPUs that share a layer's matrices or its sequence, on the layer's own path.
#pragma once

#include <vector>

#include "simulator/model/layer_ops.h"

namespace windtunnel {

/// When a collective runs: before its phase may compute, or beside it, where frameworks hide it
/// (inputs gathered again for the weight gradient beside the data gradient; ring attention's keys
/// and values beside the scores).
enum class Beside : std::uint8_t { kNothing, kPhase };

struct SequenceOp {
  LayerOp op;
  Beside beside;
};

/// Tensor parallelism as Megatron-LM runs it (Korthikanti et al. 2022, section 4.2.2). With
/// sequence parallelism a region's input is gathered and its output scattered, forward and
/// backward, and the input gathered again for the weight gradient; without it, outputs are
/// all-reduced forward and inputs' gradients backward. MLA gathers its latents instead of the
/// hidden state. Experts that `expert_tensor_parallel` GPUs share gather and scatter the rows they
/// receive.
std::vector<SequenceOp> tensor_ops(const Architecture& model, const Layer& layer,
                                   const LayerShape& shape);

/// Of the output head: its region, and the loss's sums over the divided vocabulary.
std::vector<SequenceOp> head_tensor_ops(const Architecture& model, const LayerShape& shape);

/// Of the embedding, whose vocabulary is divided.
std::vector<SequenceOp> embedding_tensor_ops(const Architecture& model, const LayerShape& shape);

/// Context parallelism as ring attention (Liu et al. 2023): keys and values of every other GPU pass
/// by while scores are computed, and with their gradients in the backward pass. MLA passes latents.
std::vector<SequenceOp> context_ops(const Layer& layer, const LayerShape& shape);

}  // namespace windtunnel
