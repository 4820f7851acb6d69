#include "simulator/model/vision_ops.h"

#include "simulator/model/kernel_list.h"
#include "simulator/model/parameters.h"

namespace windtunnel {
namespace {

LayerShape shape_of(const VisionShape& shape, std::int64_t rows_of_a_tile) {
  return {.tokens = shape.tiles * rows_of_a_tile,
          .document_length = rows_of_a_tile,
          .expert_parallel = 1,
          .expert_tensor_parallel = 1,
          .tensor_parallel = 1,
          .sequence_parallel = false,
          .context_parallel = 1,
          .recompute = shape.recompute,
          .precision = Dtype::kBf16};
}

constexpr Operation kGelu = Operation::kScale;  // an element in, one out

void core(Operation operation, const Vision& vision, const VisionShape& shape, KernelList& list) {
  const std::int64_t width = vision.width / vision.heads;
  const std::int64_t causal_heads = 2 * vision.heads * shape.tiles;
  list.add({operation, Dtype::kBf16, patches(vision), width, width, causal_heads}, 1, false);
}

void biased(std::int64_t rows, std::int64_t n, std::int64_t k, KernelList& list) {
  list.linear(rows, n, k, LinearInput::kBf16);
  list.on_rows(Operation::kAdd, rows, n);
}

void attention(const Vision& vision, const VisionShape& shape, KernelList& list) {
  const std::int64_t rows = list.rows();
  const std::int64_t w = vision.width;
  list.on_rows(Operation::kRmsNorm, rows, w);
  biased(rows, 3 * w, w, list);
  core(Operation::kAttentionForward, vision, shape, list);
  biased(rows, w, w, list);
  list.on_rows(Operation::kAdd, rows, w);
}

void feed_forward(const Vision& vision, KernelList& list) {
  const std::int64_t rows = list.rows();
  list.on_rows(Operation::kRmsNorm, rows, vision.width);
  biased(rows, vision.intermediate, vision.width, list);
  list.on_rows(kGelu, rows, vision.intermediate);
  biased(rows, vision.width, vision.intermediate, list);
  list.on_rows(Operation::kAdd, rows, vision.width);
}

void feed_forward_backward(const Vision& vision, KernelList& list) {
  const std::int64_t rows = list.rows();
  list.linear_backward(rows, vision.width, vision.intermediate);
  if (list.light()) list.on_rows(kGelu, rows, vision.intermediate);
  list.on_rows(Operation::kAdd, rows, vision.intermediate);  // two in, one out
  if (list.light()) list.on_rows(Operation::kRmsNorm, rows, vision.width);
  list.linear_backward(rows, vision.intermediate, vision.width);
  list.norm_backward(rows, vision.width);
}

void attention_backward(const Vision& vision, const VisionShape& shape, KernelList& list) {
  const std::int64_t rows = list.rows();
  const std::int64_t w = vision.width;
  list.linear_backward(rows, w, w);
  core(Operation::kAttentionBackwardPre, vision, shape, list);
  core(Operation::kAttentionBackward, vision, shape, list);
  core(Operation::kAttentionBackwardPost, vision, shape, list);
  if (list.light()) list.on_rows(Operation::kRmsNorm, rows, w);
  list.linear_backward(rows, 3 * w, w);
  list.norm_backward(rows, w);
}

}  // namespace

std::vector<LayerOp> vision_layer_ops(const Vision& vision, const VisionShape& shape) {
  KernelList list(shape_of(shape, patches(vision)));
  const std::int64_t rows = list.rows();
  const std::int64_t w = vision.width;
  list.begin(Phase::kAttentionForward);
  attention(vision, shape, list);
  list.begin(Phase::kMlpForward);
  feed_forward(vision, list);
  list.begin(Phase::kMlpBackward);
  if (shape.recompute == Recompute::kFull) {
    attention(vision, shape, list);
    feed_forward(vision, list);
  }
  feed_forward_backward(vision, list);
  list.begin(Phase::kAttentionBackward);
  attention_backward(vision, shape, list);
  list.begin(Phase::kMlpWeight);
  list.weight_gradient(rows, w, vision.intermediate);
  list.weight_gradient(rows, vision.intermediate, w);
  list.begin(Phase::kAttentionWeight);
  list.weight_gradient(rows, w, w);
  list.weight_gradient(rows, 3 * w, w);
  return list.take();
}

std::vector<LayerOp> patch_ops(const Vision& vision, const VisionShape& shape) {
  KernelList list(shape_of(shape, patches(vision)));
  const std::int64_t rows = list.rows();
  const std::int64_t pixels = 3 * vision.patch * vision.patch;
  list.begin(Phase::kAttentionForward);
  biased(rows, vision.width, pixels, list);
  list.on_rows(Operation::kAdd, rows, vision.width);  // positions
  list.begin(Phase::kAttentionWeight);
  list.weight_gradient(rows, vision.width, pixels);
  return list.take();
}

std::vector<LayerOp> adaptor_ops(const Vision& vision, std::int64_t hidden,
                                 const VisionShape& shape) {
  KernelList list(shape_of(shape, tokens_per_tile(vision)));
  const std::int64_t rows = list.rows();
  const std::int64_t wide = vision.shuffle * vision.shuffle * vision.width;
  list.begin(Phase::kMlpForward);
  list.on_rows(Operation::kRmsNorm, rows, wide);  // the encoder's last norm
  list.on_rows(Operation::kCopy, rows, wide);
  biased(rows, hidden, wide, list);
  list.on_rows(kGelu, rows, hidden);
  biased(rows, hidden, hidden, list);
  list.on_rows(Operation::kCopy, rows, hidden);  // into the sequence
  list.begin(Phase::kMlpBackward);
  list.on_rows(Operation::kCopy, rows, hidden);
  list.linear_backward(rows, hidden, hidden);
  list.on_rows(Operation::kAdd, rows, hidden);
  list.linear_backward(rows, hidden, wide);
  list.on_rows(Operation::kCopy, rows, wide);
  list.norm_backward(rows, wide);
  list.begin(Phase::kMlpWeight);
  list.weight_gradient(rows, hidden, hidden);
  list.weight_gradient(rows, hidden, wide);
  return list.take();
}

}  // namespace windtunnel
