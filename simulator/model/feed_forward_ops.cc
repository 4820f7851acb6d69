#include "simulator/model/feed_forward_ops.h"

namespace windtunnel {
namespace {

// Bookkeeping launches of the router in the profile, forward and backward.
constexpr double kRouterLaunches = 35;
constexpr double kRouterBackwardLaunches = 26;

/// One rank's share of the routed experts.
struct Experts {
  std::int64_t local;
  std::int64_t rows;  // expected, of all local experts
  std::int64_t intermediate;
  std::int64_t hidden;
  Dtype dtype;
};

Experts experts(const Moe& moe, std::int64_t hidden, const KernelList& list) {
  return {
      .local = (moe.routed_experts + list.shape().redundant_experts) / list.shape().expert_parallel,
      .rows = routed_rows(moe, list.shape()),
      .intermediate = moe.intermediate / list.shape().expert_tensor_parallel,
      .hidden = hidden,
      .dtype = list.shape().precision};
}

void grouped(const Experts& e, std::int64_t n, std::int64_t k, KernelList& list) {
  list.add({Operation::kGroupedGemm, e.dtype, e.rows, n, k, e.local}, 1, true);
}

/// FP8 only: the scales of routed rows laid out for the grouped product.
void routed_scales(const Experts& e, std::int64_t channels, KernelList& list) {
  if (list.fp8()) list.on_routed_rows(Operation::kCopy, Dtype::kFp32, e.rows, scales_of(channels));
}

void routed(Operation operation, Dtype dtype, const Experts& e, std::int64_t n, KernelList& list) {
  list.on_routed_rows(operation, dtype, e.rows, n);
}

void expert_transpose(const Experts& e, std::int64_t n, std::int64_t k, KernelList& list) {
  if (list.fp8()) list.add({Operation::kTranspose, Dtype::kFp8, n, k, 0, e.local}, 1, false);
}

void routed_forward(const Experts& e, const Moe& moe, KernelList& list) {
  routed(Operation::kExpertCount, Dtype::kFp32, e, moe.routed_experts, list);
  routed(Operation::kExpertMapping, Dtype::kFp32, e, moe.routed_experts, list);
  routed(Operation::kPermute, e.dtype, e, e.hidden, list);
  expert_transpose(e, 2 * e.intermediate, e.hidden, list);
  routed_scales(e, e.hidden, list);
  list.small(2, 1);  // fills the padding
  grouped(e, 2 * e.intermediate, e.hidden, list);
  list.small(moe.top_k, 1);  // routing weights
  routed(Operation::kSwiglu, e.dtype, e, e.intermediate, list);
  expert_transpose(e, e.hidden, e.intermediate, list);
  routed_scales(e, e.intermediate, list);
  grouped(e, e.hidden, e.intermediate, list);
  routed(Operation::kUnpermute, Dtype::kBf16, e, e.hidden, list);
  if (list.fp8()) routed(Operation::kCast, Dtype::kBf16, e, 2 * e.intermediate, list);
}

void routed_backward(const Experts& e, const Moe& moe, KernelList& list) {
  if (list.fp8()) routed(Operation::kCastBack, Dtype::kFp8, e, 2 * e.intermediate, list);
  routed(Operation::kPermute, e.dtype, e, e.hidden, list);
  routed_scales(e, e.hidden, list);
  grouped(e, e.intermediate, e.hidden, list);
  const Operation gradient =
      list.light() ? Operation::kSwigluRecomputeBackward : Operation::kSwigluBackward;
  routed(gradient, Dtype::kBf16, e, e.intermediate, list);
  routed(Operation::kRoutingWeightGradient, Dtype::kBf16, e, e.intermediate, list);
  if (list.fp8()) {
    routed(Operation::kCastTranspose, Dtype::kBf16, e, e.intermediate, list);
    routed(Operation::kCast, Dtype::kBf16, e, 2 * e.intermediate, list);
  }
  list.small(moe.top_k, 1);  // gradients of the routing weights
  routed_scales(e, 2 * e.intermediate, list);
  grouped(e, e.hidden, 2 * e.intermediate, list);
  routed(Operation::kUnpermute, Dtype::kBf16, e, e.hidden, list);
  if (list.fp8()) routed(Operation::kCastTranspose, Dtype::kBf16, e, 2 * e.intermediate, list);
}

/// One expert's two weight gradients are two launches, so `local` of each, with its rows rounded.
void routed_weight(const Experts& e, KernelList& list) {
  const std::int64_t rows = (e.rows + e.local / 2) / e.local;
  const auto launches = static_cast<double>(e.local);
  if (list.fp8()) routed(Operation::kCastTranspose, Dtype::kFp8, e, e.hidden, list);
  list.add({Operation::kGroupedWeightGradient, e.dtype, rows, e.hidden, e.intermediate, 1},
           launches, true);
  if (list.fp8()) routed(Operation::kCastTranspose, Dtype::kFp8, e, e.hidden, list);
  list.add({Operation::kGroupedWeightGradient, e.dtype, rows, 2 * e.intermediate, e.hidden, 1},
           launches, true);
}

/// A SwiGLU that every token visits: a dense layer, or the shared experts side by side. Its input
/// is in FP8 already, quantised for the dispatch in a MoE layer.
void gated_forward(std::int64_t intermediate, std::int64_t hidden, KernelList& list) {
  const std::int64_t rows = list.rows();
  const std::int64_t width = list.share(intermediate);
  list.linear(rows, 2 * width, hidden, LinearInput::kQuantised);
  list.add({Operation::kSwiglu, list.shape().precision, rows, width, 0, 1}, 1, false);
  list.linear(rows, hidden, width, LinearInput::kQuantised);
  if (list.fp8()) list.on_rows(Operation::kCast, rows, 2 * width);
}

/// From dy to that of gate and up. `gradient`: dy, in FP8 already where it was dispatched.
void gated_output_backward(std::int64_t intermediate, std::int64_t hidden, LinearInput gradient,
                           KernelList& list) {
  const std::int64_t rows = list.rows();
  const std::int64_t width = list.share(intermediate);
  if (list.fp8()) {
    list.add({Operation::kCastBack, Dtype::kFp8, rows, 2 * width, 0, 1}, 1, false);
  }
  list.data_gradient(rows, hidden, width, gradient);
  list.cast_transpose(rows, hidden,
                      gradient == LinearInput::kQuantised ? Dtype::kFp8 : Dtype::kBf16);
  // The weight gradient needs SwiGLU's output again, in FP8 transposed.
  if (list.light() || list.fp8()) {
    const Operation again = list.fp8() ? Operation::kSwigluCastTranspose : Operation::kSwiglu;
    list.add({again, list.shape().precision, rows, width, 0, 1}, 1, false);
  }
  list.on_rows(Operation::kSwigluBackward, rows, width);
}

void gated_weight(std::int64_t intermediate, std::int64_t hidden, KernelList& list) {
  const std::int64_t width = list.share(intermediate);
  list.weight_gradient(list.rows(), hidden, width);
  list.weight_gradient(list.rows(), 2 * width, hidden);
}

/// Of the first product: SwiGLU's has a gate.
std::int64_t first_width(const Dense& dense, const KernelList& list) {
  const std::int64_t width = list.share(dense.intermediate);
  return dense.activation == Activation::kSwiglu ? 2 * width : width;
}

}  // namespace

void feed_forward_entry(const Dense&, std::int64_t hidden, KernelList& list) {
  list.norm(list.own(), hidden);
  if (list.fp8()) list.on_rows(Operation::kCast, list.own(), hidden);
}

void feed_forward_entry(const Moe& moe, std::int64_t hidden, KernelList& list) {
  const std::int64_t own = list.own();
  list.norm(own, hidden);
  list.bf16_gemm(own, moe.routed_experts, hidden);
  list.small(moe.routed_experts, kRouterLaunches);
  list.add({Operation::kRouterSelect, Dtype::kFp32, own, moe.routed_experts, 0, 1}, 2, false);
  if (list.fp8()) list.on_rows(Operation::kCast, own, hidden);
}

void feed_forward_entry_backward(const Dense&, std::int64_t hidden, KernelList& list) {
  if (list.separate_passes()) list.on_rows(Operation::kAdd, list.own(), hidden);  // residual's
  list.norm_backward(list.own(), hidden);
}

void feed_forward_entry_backward(const Moe& moe, std::int64_t hidden, KernelList& list) {
  const std::int64_t own = list.own();
  list.small(moe.routed_experts, kRouterBackwardLaunches);
  list.bf16_gemm(own, hidden, moe.routed_experts);
  list.bf16_weight_gradient(own, moe.routed_experts, hidden);
  list.on_rows(Operation::kAdd, own, hidden);
  list.norm_backward(own, hidden);
}

void feed_forward(const Dense& dense, std::int64_t hidden, KernelList& list) {
  if (dense.activation == Activation::kSwiglu) {
    gated_forward(dense.intermediate, hidden, list);
  } else {
    const std::int64_t width = list.share(dense.intermediate);
    list.linear(list.rows(), width, hidden, LinearInput::kQuantised);
    list.on_rows(Operation::kGelu, list.rows(), width);
    list.linear(list.rows(), hidden, width, LinearInput::kBf16);
  }
  if (list.dropout()) list.residual(hidden);
}

void feed_forward_backward(const Dense& dense, std::int64_t hidden, KernelList& list) {
  const std::int64_t width = list.share(dense.intermediate);
  if (list.dropout()) list.residual_backward(hidden);
  if (dense.activation == Activation::kSwiglu) {
    gated_output_backward(dense.intermediate, hidden, LinearInput::kBf16, list);
  } else {
    list.linear_backward(list.rows(), hidden, width);
    if (list.light()) list.on_rows(Operation::kGelu, list.rows(), width);
    list.on_rows(Operation::kGeluBackward, list.rows(), width);
  }
  if (list.light()) list.norm(list.own(), hidden);
  list.linear_backward(list.rows(), first_width(dense, list), hidden);
}

void feed_forward_weight(const Dense& dense, std::int64_t hidden, KernelList& list) {
  const std::int64_t first = first_width(dense, list);
  list.weight_gradient(list.rows(), hidden, list.share(dense.intermediate));
  list.weight_gradient(list.rows(), first, hidden);
  if (!dense.bias) return;
  list.bias_gradient(list.own(), hidden);
  list.bias_gradient(list.rows(), first);
}

void feed_forward(const Moe& moe, std::int64_t hidden, KernelList& list) {
  const std::int64_t shared = moe.shared_experts * moe.intermediate;
  if (shared > 0) gated_forward(shared, hidden, list);
  routed_forward(experts(moe, hidden, list), moe, list);
}

void feed_forward_backward(const Moe& moe, std::int64_t hidden, KernelList& list) {
  const std::int64_t own = list.own();
  const std::int64_t shared = moe.shared_experts * moe.intermediate;
  if (shared > 0) gated_output_backward(shared, hidden, LinearInput::kQuantised, list);
  routed_backward(experts(moe, hidden, list), moe, list);
  if (list.light()) list.on_rows(Operation::kRmsNorm, own, hidden);
  if (list.fp8()) {
    list.on_rows(Operation::kCast, own, hidden);
    list.add({Operation::kCastBack, Dtype::kFp8, own, hidden, 0, 1}, 1, false);
  }
  if (shared > 0) list.linear_backward(list.rows(), 2 * list.share(shared), hidden);
}

void feed_forward_weight(const Moe& moe, std::int64_t hidden, KernelList& list) {
  const std::int64_t shared = moe.shared_experts * moe.intermediate;
  routed_weight(experts(moe, hidden, list), list);
  if (shared > 0) gated_weight(shared, hidden, list);
}

}  // namespace windtunnel
