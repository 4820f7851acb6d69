// Puts a case on a device. Compiled twice: for the device model, and by nvcc for a GPU.
#pragma once

#include <optional>

#include "bench/cases/attention_cases.cuh"
#include "bench/cases/decode_cases.cuh"
#include "bench/cases/element_cases.cuh"
#include "bench/cases/gemm_cases.cuh"
#include "bench/cases/gradient_cases.cuh"
#include "bench/cases/low_latency_cases.cuh"
#include "bench/cases/moe_cases.cuh"
#include "bench/cases/ops_cases.cuh"
#include "kernels/shapes/all_to_all.h"

namespace windtunnel::bench {

/// The families that keep the tensor cores or the ranks busy; nothing for any other operation.
inline std::optional<Prepared> prepare_attention_or_exchange(device::Gpu& gpu,
                                                             const KernelShape& shape, Data data,
                                                             int sms) {
  constexpr int kOneNode = 1;
  constexpr auto kNodes = static_cast<int>(kLoopbackNodes);
  switch (shape.operation) {
    case Operation::kAttentionForward:
      return prepare_attention_forward(gpu, shape, data);
    case Operation::kAttentionBackward:
      return prepare_attention_backward(gpu, shape, data);
    case Operation::kAttentionBackwardPre:
      return prepare_backward_pre(gpu, shape, data);
    case Operation::kAttentionBackwardPost:
      return prepare_backward_post(gpu, shape, data);
    case Operation::kAttentionDecode:
      return prepare_decode(gpu, shape, data, sms);
    case Operation::kAttentionMerge:
      return prepare_merge(gpu, shape);
    case Operation::kDispatchLayout:
      return prepare_layout(gpu, shape);
    case Operation::kLoopbackDispatch:
      return prepare_dispatch(gpu, shape, kOneNode, sms);
    case Operation::kLoopbackTwoHopDispatch:
      return prepare_dispatch(gpu, shape, kNodes, sms);
    case Operation::kLoopbackCombine:
      return prepare_combine(gpu, shape, kOneNode, sms);
    case Operation::kLoopbackTwoHopCombine:
      return prepare_combine(gpu, shape, kNodes, sms);
    case Operation::kLoopbackFastDispatch:
      return prepare_fast_dispatch(gpu, shape, sms);
    case Operation::kLoopbackFastCombine:
      return prepare_fast_combine(gpu, shape, sms);
    default:
      return std::nullopt;
  }
}

/// `shape` of the case, or its tiny one; nothing where no kernel of ours has this operation. The
/// same seed gives the same values. `sms` is how many the launches plan for.
inline std::optional<Prepared> prepare(device::Gpu& gpu, const Case& item, const KernelShape& shape,
                                       int sms) {
  if (item.implementation != "windtunnel") return std::nullopt;
  const bool fp8 = shape.dtype == Dtype::kFp8;
  switch (shape.operation) {
    case Operation::kGemm:
    case Operation::kGroupedGemm:
      return fp8 ? prepare_gemm<device::e4m3>(gpu, shape, item.data, sms)
                 : prepare_gemm<device::bf16>(gpu, shape, item.data, sms);
    case Operation::kMaskedGemm:
      return fp8 ? prepare_masked<device::e4m3>(gpu, shape, item.data, sms)
                 : prepare_masked<device::bf16>(gpu, shape, item.data, sms);
    case Operation::kWeightGradient:
    case Operation::kGroupedWeightGradient:
      return fp8 ? prepare_weight_gradient<device::e4m3>(gpu, shape, item.data, sms)
                 : prepare_weight_gradient<device::bf16>(gpu, shape, item.data, sms);
    case Operation::kCopy:
      return prepare_copy(gpu, shape, item.data, sms);
    case Operation::kRmsNorm:
      return prepare_rms_norm(gpu, shape, item.data, sms);
    case Operation::kCast:
      return prepare_cast(gpu, shape, item.data, sms);
    case Operation::kRmsNormBackward:
      return prepare_rms_norm_backward(gpu, shape, item.data, sms);
    case Operation::kCastBack:
      return prepare_cast_back(gpu, shape, item.data, sms);
    case Operation::kCastTranspose:
      return prepare_cast_transpose(gpu, shape, item.data);
    case Operation::kRope:
      return prepare_rope(gpu, shape, item.data, sms);
    case Operation::kEmbedding:
      return prepare_embedding(gpu, shape, item.data, sms);
    case Operation::kEmbeddingGradient:
      return prepare_embedding_gradient(gpu, shape, item.data, sms);
    case Operation::kAdam:
      return prepare_adam(gpu, shape, sms);
    case Operation::kExpertMapping:
      return prepare_mapping(gpu, shape, sms);
    case Operation::kSwigluBackward:
      return prepare_swiglu_backward(gpu, shape, item.data, false, sms);
    case Operation::kSwigluRecomputeBackward:
      return prepare_swiglu_backward(gpu, shape, item.data, true, sms);
    case Operation::kCrossEntropy:
      return prepare_cross_entropy(gpu, shape, item.data, sms);
    case Operation::kSwiglu:
      return prepare_swiglu(gpu, shape, item.data, sms);
    case Operation::kRouterSelect:
      return prepare_router(gpu, shape, sms);
    case Operation::kPermute:
      return prepare_permute(gpu, shape, item.data, sms);
    case Operation::kUnpermute:
      return prepare_unpermute(gpu, shape, item.data, sms);
    case Operation::kUnpermuteBackward:
      return prepare_unpermute_backward(gpu, shape, item.data, sms);
    default:
      return prepare_attention_or_exchange(gpu, shape, item.data, sms);
  }
}

}  // namespace windtunnel::bench
