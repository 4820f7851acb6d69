// The kernels that a layer launches in each phase of a training step.
//
// The recipe is the one seen in DeepSeek's published profile of V3. In FP8, every linear layer
// casts its input to FP8 with 1 x 128 scales before it multiplies, transposes its weight for the
// data gradient, and casts input and output gradient again with 128 x 1 scales, transposed, for the
// weight gradient. Norms, the MLA up-projections and SwiGLU are computed again in the backward
// pass; the SwiGLU input of the forward pass is kept in FP8, attention's output in E5M6. In BF16,
// the casts and transposes fall away and the rest stays. Other recipes recompute less or more.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/model/architecture.h"
#include "simulator/model/phase.h"

namespace windtunnel {

/// `launches` of one kernel. `routed`: m is the expectation of a rank's routed rows, and the time
/// scales with the rows it really receives.
struct LayerOp {
  Phase phase;
  KernelShape kernel;
  double launches;
  bool routed;
};

/// What the backward pass computes again: nothing; norms, MLA up-projections and SwiGLU (V3 report
/// 3.2.3); or the whole forward of each layer.
enum class Recompute : std::uint8_t { kNone, kLight, kFull };

/// One kernel that never writes its scores, or products, softmax and dropout one after another over
/// all of them.
enum class AttentionKernels : std::uint8_t { kFlash, kUnfused };

/// What a framework launches for the same mathematics. `separate_passes`: loss, optimizer and sums
/// of gradients are operations of their own over whole tensors, as in Megatron-LM without fusion of
/// the gradient accumulation.
struct Implementation {
  AttentionKernels attention;
  bool dropout;
  bool separate_passes;

  friend constexpr bool operator==(const Implementation&, const Implementation&) = default;
};

inline constexpr Implementation kFusedKernels{
    .attention = AttentionKernels::kFlash, .dropout = false, .separate_passes = false};

/// What runs on one GPU: `tokens` a micro-batch, shared out over `context_parallel` GPUs; tokens
/// see those before them in their document of `document_length`, the sequence where none are
/// packed. `tensor_parallel` divides heads, the columns or rows of each matrix and, if
/// `sequence_parallel`, the tokens between its regions (norms, residual stream, router).
/// `expert_parallel` divides the routed experts and the `redundant_experts` copies of some,
/// `expert_tensor_parallel` each of them. `precision` is that of the linear layers: kFp8 or kBf16.
struct LayerShape {
  std::int64_t tokens;
  std::int64_t document_length;
  int expert_parallel;
  int expert_tensor_parallel;
  int tensor_parallel;
  bool sequence_parallel;
  int context_parallel;
  Recompute recompute;
  Dtype precision;
  Implementation implementation = kFusedKernels;
  int redundant_experts = 0;
};

/// Tokens that the linear layers of one GPU see.
constexpr std::int64_t linear_rows(const LayerShape& shape) {
  return shape.tokens / shape.context_parallel;
}

/// Tokens whose norms and residuals are one GPU's, and that it dispatches to experts.
constexpr std::int64_t own_rows(const LayerShape& shape) {
  return linear_rows(shape) / (shape.sequence_parallel ? shape.tensor_parallel : 1);
}

/// A width divided over the tensor-parallel GPUs, rounded up where it is padded (vocabularies).
constexpr std::int64_t tensor_share(std::int64_t width, const LayerShape& shape) {
  return (width + shape.tensor_parallel - 1) / shape.tensor_parallel;
}

/// The compute kernels of a layer, in launch order within each phase.
std::vector<LayerOp> layer_ops(const Architecture& model, const Layer& layer,
                               const LayerShape& shape);
std::vector<LayerOp> layer_ops(const Architecture& model, int layer, const LayerShape& shape);

/// The kernels on the communication stream of a layer: empty for a dense one and without expert
/// parallelism. kNotify is a barrier: its wait emerges from the simulation.
std::vector<LayerOp> communication_ops(const Architecture& model, const Layer& layer,
                                       const LayerShape& shape);

/// Final norm, output head and loss, in BF16: logits and cross-entropy under kMlpForward, data
/// gradient under kMlpBackward, weight gradient under kMlpWeight.
std::vector<LayerOp> head_ops(const Architecture& model, const LayerShape& shape);

/// The gather (kAttentionForward) and its gradient (kAttentionWeight).
std::vector<LayerOp> embedding_ops(const Architecture& model, const LayerShape& shape);

/// One MTP module without its block (layer_ops on model.mtp[i]), embedding and head (head_ops): two
/// norms and the projection of 2 hidden to hidden, under kAttentionForward, kAttentionBackward and
/// kAttentionWeight.
std::vector<LayerOp> mtp_ops(const Architecture& model, const LayerShape& shape);

/// Expected rows that a rank's experts receive.
std::int64_t routed_rows(const Moe& moe, const LayerShape& shape);

}  // namespace windtunnel
