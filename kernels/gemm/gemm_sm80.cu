// The kernels of sm_80, for nvcc or the device model.
#include "kernels/gemm/choose.cuh"
#include "kernels/gemm/gemm_sm80.cuh"

namespace windtunnel::device {

LaunchReport gemm_on_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  if (call.kind == GemmKind::kKGrouped) {
    throw std::invalid_argument("gemm: sm_80 has no weight gradients yet");
  }
  return with_tile<kSm80Tiles>(plan, [&]<int kM, int kN, int kWarps>() {
    return launch_gemm_sm80<kM, kN, kWarps, bf16>(gpu, plan, call);
  });
}

LaunchReport gemm_fp32_on_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  constexpr TileShape kTile = kFp32Sm80Tile;
  return launch_gemm_sm80<kTile.m, kTile.n, kTile.consumers, float>(gpu, plan, call);
}

}  // namespace windtunnel::device
