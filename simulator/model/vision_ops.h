// The kernels of a vision encoder in training: a SigLIP-like transformer over the patches of image
// tiles, and the adaptor that makes tokens of them. Everything in BF16, by Megatron's usual recipe.
#pragma once

#include <vector>

#include "simulator/model/layer_ops.h"

namespace windtunnel {

/// Tiles of a micro-batch that one GPU encodes.
struct VisionShape {
  std::int64_t tiles;
  Recompute recompute;
};

/// One layer of the encoder. Its patches all see each other: the scores of twice as many causal
/// heads.
std::vector<LayerOp> vision_layer_ops(const Vision& vision, const VisionShape& shape);

/// From pixels to patches: one product, positions added.
std::vector<LayerOp> patch_ops(const Vision& vision, const VisionShape& shape);

/// `shuffle` x `shuffle` patches side by side, and two linear layers to the hidden state.
std::vector<LayerOp> adaptor_ops(const Vision& vision, std::int64_t hidden,
                                 const VisionShape& shape);

}  // namespace windtunnel
