// Matrix products on a GPU or the device model: the plan's kernel for a call. One source an
// architecture; a program links those it needs.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/gemm/call.h"
#include "kernels/gemm/plan.h"

namespace windtunnel::device {

/// What plan_gemm() is asked for a call. kMasked: `rows` that are expected of each of the groups
/// (not read for others).
inline GemmProblem problem_of(const GemmCall& call, Dtype dtype, int rows) {
  const bool one = call.kind == GemmKind::kDense || call.kind == GemmKind::kContiguous;
  const bool masked = call.kind == GemmKind::kMasked;
  const int k = call.kind == GemmKind::kKGrouped ? call.k / call.groups : call.k;
  return {.kind = call.kind,
          .dtype = dtype,
          .m = masked ? rows : call.m,
          .n = call.n,
          .k = k,
          .groups = one ? 1 : call.groups};
}

/// Runs the product with the plan's tile; throws std::invalid_argument where no kernel has it, or
/// TMA can't read the operands. BF16 operands; c in BF16, of kKGrouped FP32.
LaunchReport gemm_on_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call);
LaunchReport gemm_on_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call);
/// The same with e4m3 operands and their scales.
LaunchReport gemm_fp8_on_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call);

/// BF16 operands, c in FP32 (router scores): kDense with the tile kFp32Tile.
inline constexpr TileShape kFp32Tile{64, 64, 1};
inline constexpr TileShape kFp32Sm80Tile{64, 64, 2};
LaunchReport gemm_fp32_on_sm80(Gpu& gpu, const GemmPlan& plan, const GemmCall& call);
LaunchReport gemm_fp32_on_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call);

}  // namespace windtunnel::device
