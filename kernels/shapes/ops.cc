#include "kernels/shapes/ops.h"

#include <algorithm>
#include <cassert>

#include "kernels/shapes/all_to_all.h"
#include "kernels/shapes/gemm.h"
#include "kernels/shapes/mla.h"
#include "kernels/shapes/moe.h"

namespace windtunnel {
namespace {

struct OperationRow {
  Operation operation;
  std::string_view name;
};

constexpr std::array kOperations = {
    OperationRow{Operation::kGemm, "gemm"},
    OperationRow{Operation::kGroupedGemm, "grouped_gemm"},
    OperationRow{Operation::kMaskedGemm, "masked_gemm"},
    OperationRow{Operation::kWeightGradient, "weight_gradient"},
    OperationRow{Operation::kGroupedWeightGradient, "grouped_weight_gradient"},
    OperationRow{Operation::kAttentionForward, "attention_forward"},
    OperationRow{Operation::kAttentionBackward, "attention_backward"},
    OperationRow{Operation::kAttentionBackwardPre, "attention_backward_pre"},
    OperationRow{Operation::kAttentionBackwardPost, "attention_backward_post"},
    OperationRow{Operation::kRmsNorm, "rms_norm"},
    OperationRow{Operation::kRmsNormBackward, "rms_norm_backward"},
    OperationRow{Operation::kCast, "cast"},
    OperationRow{Operation::kCastBack, "cast_back"},
    OperationRow{Operation::kCastE5m6, "cast_e5m6"},
    OperationRow{Operation::kCastBackE5m6, "cast_back_e5m6"},
    OperationRow{Operation::kCastTranspose, "cast_transpose"},
    OperationRow{Operation::kTranspose, "transpose"},
    OperationRow{Operation::kScaleTranspose, "scale_transpose"},
    OperationRow{Operation::kRope, "rope"},
    OperationRow{Operation::kCopy, "copy"},
    OperationRow{Operation::kHeadSum, "head_sum"},
    OperationRow{Operation::kScale, "scale"},
    OperationRow{Operation::kAdd, "add"},
    OperationRow{Operation::kRouterSelect, "router_select"},
    OperationRow{Operation::kExpertCount, "expert_count"},
    OperationRow{Operation::kExpertMapping, "expert_mapping"},
    OperationRow{Operation::kPermute, "permute"},
    OperationRow{Operation::kUnpermute, "unpermute"},
    OperationRow{Operation::kSwiglu, "swiglu"},
    OperationRow{Operation::kSwigluCastTranspose, "swiglu_cast_transpose"},
    OperationRow{Operation::kSwigluBackward, "swiglu_backward"},
    OperationRow{Operation::kSwigluRecomputeBackward, "swiglu_recompute_backward"},
    OperationRow{Operation::kRoutingWeightGradient, "routing_weight_gradient"},
    OperationRow{Operation::kCrossEntropy, "cross_entropy"},
    OperationRow{Operation::kEmbedding, "embedding"},
    OperationRow{Operation::kEmbeddingGradient, "embedding_gradient"},
    OperationRow{Operation::kAdam, "adam"},
    OperationRow{Operation::kBatchedGemm, "batched_gemm"},
    OperationRow{Operation::kSoftmax, "softmax"},
    OperationRow{Operation::kSoftmaxBackward, "softmax_backward"},
    OperationRow{Operation::kDropout, "dropout"},
    OperationRow{Operation::kDropoutBackward, "dropout_backward"},
    OperationRow{Operation::kDropoutAdd, "dropout_add"},
    OperationRow{Operation::kGelu, "gelu"},
    OperationRow{Operation::kGeluBackward, "gelu_backward"},
    OperationRow{Operation::kLayerNorm, "layer_norm"},
    OperationRow{Operation::kLayerNormBackward, "layer_norm_backward"},
    OperationRow{Operation::kBiasGradient, "bias_gradient"},
    OperationRow{Operation::kCrossEntropyPasses, "cross_entropy_passes"},
    OperationRow{Operation::kAdamPasses, "adam_passes"},
    OperationRow{Operation::kSmall, "small"},
    OperationRow{Operation::kUnpermuteBackward, "unpermute_backward"},
    OperationRow{Operation::kAttentionDecode, "attention_decode"},
    OperationRow{Operation::kAttentionMerge, "attention_merge"},
    OperationRow{Operation::kLoopbackDispatch, "loopback_dispatch"},
    OperationRow{Operation::kLoopbackCombine, "loopback_combine"},
    OperationRow{Operation::kLoopbackTwoHopDispatch, "loopback_two_hop_dispatch"},
    OperationRow{Operation::kLoopbackTwoHopCombine, "loopback_two_hop_combine"},
    OperationRow{Operation::kLoopbackFastDispatch, "loopback_fast_dispatch"},
    OperationRow{Operation::kLoopbackFastCombine, "loopback_fast_combine"},
    OperationRow{Operation::kDispatchCast, "dispatch_cast"},
    OperationRow{Operation::kDispatchLayout, "dispatch_layout"},
    OperationRow{Operation::kDispatch, "dispatch"},
    OperationRow{Operation::kCachedDispatch, "cached_dispatch"},
    OperationRow{Operation::kCombine, "combine"},
    OperationRow{Operation::kNotify, "notify"},
    OperationRow{Operation::kAllGather, "all_gather"},
    OperationRow{Operation::kReduceScatter, "reduce_scatter"},
    OperationRow{Operation::kAllReduce, "all_reduce"},
    OperationRow{Operation::kRingExchange, "ring_exchange"},
};
static_assert(kOperations.size() == static_cast<std::size_t>(Operation::kRingExchange) + 1);

constexpr std::array<std::string_view, 3> kDtypes = {"bf16", "fp8", "fp32"};

/// Bytes a logit where the loss is a sequence of framework operations (Megatron-LM's
/// vocab-parallel cross-entropy): cast to FP32; maximum; subtracted; exponential; sum; divided;
/// times the incoming gradient; cast back.
constexpr double cross_entropy_bytes() { return (2 + 4) + 4 + 8 + 8 + 4 + 8 + 8 + (4 + 2); }

/// Bytes a parameter. In one pass: gradient, master and both moments in; master, moments and weight
/// out. In separate passes (Megatron-LM with Apex): BF16 gradient to FP32; unscaled and checked;
/// its norm; clipped; Adam on FP32 gradient, weight and moments; weight to BF16.
constexpr double adam_bytes(Operation operation) {
  return operation == Operation::kAdam ? 4 + 4 + 2 + 2 + 4 + 2 + 2 + 2
                                       : (2 + 4) + 8 + 4 + 8 + (16 + 12) + (4 + 2);
}

/// Bytes of an element in the operations of frameworks that do not fuse them.
double unfused_bytes(Operation operation) {
  constexpr double kBf16 = 2.0;
  constexpr double kMask = 1.0;
  switch (operation) {
    case Operation::kLayerNorm:
    case Operation::kGelu:
      return 2 * kBf16;
    case Operation::kGeluBackward:
      return 3 * kBf16;
    case Operation::kSoftmax:  // half of the scores in; all out
      return 0.5 * kBf16 + kBf16;
    case Operation::kSoftmaxBackward:  // half of y and dy in; all out
      return 0.5 * 2 * kBf16 + kBf16;
    case Operation::kLayerNormBackward:  // x, dy in; dx out; x, dy in again
      return 5 * kBf16;
    case Operation::kDropout:  // x in; y, mask out
    case Operation::kDropoutBackward:
      return 2 * kBf16 + kMask;
    case Operation::kDropoutAdd:  // x, residual in; y, mask out
      return 3 * kBf16 + kMask;
    case Operation::kBiasGradient:
      return kBf16;
    case Operation::kCrossEntropyPasses:
      return cross_entropy_bytes();
    default:
      return 0;
  }
}

/// Bytes that an element of a memory-bound kernel's m x n moves, in and out together.
double bytes_per_element(const KernelShape& shape) {
  const double element = element_bytes(shape.dtype);
  constexpr double kBf16 = 2.0;
  constexpr double kFp8 = 1.0;
  constexpr double kFp32 = 4.0;
  constexpr double kE5m6 = 1.5;
  switch (shape.operation) {
    case Operation::kRmsNorm:  // x in, y out; a fused residual moves as much again
    case Operation::kRope:
    case Operation::kEmbedding:
      return 2 * kBf16;
    case Operation::kRmsNormBackward:  // x, dy in; dx out
      return 3 * kBf16;
    case Operation::kCast:
    case Operation::kDispatchCast:
    case Operation::kCastBack:
      return kBf16 + kFp8;
    case Operation::kCastE5m6:
    case Operation::kCastBackE5m6:
      return kBf16 + kE5m6;
    case Operation::kCastTranspose:
      return element + kFp8;
    case Operation::kTranspose:
    case Operation::kCopy:
    case Operation::kScale:
    case Operation::kCrossEntropy:  // logits in, gradients out
      return 2 * element;
    case Operation::kScaleTranspose:
      return 2 * kFp32;
    case Operation::kAdd:
      return 3 * element;
    case Operation::kHeadSum:
      return kBf16 + kBf16 / static_cast<double>(shape.groups);
    case Operation::kRouterSelect:
      return kFp32;
    case Operation::kSwigluRecomputeBackward:  // as swiglu_backward_work, and y out
      return 6 * kBf16;
    case Operation::kRoutingWeightGradient:
      return 2 * kBf16;
    case Operation::kEmbeddingGradient:
      return kBf16 + 2 * kFp32;
    case Operation::kAllGather:  // the whole buffer, as nccl-tests counts it
    case Operation::kReduceScatter:
    case Operation::kAllReduce:
    case Operation::kRingExchange:
      return element;
    default:
      return unfused_bytes(shape.operation);
  }
}

/// Of the launches for all of `groups` virtual ranks.
Work loopback_work(const KernelShape& shape) {
  const Exchange exchange{.ranks = static_cast<double>(shape.groups),
                          .tokens = static_cast<double>(shape.m),
                          .columns = static_cast<double>(shape.n),
                          .choices = static_cast<double>(shape.k)};
  switch (shape.operation) {
    case Operation::kLoopbackDispatch:
      return loopback_dispatch_work(exchange, shape.dtype == Dtype::kFp8);
    case Operation::kLoopbackCombine:
      return loopback_combine_work(exchange);
    case Operation::kLoopbackTwoHopDispatch:
      return loopback_two_hop_dispatch_work(exchange, shape.dtype == Dtype::kFp8);
    case Operation::kLoopbackTwoHopCombine:
      return loopback_two_hop_combine_work(exchange);
    case Operation::kLoopbackFastDispatch:
      return loopback_fast_dispatch_work(exchange);
    default:
      return loopback_fast_combine_work(exchange);
  }
}

bool is_adam(Operation operation) {
  return operation == Operation::kAdam || operation == Operation::kAdamPasses;
}

}  // namespace

Work work(const KernelShape& shape) {
  const auto m = static_cast<double>(shape.m);
  const auto n = static_cast<double>(shape.n);
  const auto k = static_cast<double>(shape.k);
  const auto groups = static_cast<double>(shape.groups);
  const double element = element_bytes(shape.dtype);
  if (is_adam(shape.operation)) return {Flops{0}, Bytes{m * adam_bytes(shape.operation)}};
  switch (shape.operation) {
    case Operation::kGemm:
    case Operation::kGroupedGemm:
    case Operation::kMaskedGemm:
      return gemm_work(m, n, k, groups, element);
    case Operation::kBatchedGemm:
      return batched_gemm_work(m, n, k, groups);
    case Operation::kWeightGradient:
    case Operation::kGroupedWeightGradient:
      return weight_gradient_work(m, n, k, element);
    case Operation::kAttentionForward:
      return attention_forward_work(groups, m, k, n);
    case Operation::kAttentionBackward:
      return attention_backward_work(groups, m, k, n);
    case Operation::kAttentionBackwardPre:
      return attention_backward_pre_work(groups, m, k, n);
    case Operation::kAttentionBackwardPost:
      return attention_backward_post_work(groups, m, k);
    case Operation::kAttentionDecode:
      return attention_decode_work(m, n, k, groups,
                                   shape.dtype == Dtype::kFp8 ? kFp8CacheBytes : kBf16CacheBytes);
    case Operation::kAttentionMerge:
      return attention_merge_work(m, n, k);
    case Operation::kPermute:
    case Operation::kUnpermute:
      return permute_work(m, n, element);
    case Operation::kUnpermuteBackward:
      return unpermute_backward_work(m, n);
    case Operation::kDispatchLayout:
      return dispatch_layout_work(m, k, groups);
    case Operation::kLoopbackDispatch:
    case Operation::kLoopbackCombine:
    case Operation::kLoopbackTwoHopDispatch:
    case Operation::kLoopbackTwoHopCombine:
    case Operation::kLoopbackFastDispatch:
    case Operation::kLoopbackFastCombine:
      return loopback_work(shape);
    case Operation::kSwiglu:
      return swiglu_work(m, n, element);
    case Operation::kSwigluCastTranspose:
      return swiglu_work(m, n, element_bytes(Dtype::kFp8));
    case Operation::kSwigluBackward:
      return swiglu_backward_work(m, n);
    case Operation::kTranspose:
      return {Flops{0}, Bytes{groups * m * n * bytes_per_element(shape)}};
    case Operation::kExpertCount:
    case Operation::kExpertMapping:  // one 8-byte index a row
      return {Flops{0}, Bytes{8 * m}};
    default:
      return {Flops{0}, Bytes{m * n * bytes_per_element(shape)}};
  }
}

std::string_view operation_name(Operation operation) {
  const OperationRow& row = kOperations[static_cast<std::size_t>(operation)];
  assert(row.operation == operation);
  return row.name;
}

std::optional<Operation> find_operation(std::string_view name) {
  const auto* row = std::find_if(kOperations.begin(), kOperations.end(),
                                 [&](const OperationRow& r) { return r.name == name; });
  if (row == kOperations.end()) return std::nullopt;
  return row->operation;
}

std::string_view dtype_name(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)]; }

std::optional<Dtype> find_dtype(std::string_view name) {
  const auto* found = std::find(kDtypes.begin(), kDtypes.end(), name);
  if (found == kDtypes.end()) return std::nullopt;
  return static_cast<Dtype>(found - kDtypes.begin());
}

bool is_communication(Operation operation) { return operation >= Operation::kDispatchCast; }

}  // namespace windtunnel

std::size_t std::hash<windtunnel::KernelShape>::operator()(
    const windtunnel::KernelShape& shape) const noexcept {
  std::uint64_t sum =
      static_cast<std::uint64_t>(shape.operation) * 4 + static_cast<std::uint64_t>(shape.dtype);
  for (const std::int64_t part : {shape.m, shape.n, shape.k, shape.groups}) {
    sum = (sum ^ static_cast<std::uint64_t>(part)) * 0x9E3779B97F4A7C15ULL;
    sum ^= sum >> 32;
  }
  return static_cast<std::size_t>(sum);
}
