// A list of kernels under construction, and the casts that FP8 puts around each linear layer.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "simulator/model/layer_ops.h"

namespace windtunnel {

/// What a linear layer reads: already FP8 with 1 x 128 scales, or BF16.
enum class LinearInput { kBf16, kQuantised };

/// Appends the kernels of one GPU to `ops`. Functions that exist for FP8 only add nothing in BF16.
class KernelList {
 public:
  explicit KernelList(const LayerShape& shape, Norm norm = Norm::kRms)
      : shape_(shape), norm_(norm) {}

  void begin(Phase phase) { phase_ = phase; }

  /// Row kernels: `rows` x `n`, BF16.
  void on_rows(Operation operation, std::int64_t rows, std::int64_t n);
  /// The same over a rank's routed rows.
  void on_routed_rows(Operation operation, Dtype dtype, std::int64_t rows, std::int64_t n);
  /// `launches` of bookkeeping kernels told apart by `n`.
  void small(std::int64_t n, double launches);
  /// The model's norm.
  void norm(std::int64_t rows, std::int64_t n);
  /// Its gradients: of its input, and of its weight (the last sum, and its addition).
  void norm_backward(std::int64_t rows, std::int64_t n);
  void add(const KernelShape& kernel, double launches, bool routed);

  /// y = x w for x[rows, k] and w[n, k]: casts x unless quantised.
  void linear(std::int64_t rows, std::int64_t n, std::int64_t k, LinearInput input);
  /// dx = dy w, with the 128 x 1 casts of dy and x that the weight gradient needs.
  void linear_backward(std::int64_t rows, std::int64_t n, std::int64_t k);
  /// dx = dy w alone, dy quantised or not.
  void data_gradient(std::int64_t rows, std::int64_t n, std::int64_t k, LinearInput input);
  void weight_gradient(std::int64_t rows, std::int64_t n, std::int64_t k);
  /// Bias, dropout and residual behind an output of `n` channels, or what stands for them.
  void residual(std::int64_t n);
  void residual_backward(std::int64_t n);
  /// The sum of `n` biases' gradients over `rows`.
  void bias_gradient(std::int64_t rows, std::int64_t n);
  /// FP8 only: x[rows, n] for a weight gradient.
  void cast_transpose(std::int64_t rows, std::int64_t n, Dtype from);

  /// A product in BF16 whatever the precision of the linear layers.
  void bf16_gemm(std::int64_t rows, std::int64_t n, std::int64_t k);
  void bf16_weight_gradient(std::int64_t rows, std::int64_t n, std::int64_t k);

  const LayerShape& shape() const { return shape_; }
  /// Tokens of the linear layers, and those of norms and residuals (layer_ops.h).
  std::int64_t rows() const { return linear_rows(shape_); }
  std::int64_t own() const { return own_rows(shape_); }
  /// A width's share of one tensor-parallel GPU.
  std::int64_t share(std::int64_t width) const { return tensor_share(width, shape_); }
  /// Whether the backward pass computes norms, up-projections and SwiGLU again, one by one.
  bool light() const { return shape_.recompute == Recompute::kLight; }
  bool unfused() const { return shape_.implementation.attention == AttentionKernels::kUnfused; }
  bool dropout() const { return shape_.implementation.dropout; }
  bool separate_passes() const { return shape_.implementation.separate_passes; }
  bool fp8() const { return shape_.precision == Dtype::kFp8; }
  std::vector<LayerOp> take() { return std::move(ops_); }

 private:
  LayerShape shape_;
  Norm norm_;
  Phase phase_ = Phase::kAttentionForward;
  std::vector<LayerOp> ops_;
};

/// Channels that share one scale.
inline constexpr std::int64_t kScaleBlock = 128;

constexpr std::int64_t scales_of(std::int64_t channels) {
  return (channels + kScaleBlock - 1) / kScaleBlock;
}

}  // namespace windtunnel
