// Tensor maps on a GPU: the driver encodes them. Its entry point is asked of the runtime, so
// nothing links libcuda.
#include <cuda_runtime.h>

#include <stdexcept>

#include "kernels/device/tensor_map.h"

namespace windtunnel::device {

namespace {

using Encode = CUresult (*)(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*, const cuuint64_t*,
                            const cuuint64_t*, const cuuint32_t*, const cuuint32_t*,
                            CUtensorMapInterleave, CUtensorMapSwizzle, CUtensorMapL2promotion,
                            CUtensorMapFloatOOBfill);

constexpr unsigned kSince = 12000;

Encode encoder() {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found{};
  const cudaError_t error = cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &entry,
                                                             kSince, cudaEnableDefault, &found);
  if (error != cudaSuccess || found != cudaDriverEntryPointSuccess) {
    throw std::runtime_error("tensor map: the driver has no cuTensorMapEncodeTiled");
  }
  return reinterpret_cast<Encode>(entry);
}

CUtensorMapDataType type_of(Element element) {
  return element == Element::kE4m3   ? CU_TENSOR_MAP_DATA_TYPE_UINT8
         : element == Element::kBf16 ? CU_TENSOR_MAP_DATA_TYPE_BFLOAT16
                                     : CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
}

CUtensorMapSwizzle swizzle_of(Swizzle swizzle) {
  return swizzle == Swizzle::kNone ? CU_TENSOR_MAP_SWIZZLE_NONE
         : swizzle == Swizzle::k32 ? CU_TENSOR_MAP_SWIZZLE_32B
         : swizzle == Swizzle::k64 ? CU_TENSOR_MAP_SWIZZLE_64B
                                   : CU_TENSOR_MAP_SWIZZLE_128B;
}

}  // namespace

TensorMap make_tensor_map(const TensorShape& shape) {
  check(shape);
  TensorMap map;
  const cuuint32_t steps[5] = {1, 1, 1, 1, 1};
  cuuint64_t extents[5];
  cuuint64_t strides[5];
  for (int i = 0; i < 5; ++i) {
    extents[i] = shape.extents[i];
    strides[i] = shape.strides[i];
  }
  const CUresult result = encoder()(
      &map, type_of(shape.element), shape.rank, const_cast<void*>(shape.base), extents, strides + 1,
      shape.box.data(), steps, CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle_of(shape.swizzle),
      CU_TENSOR_MAP_L2_PROMOTION_L2_128B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS) {
    throw std::runtime_error("tensor map: the driver refuses, CUresult " + std::to_string(result));
  }
  return map;
}

}  // namespace windtunnel::device
