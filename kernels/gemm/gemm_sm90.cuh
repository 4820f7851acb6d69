// BF16 products on Hopper: persistent blocks of one warpgroup that loads by TMA and one or two that
// multiply by wgmma. Weight gradients (kMajor kMn) take both operands as they lie, rows along k.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/gemm/call.h"
#include "kernels/gemm/ring_sm90.cuh"

namespace windtunnel::device {

template <int kTileM, int kTileN, Major kMajor, typename Out>
struct GemmSm90 {
  static constexpr int kConsumers = kTileM == 64 ? 1 : 2;
  static constexpr int kBlocks = kTileM / 64 / kConsumers;
  static constexpr int kThreads = (1 + kConsumers) * kWarpgroup;
  static constexpr int kTileK = 64;
  // Of a thread beside two consumers; finding the next tile needs more than 40.
  static constexpr int kProducerRegisters = 56;
  static constexpr int kConsumerRegisters = 224;
  static constexpr bool kAdds = kMajor == Major::kMn;
  // A span of 64 columns of an operand whose rows run along k.
  static constexpr u32 kSpan = kTileK * kStageRow;
  static_assert(kBlocks == 1 || kBlocks == 2);
  static_assert(kMajor == Major::kK || kTileN % 64 == 0);

  using Shared = SharedSm90<kTileM, kTileN, 0>;
  using Walk = TileWalk<kTileM, kTileN, kTileK>;
  using Sums = float[kBlocks][kTileN / 2];

  /// Fills one stage: by one thread.
  __device__ static void load(const Shared& shared, int stage, const TensorMap& a,
                              const TensorMap& b, const GemmTile& tile, int k) {
    const u32 full = shared.full(stage);
    mbarrier_arrive_expect_tx(full, Shared::kOperands);
    if constexpr (kMajor == Major::kK) {
      tma_load(shared.a(stage), a, full, {k, tile.row, tile.a_group});
      tma_load(shared.b(stage), b, full, {k, tile.column, tile.b_group});
    } else {
      for (int i = 0; i < kTileM / 64; ++i) {
        tma_load(shared.a(stage) + static_cast<u32>(i) * kSpan, a, full, {tile.row + 64 * i, k, 0});
      }
      for (int i = 0; i < kTileN / 64; ++i) {
        tma_load(shared.b(stage) + static_cast<u32>(i) * kSpan, b, full,
                 {tile.column + 64 * i, k, 0});
      }
    }
  }

  /// Issues the wgmma of one stage.
  __device__ static void multiply(Sums& sums, u32 a, u32 b, bool first) {
#pragma unroll
    for (u32 i = 0; i < kTileK / 16; ++i) {
#pragma unroll
      for (u32 block = 0; block < kBlocks; ++block) {
        if constexpr (kMajor == Major::kK) {
          wgmma_bf16<kTileN>(sums[block], tile_descriptor(a + block * 64 * kStageRow + i * 32),
                             tile_descriptor(b + i * 32), !first || i > 0);
        } else {
          wgmma_bf16<kTileN, Major::kMn, Major::kMn>(
              sums[block],
              tile_descriptor(a + block * kSpan + i * 16 * kStageRow, Swizzle::k128, kSpan),
              tile_descriptor(b + i * 16 * kStageRow, Swizzle::k128, kSpan), !first || i > 0);
        }
      }
    }
  }

  template <int kPending>
  __device__ static void wait(Sums& sums) {
    if constexpr (kBlocks == 1) {
      wgmma_wait<kPending>(sums[0]);
    } else {
      wgmma_wait<kPending>(sums[0], sums[1]);
    }
  }

