// The kernels of a training step: what each is called, how its shape is written, and its work.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// A kind of kernel. What m, n, k and groups mean for it stands beside it; unused ones are 0,
/// unused groups 1. "rows" are tokens, or a rank's routed rows.
enum class Operation : std::uint8_t {
  kGemm,            ///< y[m, n] = x[m, k] w[n, k]; a data gradient is one with n and k swapped
  kGroupedGemm,     ///< m rows over `groups` experts, each with its own w[n, k]
  kMaskedGemm,      ///< the same of m rows that lie in blocks with room for more (decode)
  kWeightGradient,  ///< dw[n, k] += dy[m, n] x[m, k], accumulated in FP32
  kGroupedWeightGradient,  ///< the same of one expert, with m of its rows: one launch an expert
  kAttentionForward,   ///< causal; `groups` = heads x sequences, m x m scores, q and k k wide, v n
                       ///< wide
  kAttentionBackward,  ///< dq, dk, dv of the same
  kAttentionBackwardPre,   ///< rowsum(o dout), and zeroes dq's FP32 sum
  kAttentionBackwardPost,  ///< dq from FP32 to BF16
  kRmsNorm,                ///< m rows of n, residual addition fused in
  kRmsNormBackward,        ///< m rows of n
  kCast,                   ///< BF16 to FP8 with a scale for each 1 x 128; dtype is what it reads
  kCastBack,               ///< FP8 to BF16; dtype is what it reads
  kCastE5m6,               ///< BF16 to the 12-bit format in which attention's output is kept
  kCastBackE5m6,           ///< and back
  kCastTranspose,   ///< to FP8 with a scale for each 128 x 1, transposed; dtype is what it reads
  kTranspose,       ///< `groups` FP8 weights w[m, n]
  kScaleTranspose,  ///< m rows of n FP32 scales
  kRope,            ///< m rows, n rotated channels
  kCopy,            ///< m rows, n copied channels
  kHeadSum,         ///< m rows of n channels of `groups` heads to n / groups
  kScale,           ///< m rows of n times a number
  kAdd,             ///< m rows of n plus as many
  kRouterSelect,    ///< the largest of n scores for each of m tokens
  kExpertCount,     ///< counts m rows by expert
  kExpertMapping,   ///< where each of m rows goes
  kPermute,         ///< received tokens of n channels copied to m rows in expert order
  kUnpermute,       ///< m rows of n channels summed to tokens
  kSwiglu,          ///< [m, 2n] to [m, n]; dtype is what it writes, FP8 with scales
  kSwigluCastTranspose,      ///< [m, 2n] to [m, n] in FP8 with a scale for each 128 x 1, transposed
  kSwigluBackward,           ///< [m, 2n] and dy[m, n] to [m, 2n]
  kSwigluRecomputeBackward,  ///< the same and y[m, n] again, with routing weights
  kRoutingWeightGradient,    ///< sum over n of y dy for each of m rows
  kCrossEntropy,             ///< m tokens, n logits: loss, and the gradient in place
  kEmbedding,                ///< m rows of n gathered
  kEmbeddingGradient,        ///< m rows of n added to FP32 gradients
  kAdam,                     ///< m parameters: FP32 gradient and master, BF16 moments and weight
  kBatchedGemm,        ///< `groups` products y[m, n] = x[m, k] w[n, k], each with its own x and w
  kSoftmax,            ///< m rows of n scores to probabilities, scale and causal mask fused in: the
                       ///< half above the diagonal is not read
  kSoftmaxBackward,    ///< the same of probabilities and their gradient to that of the scores
  kDropout,            ///< m rows of n, keeps a mask of a byte each
  kDropoutBackward,    ///< m rows of n and their mask
  kDropoutAdd,         ///< bias, dropout and residual of m rows of n
  kGelu,               ///< bias and GELU of m rows of n
  kGeluBackward,       ///< m rows of n
  kLayerNorm,          ///< m rows of n
  kLayerNormBackward,  ///< m rows of n; gradients of weight and bias read them again
  kBiasGradient,       ///< sum over m rows of n
  kCrossEntropyPasses,  ///< kCrossEntropy in separate passes over FP32 logits
  kAdamPasses,          ///< mixed-precision Adam of m parameters in separate passes
  kSmall,  ///< bookkeeping bound by its launch: scores, fills, sums; n tells sizes apart
  kUnpermuteBackward,  ///< m rows of n and as many gradients of tokens to m rows, and of weights
  kAttentionDecode,    ///< absorbed MLA: m requests of n new tokens each, k cached tokens of each,
                       ///< `groups` heads; dtype is the cache's
  kAttentionMerge,     ///< n FP32 rows of 512 of each of m requests, k parts each, to BF16
  kLoopbackDispatch,   ///< all ranks of a dispatch on one GPU: `groups` of them, m tokens of n
                       ///< channels each, k choices a token; no link is crossed
  kLoopbackCombine,    ///< and back, summed
  kLoopbackTwoHopDispatch,  ///< the same ranks on two nodes
  kLoopbackTwoHopCombine,   ///< and back
  kLoopbackFastDispatch,    ///< low latency: quantised on the way, each choice by itself
  kLoopbackFastCombine,     ///< and back
  kDispatchCast,            ///< kCast on the communication stream
  kDispatchLayout,          ///< m tokens x k choices counted by rank of `groups`
  kDispatch,                ///< m tokens of n channels to their k experts on `groups` ranks
  kCachedDispatch,          ///< the same along a known layout
  kCombine,                 ///< back, summed
  kNotify,                  ///< barrier of `groups` ranks before dispatch or combine
  kAllGather,               ///< of `groups` ranks: each ends with all m rows of n channels
  kReduceScatter,  ///< of `groups` ranks: m rows of n channels summed, each keeps its share
  kAllReduce,      ///< of `groups` ranks: m rows of n channels summed, each keeps all
  kRingExchange,   ///< each of `groups` ranks passes its m rows of n channels on to all others
};

enum class Dtype : std::uint8_t { kBf16, kFp8, kFp32 };

/// Bytes of one element.
constexpr double element_bytes(Dtype dtype) {
  return dtype == Dtype::kFp8 ? 1.0 : dtype == Dtype::kBf16 ? 2.0 : 4.0;
}

/// One launch of a kernel.
struct KernelShape {
  Operation operation;
  Dtype dtype;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  std::int64_t groups;

  friend bool operator==(const KernelShape&, const KernelShape&) = default;
};

/// FLOPs (2 a multiply-add; 0 for what isn't tensor-core work) and the least memory traffic.
Work work(const KernelShape& shape);

/// `gemm`, `rms_norm_backward`, ... as in tables; and back, or nothing for an unknown name.
std::string_view operation_name(Operation operation);
std::optional<Operation> find_operation(std::string_view name);

/// `bf16`, `fp8`, `fp32`; and back.
std::string_view dtype_name(Dtype dtype);
std::optional<Dtype> find_dtype(std::string_view name);

/// True for transfers between GPUs and what runs on their stream.
bool is_communication(Operation operation);

}  // namespace windtunnel

template <>
struct std::hash<windtunnel::KernelShape> {
  std::size_t operator()(const windtunnel::KernelShape& shape) const noexcept;
};
