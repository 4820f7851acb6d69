// The kernels of sm_90a, for nvcc or the device model.
#include "kernels/gemm/choose.cuh"
#include "kernels/gemm/gemm_fp8_sm90.cuh"
#include "kernels/gemm/gemm_sm90.cuh"

namespace windtunnel::device {

LaunchReport gemm_on_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  if (call.kind == GemmKind::kKGrouped) {
    return with_tile<kGradientTiles>(plan, [&]<int kM, int kN, int>() {
      return launch_gemm_sm90<kM, kN, Major::kMn, float>(gpu, plan, call);
    });
  }
  if (call.kind == GemmKind::kContiguous && plan.tile_m > 128) {
    throw std::invalid_argument("gemm: a tile would have rows of two experts: " + text(plan));
  }
  return with_tile<kSm90Tiles>(plan, [&]<int kM, int kN, int>() {
    return launch_gemm_sm90<kM, kN, Major::kK, bf16>(gpu, plan, call);
  });
}

LaunchReport gemm_fp32_on_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  return launch_gemm_sm90<kFp32Tile.m, kFp32Tile.n, Major::kK, float>(gpu, plan, call);
}

LaunchReport gemm_fp8_on_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  if (call.kind == GemmKind::kKGrouped) {
    return with_tile<kFp8GradientTiles>(plan, [&]<int kM, int kN, int>() {
      return launch_gemm_fp8_sm90<kM, kN, true, float>(gpu, plan, call);
    });
  }
  return with_tile<kFp8Tiles>(plan, [&]<int kM, int kN, int>() {
    return launch_gemm_fp8_sm90<kM, kN, false, bf16>(gpu, plan, call);
  });
}

}  // namespace windtunnel::device
