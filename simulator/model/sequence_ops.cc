#include "simulator/model/sequence_ops.h"

namespace windtunnel {
namespace {

/// Collectives of one layer under construction. Rows are BF16 unless said.
class SequenceList {
 public:
  explicit SequenceList(const LayerShape& shape) : shape_(shape) {}

  /// Into a region that shares matrices, `width` channels of all linear rows; `forward` and
  /// `backward` are the phases in which it computes.
  void enter(std::int64_t width, Phase forward, Phase backward) {
    const std::int64_t rows = linear_rows(shape_);
    if (shape_.sequence_parallel) {
      add(forward, Operation::kAllGather, rows, width, shape_.tensor_parallel, Beside::kNothing);
      add(backward, Operation::kReduceScatter, rows, width, shape_.tensor_parallel,
          Beside::kNothing);
      add(backward, Operation::kAllGather, rows, width, shape_.tensor_parallel, Beside::kPhase);
    } else {
      add(backward, Operation::kAllReduce, rows, width, shape_.tensor_parallel, Beside::kNothing);
    }
  }

  /// Out of it.
  void leave(std::int64_t width, Phase forward, Phase backward) {
    const std::int64_t rows = linear_rows(shape_);
    if (shape_.sequence_parallel) {
      add(forward, Operation::kReduceScatter, rows, width, shape_.tensor_parallel,
          Beside::kNothing);
      add(backward, Operation::kAllGather, rows, width, shape_.tensor_parallel, Beside::kNothing);
    } else {
      add(forward, Operation::kAllReduce, rows, width, shape_.tensor_parallel, Beside::kNothing);
    }
  }

  void add(Phase phase, Operation operation, std::int64_t rows, std::int64_t width, int ranks,
           Beside beside) {
    if (ranks == 1 || rows == 0 || width == 0) return;
    ops_.push_back({.op = {.phase = phase,
                           .kernel = {operation, Dtype::kBf16, rows, width, 0, ranks},
                           .launches = 1,
                           .routed = false},
                    .beside = beside});
    // A layer whose whole forward runs again repeats its collectives.
    const bool forward = phase == Phase::kAttentionForward || phase == Phase::kMlpForward;
    if (!forward || !repeats_ || shape_.recompute != Recompute::kFull) return;
    ops_.push_back(ops_.back());
    ops_.back().op.phase = Phase::kMlpBackward;
  }

  /// Embedding and head are never computed again.
  void once() { repeats_ = false; }

  std::vector<SequenceOp> take() { return std::move(ops_); }

 private:
  LayerShape shape_;
  bool repeats_ = true;
  std::vector<SequenceOp> ops_;
};

constexpr std::int64_t gathered_width(const Mla& mla, std::int64_t hidden) {
  const std::int64_t latent = mla.kv_lora_rank + mla.rope_dim;
  return latent + (mla.q_lora_rank > 0 ? mla.q_lora_rank : hidden);
}

constexpr std::int64_t gathered_width(const Gqa&, std::int64_t hidden) { return hidden; }

/// Channels of a token's keys and values on one GPU, or of the latents that they are made of.
std::int64_t key_value_width(const Mla& mla, const LayerShape&) {
  return mla.kv_lora_rank + mla.rope_dim;
}

std::int64_t key_value_width(const Gqa& gqa, const LayerShape& shape) {
  return 2 * tensor_share(gqa.kv_heads, shape) * gqa.head_dim;
}

void feed_forward_regions(const Dense&, std::int64_t hidden, const LayerShape&,
                          SequenceList& list) {
  list.enter(hidden, Phase::kMlpForward, Phase::kMlpBackward);
  list.leave(hidden, Phase::kMlpForward, Phase::kMlpBackward);
}

void feed_forward_regions(const Moe& moe, std::int64_t hidden, const LayerShape& shape,
                          SequenceList& list) {
  if (moe.shared_experts > 0) feed_forward_regions(Dense{}, hidden, shape, list);
  const int ranks = shape.expert_tensor_parallel;
  const std::int64_t rows = routed_rows(moe, shape);
  for (const Phase phase : {Phase::kMlpForward, Phase::kMlpBackward}) {
    list.add(phase, Operation::kAllGather, rows, hidden, ranks, Beside::kNothing);
    list.add(phase, Operation::kReduceScatter, rows, hidden, ranks, Beside::kNothing);
  }
}

}  // namespace

std::vector<SequenceOp> tensor_ops(const Architecture& model, const Layer& layer,
                                   const LayerShape& shape) {
  SequenceList list(shape);
  const std::int64_t hidden = model.hidden;
  std::visit(
      [&](const auto& attention, const auto& feed) {
        list.enter(gathered_width(attention, hidden), Phase::kAttentionForward,
                   Phase::kAttentionBackward);
        list.leave(hidden, Phase::kAttentionForward, Phase::kAttentionBackward);
        feed_forward_regions(feed, hidden, shape, list);
      },
      layer.attention, layer.feed_forward);
  return list.take();
}

std::vector<SequenceOp> head_tensor_ops(const Architecture& model, const LayerShape& shape) {
  SequenceList list(shape);
  list.once();
  list.enter(model.hidden, Phase::kMlpForward, Phase::kMlpBackward);
  // The largest logit, the label's, and the sum of exponentials of each token, in FP32.
  constexpr std::int64_t kBf16OfThreeFp32 = 6;
  list.add(Phase::kMlpForward, Operation::kAllReduce, linear_rows(shape), kBf16OfThreeFp32,
           shape.tensor_parallel, Beside::kNothing);
  return list.take();
}

std::vector<SequenceOp> embedding_tensor_ops(const Architecture& model, const LayerShape& shape) {
  SequenceList list(shape);
  list.once();
  list.leave(model.hidden, Phase::kAttentionForward, Phase::kAttentionWeight);
  return list.take();
}

std::vector<SequenceOp> context_ops(const Layer& layer, const LayerShape& shape) {
  SequenceList list(shape);
  const std::int64_t width = std::visit(
      [&](const auto& attention) { return key_value_width(attention, shape); }, layer.attention);
  const std::int64_t rows = linear_rows(shape);
  list.add(Phase::kAttentionForward, Operation::kRingExchange, rows, width, shape.context_parallel,
           Beside::kPhase);
  list.add(Phase::kAttentionBackward, Operation::kRingExchange, rows, 2 * width,
           shape.context_parallel, Beside::kPhase);
  return list.take();
}

}  // namespace windtunnel
