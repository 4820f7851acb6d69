// A list of serving kernels under construction.
#pragma once

#include <utility>
#include <vector>

#include "simulator/model/serving_ops.h"

namespace windtunnel {

/// Appends the kernels of one GPU of an attention group. Nothing is added for no rows.
class ServingList {
 public:
  ServingList(const Architecture& model, const ServingRows& rows, const ServingDivision& division)
      : model_(model), rows_(rows), division_(division) {}

  void begin(ServingStage stage) { stage_ = stage; }
  void add(const ServingKernel& kernel, double launches = 1);

  /// A row kernel of BF16: `rows` x `n`.
  void on_rows(Operation operation, std::int64_t rows, std::int64_t n);
  /// A linear layer: the cast that FP8 needs, and the product.
  void linear(std::int64_t rows, std::int64_t n, std::int64_t k);
  /// SwiGLU of hidden to `intermediate` and back.
  void swiglu(std::int64_t rows, std::int64_t intermediate);
  /// A collective of the attention group over `rows` of hidden; nothing in a group of one.
  void collective(CollectiveKind kind, std::int64_t rows);

  const Architecture& model() const { return model_; }
  const ServingRows& rows() const { return rows_; }
  const ServingDivision& division() const { return division_; }
  bool scattered() const { return division_.groups > 1; }

  /// Rows of the group, and those of one GPU between attentions.
  std::int64_t group_rows() const { return rows_.prompt_tokens + rows_.requests * rows_.queries; }
  std::int64_t own_rows() const;

  std::vector<ServingOp> take() { return std::move(ops_); }

 private:
  const Architecture& model_;
  ServingRows rows_;
  ServingDivision division_;
  ServingStage stage_ = ServingStage::kAttention;
  std::vector<ServingOp> ops_;
};

/// `value` over `parts`, rounded up.
constexpr std::int64_t divided(std::int64_t value, std::int64_t parts) {
  return (value + parts - 1) / parts;
}

/// The attention half: norm, projections, attention of prompts and of the cache, output.
void serving_attention(const Mla& mla, ServingList& list);
void serving_attention(const Gqa& gqa, ServingList& list);

/// The feed-forward half with the transfers around experts.
void serving_feed_forward(const Dense& dense, ServingList& list);
void serving_feed_forward(const Moe& moe, ServingList& list);

}  // namespace windtunnel
