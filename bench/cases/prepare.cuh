// Puts a case on a device. Compiled twice: for the device model, and by nvcc for a GPU.
#pragma once

#include <optional>

#include "bench/cases/gemm_cases.cuh"
#include "bench/cases/moe_cases.cuh"
#include "bench/cases/ops_cases.cuh"

namespace windtunnel::bench {

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
    default:
      return std::nullopt;
  }
}

}  // namespace windtunnel::bench
