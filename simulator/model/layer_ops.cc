#include "simulator/model/layer_ops.h"

#include <stdexcept>

#include "simulator/model/attention_ops.h"
#include "simulator/model/feed_forward_ops.h"
#include "simulator/model/kernel_list.h"

namespace windtunnel {
namespace {

void check(const LayerShape& shape) {
  if (shape.precision == Dtype::kFp32) throw std::invalid_argument("no FP32 linear layers");
  if (shape.expert_parallel < 1 || shape.document_length < 1) {
    throw std::invalid_argument("no documents, or no expert rank");
  }
  if (shape.tensor_parallel < 1 || shape.context_parallel < 1 || shape.expert_tensor_parallel < 1 ||
      shape.tokens % shape.context_parallel != 0 ||
      linear_rows(shape) % (shape.sequence_parallel ? shape.tensor_parallel : 1) != 0) {
    throw std::invalid_argument("the tokens do not divide over the GPUs that share a sequence");
  }
}

/// One kernel, or as many operations as Megatron-LM's loss has.
void loss(std::int64_t vocabulary, KernelList& list) {
  if (!list.separate_passes()) {
    list.on_rows(Operation::kCrossEntropy, list.rows(), vocabulary);
    return;
  }
  constexpr double kPasses = 8;
  list.on_rows(Operation::kCrossEntropyPasses, list.rows(), vocabulary);
  list.small(1, kPasses - 1);
}

}  // namespace

std::int64_t routed_rows(const Moe& moe, const LayerShape& shape) {
  // Every rank of the group routes as many tokens as it receives, in expectation; ranks that share
  // an expert gather each other's rows.
  return own_rows(shape) * moe.top_k * shape.expert_tensor_parallel;
}

std::vector<LayerOp> layer_ops(const Architecture& model, const Layer& layer,
                               const LayerShape& shape) {
  check(shape);
  KernelList list(shape, model.norm);
  const std::int64_t hidden = model.hidden;
  std::visit(
      [&](const auto& attention, const auto& feed) {
        list.begin(Phase::kAttentionForward);
        attention_forward(attention, hidden, list);
        feed_forward_entry(feed, hidden, list);
        list.begin(Phase::kMlpForward);
        feed_forward(feed, hidden, list);
        list.begin(Phase::kMlpBackward);
        if (shape.recompute == Recompute::kFull) {
          attention_forward(attention, hidden, list);
          feed_forward_entry(feed, hidden, list);
          feed_forward(feed, hidden, list);
        }
        feed_forward_backward(feed, hidden, list);
        list.begin(Phase::kAttentionBackward);
        feed_forward_entry_backward(feed, hidden, list);
        attention_backward(attention, hidden, list);
        list.begin(Phase::kMlpWeight);
        feed_forward_weight(feed, hidden, list);
        list.begin(Phase::kAttentionWeight);
        attention_weight(attention, hidden, list);
      },
      layer.attention, layer.feed_forward);
  return list.take();
}

std::vector<LayerOp> layer_ops(const Architecture& model, int layer, const LayerShape& shape) {
  return layer_ops(model, model.layers.at(static_cast<std::size_t>(layer)), shape);
}

std::vector<LayerOp> communication_ops(const Architecture& model, const Layer& layer,
                                       const LayerShape& shape) {
  check(shape);
  const Moe* moe = std::get_if<Moe>(&layer.feed_forward);
  if (moe == nullptr || shape.expert_parallel == 1) return {};
  KernelList list(shape);
  const auto transfer = [&](Operation operation, Dtype dtype) {
    list.add({operation, dtype, list.own(), model.hidden, moe->top_k, shape.expert_parallel}, 1,
             false);
  };
  list.begin(Phase::kDispatchForward);
  list.add({Operation::kDispatchLayout, Dtype::kFp32, list.own(), moe->routed_experts, moe->top_k,
            shape.expert_parallel},
           1, false);
  transfer(Operation::kNotify, Dtype::kFp32);
  transfer(Operation::kDispatch, shape.precision);
  list.begin(Phase::kCombineForward);
  transfer(Operation::kNotify, Dtype::kFp32);
  transfer(Operation::kCombine, Dtype::kBf16);
  list.begin(Phase::kCombineBackward);
  if (shape.recompute == Recompute::kFull) {
    transfer(Operation::kNotify, Dtype::kFp32);
    transfer(Operation::kCachedDispatch, shape.precision);
    transfer(Operation::kNotify, Dtype::kFp32);
    transfer(Operation::kCombine, Dtype::kBf16);
  }
  if (list.fp8()) list.on_rows(Operation::kDispatchCast, list.own(), model.hidden);
  transfer(Operation::kNotify, Dtype::kFp32);
  transfer(Operation::kCachedDispatch, shape.precision);
  list.begin(Phase::kDispatchBackward);
  transfer(Operation::kNotify, Dtype::kFp32);
  transfer(Operation::kCombine, Dtype::kBf16);
  return list.take();
}

std::vector<LayerOp> head_ops(const Architecture& model, const LayerShape& shape) {
  check(shape);
  KernelList list(shape, model.norm);
  const std::int64_t vocabulary = list.share(model.vocabulary);
  list.begin(Phase::kMlpForward);
  list.norm(list.own(), model.hidden);
  list.bf16_gemm(list.rows(), vocabulary, model.hidden);
  loss(vocabulary, list);
  list.begin(Phase::kMlpBackward);
  list.bf16_gemm(list.rows(), model.hidden, vocabulary);
  list.norm_backward(list.own(), model.hidden);
  list.begin(Phase::kMlpWeight);
  list.bf16_weight_gradient(list.rows(), vocabulary, model.hidden);
  return list.take();
}

std::vector<LayerOp> embedding_ops(const Architecture& model, const LayerShape& shape) {
  check(shape);
  KernelList list(shape);
  list.begin(Phase::kAttentionForward);
  list.on_rows(Operation::kEmbedding, list.rows(), model.hidden);
  if (model.learned_positions > 0) {
    list.on_rows(Operation::kEmbedding, list.own(), model.hidden);
    list.on_rows(Operation::kAdd, list.own(), model.hidden);
  }
  if (list.dropout()) list.on_rows(Operation::kDropout, list.own(), model.hidden);
  list.begin(Phase::kAttentionWeight);
  if (list.dropout()) list.on_rows(Operation::kDropoutBackward, list.own(), model.hidden);
  list.on_rows(Operation::kEmbeddingGradient, list.rows(), model.hidden);
  if (model.learned_positions > 0) {
    list.on_rows(Operation::kEmbeddingGradient, list.own(), model.hidden);
  }
  if (list.separate_passes()) {
    list.on_rows(Operation::kAdd, list.share(model.vocabulary), model.hidden);
  }
  return list.take();
}

std::vector<LayerOp> mtp_ops(const Architecture& model, const LayerShape& shape) {
  check(shape);
  KernelList list(shape);
  const std::int64_t hidden = model.hidden;
  const std::int64_t own = list.own();
  list.begin(Phase::kAttentionForward);
  list.on_rows(Operation::kRmsNorm, own, hidden);
  list.on_rows(Operation::kRmsNorm, own, hidden);
  list.on_rows(Operation::kCopy, own, 2 * hidden);
  // No source says in which precision: BF16, as embedding and head, which it stands between;
  // tensor-parallel GPUs each hold the whole of it.
  list.bf16_gemm(own, hidden, 2 * hidden);
  list.begin(Phase::kAttentionBackward);
  list.bf16_gemm(own, 2 * hidden, hidden);
  list.norm_backward(own, hidden);
  list.norm_backward(own, hidden);
  list.begin(Phase::kAttentionWeight);
  list.bf16_weight_gradient(own, hidden, 2 * hidden);
  return list.take();
}

}  // namespace windtunnel
