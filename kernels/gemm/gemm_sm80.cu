// The kernels of gemm_sm80.cuh that the plans choose, for nvcc.
#include "kernels/gemm/gemm_sm80.cuh"

namespace windtunnel::device {

#define WT_GEMM(M, N, WARPS, OUT) \
  template __global__ void gemm_sm80<M, N, WARPS, OUT>(const bf16*, const bf16*, GemmArguments);
WT_GEMM(128, 256, 8, bf16)
WT_GEMM(128, 128, 8, bf16)
WT_GEMM(64, 128, 4, bf16)
WT_GEMM(64, 64, 2, bf16)
WT_GEMM(128, 128, 8, float)
#undef WT_GEMM

}  // namespace windtunnel::device
