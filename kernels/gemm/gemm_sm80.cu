// The kernels of sm_80, for nvcc or the device model.
#include "kernels/gemm/choose.cuh"
#include "kernels/gemm/gemm_sm80.cuh"

namespace windtunnel::device {

LaunchReport gemm_on_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  if (call.kind == GemmKind::kKGrouped) {
    return with_tile<kSm80GradientTiles>(plan, [&]<int kM, int kN, int kWarps>() {
      return launch_gemm_sm80<kM, kN, kWarps, Major::kMn, float>(gpu, plan, call);
    });
  }
  return with_tile<kSm80Tiles>(plan, [&]<int kM, int kN, int kWarps>() {
    return launch_gemm_sm80<kM, kN, kWarps, Major::kK, bf16>(gpu, plan, call);
  });
}

LaunchReport gemm_fp32_on_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  constexpr TileShape kTile = kFp32Sm80Tile;
  return launch_gemm_sm80<kTile.m, kTile.n, kTile.consumers, Major::kK, float>(gpu, plan, call);
}

}  // namespace windtunnel::device
