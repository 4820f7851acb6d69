// The kernels of gemm_sm90.cuh and gemm_fp8_sm90.cuh that the plans choose, for nvcc.
#include "kernels/gemm/gemm_fp8_sm90.cuh"
#include "kernels/gemm/gemm_sm90.cuh"

namespace windtunnel::device {

#define WT_GEMM(M, N, MAJOR, OUT)                                           \
  template __global__ void gemm_sm90<M, N, MAJOR, OUT>(                     \
      const __grid_constant__ TensorMap, const __grid_constant__ TensorMap, \
      const __grid_constant__ TensorMap, const __grid_constant__ GemmArguments);
WT_GEMM(64, 64, Major::kK, bf16)
WT_GEMM(64, 128, Major::kK, bf16)
WT_GEMM(64, 256, Major::kK, bf16)
WT_GEMM(128, 112, Major::kK, bf16)
WT_GEMM(128, 128, Major::kK, bf16)
WT_GEMM(128, 192, Major::kK, bf16)
WT_GEMM(128, 256, Major::kK, bf16)
WT_GEMM(256, 128, Major::kK, bf16)
WT_GEMM(128, 128, Major::kK, float)
WT_GEMM(128, 128, Major::kMn, float)
WT_GEMM(128, 256, Major::kMn, float)
WT_GEMM(256, 128, Major::kMn, float)
#undef WT_GEMM

#define WT_GEMM(M, N, ROWS, OUT)                                            \
  template __global__ void gemm_fp8_sm90<M, N, ROWS, OUT>(                  \
      const __grid_constant__ TensorMap, const __grid_constant__ TensorMap, \
      const __grid_constant__ TensorMap, const __grid_constant__ GemmArguments);
WT_GEMM(64, 64, false, bf16)
WT_GEMM(64, 128, false, bf16)
WT_GEMM(128, 96, false, bf16)
WT_GEMM(128, 112, false, bf16)
WT_GEMM(128, 128, false, bf16)
WT_GEMM(128, 128, true, float)
#undef WT_GEMM

}  // namespace windtunnel::device
