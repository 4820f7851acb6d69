// The kernels that a layer launches in each phase of a training step.
//
// The recipe is the one seen in DeepSeek's published profile of V3. In FP8, every linear layer
// casts its input to FP8 with 1 x 128 scales before it multiplies, transposes its weight for the
// data gradient, and casts input and output gradient again with 128 x 1 scales, transposed, for the
// weight gradient. Norms, the MLA up-projections and SwiGLU are computed again in the backward
// pass; the SwiGLU input of the forward pass is kept in FP8, attention's output in E5M6. In BF16,
// the casts and transposes fall away and the rest stays.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/shapes/ops.h"
#include "simulator/model/architecture.h"

namespace windtunnel {

/// Phases of a layer, of DualPipe's chunks: dispatch and combine are the transfers around the
/// experts, kCombineBackward sends gradients out to the experts, kDispatchBackward back.
enum class Phase : std::uint8_t {
  kAttentionForward,
  kDispatchForward,
  kMlpForward,
  kCombineForward,
  kCombineBackward,
  kMlpBackward,
  kDispatchBackward,
  kAttentionBackward,
  kMlpWeight,
  kAttentionWeight,
};

/// `launches` of one kernel. `routed`: m is the expectation of a rank's routed rows, and the time
/// scales with the rows it really receives.
struct LayerOp {
  Phase phase;
  KernelShape kernel;
  double launches;
  bool routed;
};

/// What runs on one GPU: `tokens` a micro-batch in sequences of `sequence_length`, which divides
/// them. `expert_parallel` divides the routed experts. `precision` is that of the linear layers:
/// kFp8 or kBf16. `tensor_parallel` must be 1.
struct LayerShape {
  std::int64_t tokens;
  std::int64_t sequence_length;
  int expert_parallel;
  int tensor_parallel;
  Dtype precision;
};

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