  /// All products of a tile, one stage in flight while the next is awaited.
  __device__ static void sum(const Shared& shared, RingPlace& place, const GemmTile& tile,
                             int consumer, Sums& sums) {
    const u32 rows = static_cast<u32>(consumer * kBlocks) * 64 * kStageRow;
    const bool leads = lane_id() == 0;
    int previous = -1;
    for (int step = 0; step < tile.steps; ++step) {
      mbarrier_wait(shared.full(place.stage), place.parity);
      wgmma_fence();
      multiply(sums, shared.a(place.stage) + rows, shared.b(place.stage), step == 0);
      wgmma_commit();
      wait<1>(sums);
      if (previous >= 0 && leads) mbarrier_arrive(shared.empty(previous));
      previous = place.stage;
      place.advance(shared.stages);
    }
    wait<0>(sums);
    if (previous >= 0 && leads) mbarrier_arrive(shared.empty(previous));
  }
};

/// c = a b^T with BF16 operands; c in `Out`, or added to FP32 (kMajor kMn). Maps of three
/// dimensions: k or columns, rows, groups.
template <int kTileM, int kTileN, Major kMajor, typename Out>
__global__ void __launch_bounds__((GemmSm90<kTileM, kTileN, kMajor, Out>::kThreads), 1)
    gemm_sm90(const __grid_constant__ TensorMap a, const __grid_constant__ TensorMap b,
              const __grid_constant__ TensorMap c,
              const __grid_constant__ GemmArguments arguments) {
  using Kernel = GemmSm90<kTileM, kTileN, kMajor, Out>;
  const typename Kernel::Shared shared(arguments.stages);
  if (threadIdx.x == 0) shared.init(1, 4 * Kernel::kConsumers);
  syncthreads();

  typename Kernel::Walk walk;
  GemmTile tile;
  RingPlace place;
  const int consumer = static_cast<int>(threadIdx.x) / kWarpgroup - 1;
  if (consumer < 0) {
    if constexpr (Kernel::kConsumers == 2) setmaxnreg_dec<Kernel::kProducerRegisters>();
    if (warp_id() != 0 || !elect()) return;
    while (walk.next(arguments, tile)) {
      for (int step = 0; step < tile.steps; ++step) {
        mbarrier_wait(shared.empty(place.stage), place.parity ^ 1);
        Kernel::load(shared, place.stage, a, b, tile, tile.k + step * Kernel::kTileK);
        place.advance(shared.stages);
      }
    }
    return;
  }

  if constexpr (Kernel::kConsumers == 2) setmaxnreg_inc<Kernel::kConsumerRegisters>();
  while (walk.next(arguments, tile)) {
    if (Kernel::kAdds && tile.steps == 0) continue;
    typename Kernel::Sums sums;
    // Padding only; tiles of two blocks are none of kContiguous.
    if (Kernel::kBlocks == 1 && tile.steps == 0) {
#pragma unroll
      for (int i = 0; i < kTileN / 2; ++i) sums[0][i] = 0;
    }
    Kernel::sum(shared, place, tile, consumer, sums);
    const int block = consumer * Kernel::kBlocks;
    const auto store = [&](const float(&values)[kTileN / 2], int of) {
      store_block<kTileN, Out, Kernel::kAdds>(
          values, {.buffer = shared.out(of), .row = of * 64, .barrier = 1 + consumer}, c, arguments,
          tile);
    };
    store(sums[0], block);
    // Written out: a loop that nvcc leaves rolled would index registers.
    if constexpr (Kernel::kBlocks == 2) store(sums[1], block + 1);
  }
  bulk_wait_read<0>();
}

/// Runs one width on the host's side; the plan must be of this tile.
template <int kTileM, int kTileN, Major kMajor, typename Out>
LaunchReport launch_gemm_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  using Kernel = GemmSm90<kTileM, kTileN, kMajor, Out>;
  return launch(gpu, &gemm_sm90<kTileM, kTileN, kMajor, Out>,
                {.kernel = "gemm_sm90",
                 .grid = {static_cast<u32>(plan.grid)},
                 .block = {Kernel::kThreads},
                 .shared_bytes = static_cast<u32>(plan.shared_bytes)},
                a_map(call, Element::kBf16, kTileM, kMajor),
                b_map(call, Element::kBf16, kTileN, kMajor), c_map<Out>(call, kTileN),
                arguments_of(call, plan));
}

}  // namespace windtunnel::device
