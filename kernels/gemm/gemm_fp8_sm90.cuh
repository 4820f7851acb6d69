// FP8 products on Hopper. The tensor cores keep some 14 bits of a sum of e4m3, so each 128 of k is
// summed by four wgmma into a partial sum, which then goes times both scales into an FP32 sum; the
// two consumers take turns at the tensor cores and at that.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/gemm/call.h"
#include "kernels/gemm/ring_sm90.cuh"

namespace windtunnel::device {

/// kRowScales: b has a scale for each row, as a has (weight gradients, added to FP32).
template <int kTileM, int kTileN, bool kRowScales, typename Out>
struct GemmFp8Sm90 {
  static constexpr int kConsumers = kTileM / 64;
  static constexpr int kThreads = (1 + kConsumers) * kWarpgroup;
  static constexpr int kTileK = 128;
  // Of a thread beside two consumers; scales take addresses of rows.
  static constexpr int kProducerRegisters = 88;
  static constexpr int kConsumerRegisters = 208;
  static constexpr int kScales = kTileM + (kRowScales ? kTileN : 0);
  static_assert(kConsumers == 1 || kConsumers == 2);

  using Shared = SharedSm90<kTileM, kTileN, kScales>;
  using Walk = TileWalk<kTileM, kTileN, kTileK>;
  using Sums = float[kTileN / 2];

  /// Scales lie [row][block of k]: a warp fetches a stage's column of them, zeros beyond the rows.
  __device__ static void load_scales(u32 to, const float* from, std::int64_t first, int rows,
                                     int count, int pitch, int block) {
#pragma unroll 1
    for (int row = lane_id(); row < count; row += 32) {
      const bool inside = row < rows;
      const float* at = inside ? from + (first + row) * pitch + block : from;
      cp_async<4>(to + static_cast<u32>(row) * 4, at, inside ? 4 : 0);
    }
  }

  __device__ static void load_stage_scales(const Shared& shared, int stage, const GemmArguments& a,
                                           const GemmTile& tile, int block) {
    const int pitch = static_cast<int>(tiles_for(a.k, kTileK));
    load_scales(shared.scales(stage), a.a_scales, std::int64_t{tile.a_group} * a.m + tile.row,
                tile.rows, kTileM, pitch, block);
    if constexpr (kRowScales) {
      load_scales(shared.scales(stage) + kTileM * 4, a.b_scales, tile.column, a.n - tile.column,
                  kTileN, pitch, block);
    }
    cp_async_mbarrier_arrive_noinc(shared.full(stage));
  }

  /// Scales of weights: those of the tile's first column, and from column `second` on the next.
  struct WeightScales {
    const float* at;
    int pitch;
    int second;
    bool has_second;

    __device__ WeightScales(const GemmArguments& a, const GemmTile& tile)
        : at{nullptr},
          pitch{static_cast<int>(tiles_for(a.k, kTileK))},
          second{128 - tile.column % 128},
          has_second{tile.column + second < a.n} {
      const std::int64_t row = tile.b_group * tiles_for(a.n, 128) + tile.column / 128;
      at = a.b_scales + row * pitch;
    }
    __device__ f32x2 load(int block) const {
      const float first = ld_global_nc<float>(at + block);
      if constexpr (128 % kTileN == 0) return {first, first};
      return {first, has_second ? ld_global_nc<float>(at + pitch + block) : 0};
    }
  };

  /// sums += partial sums times the scales of their rows and of their columns.
  __device__ static void promote(Sums& sums, const Sums& partial, f32x2 a, f32x2 b, int second,
                                 u32 column_scales) {
    const float near[2] = {a.x * b.x, a.y * b.x};
    const float far[2] = {a.x * b.y, a.y * b.y};
#pragma unroll
    for (int i = 0; i < kTileN / 2; i += 4) {
      if constexpr (kRowScales) {
        const u32 column = static_cast<u32>(i * 2 + lane_id() % 4 * 2);
        const f32x2 columns = ld_shared<f32x2>(column_scales + column * 4);
        sums[i] = multiply_add(partial[i], a.x * columns.x, sums[i]);
        sums[i + 1] = multiply_add(partial[i + 1], a.x * columns.y, sums[i + 1]);
        sums[i + 2] = multiply_add(partial[i + 2], a.y * columns.x, sums[i + 2]);
        sums[i + 3] = multiply_add(partial[i + 3], a.y * columns.y, sums[i + 3]);
      } else {
        const bool is_far = 128 % kTileN != 0 && i * 2 >= second;
        const float upper = is_far ? far[0] : near[0];
        const float lower = is_far ? far[1] : near[1];
        sums[i] = multiply_add(partial[i], upper, sums[i]);
        sums[i + 1] = multiply_add(partial[i + 1], upper, sums[i + 1]);
        sums[i + 2] = multiply_add(partial[i + 2], lower, sums[i + 2]);
        sums[i + 3] = multiply_add(partial[i + 3], lower, sums[i + 3]);
      }
    }
  }

  /// All products of a tile.
  __device__ static void sum(const Shared& shared, RingPlace& place, const GemmArguments& a,
                             const GemmTile& tile, int consumer, Sums& sums) {
    const u32 row = static_cast<u32>(consumer * 64 + warp_id() % 4 * 16 + lane_id() / 4);
    const WeightScales weights(a, tile);
    for (int step = 0; step < tile.steps; ++step) {
      f32x2 b_scales{0, 0};
      if constexpr (!kRowScales) b_scales = weights.load(step);
      mbarrier_wait(shared.full(place.stage), place.parity);
      Sums partial;
      const u32 a_tile = shared.a(place.stage) + static_cast<u32>(consumer) * 64 * kStageRow;
      wgmma_fence();
#pragma unroll
      for (u32 i = 0; i < kTileK / 32; ++i) {
        wgmma_e4m3<kTileN>(partial, tile_descriptor(a_tile + i * 32),
                           tile_descriptor(shared.b(place.stage) + i * 32), i > 0);
      }
      wgmma_commit();
      const u32 scales = shared.scales(place.stage);
      const f32x2 a_scales{ld_shared<float>(scales + row * 4),
                           ld_shared<float>(scales + (row + 8) * 4)};
      wgmma_wait<0>(partial);
      if constexpr (!kRowScales) release(shared, place.stage);
      promote(sums, partial, a_scales, b_scales, weights.second, scales + kTileM * 4);
      if constexpr (kRowScales) release(shared, place.stage);
      place.advance(shared.stages);
    }
  }

  /// A warp is done with a stage when all its lanes have read their scales.
  __device__ static void release(const Shared& shared, int stage) {
    syncwarp();
    if (lane_id() == 0) mbarrier_arrive(shared.empty(stage));
  }
};

/// c = a b^T with e4m3 operands and scales; maps as gemm_sm90's.
template <int kTileM, int kTileN, bool kRowScales, typename Out>
__global__ void __launch_bounds__((GemmFp8Sm90<kTileM, kTileN, kRowScales, Out>::kThreads), 1)
    gemm_fp8_sm90(const __grid_constant__ TensorMap a, const __grid_constant__ TensorMap b,
                  const __grid_constant__ TensorMap c,
                  const __grid_constant__ GemmArguments arguments) {
  using Kernel = GemmFp8Sm90<kTileM, kTileN, kRowScales, Out>;
  const typename Kernel::Shared shared(arguments.stages);
  if (threadIdx.x == 0) shared.init(1 + 32, 4 * Kernel::kConsumers);
  syncthreads();

  typename Kernel::Walk walk;
  GemmTile tile;
  RingPlace place;
  const int consumer = static_cast<int>(threadIdx.x) / kWarpgroup - 1;
  if (consumer < 0) {
    if constexpr (Kernel::kConsumers == 2) setmaxnreg_dec<Kernel::kProducerRegisters>();
    const bool loads_scales = warp_id() == 1;
    if (warp_id() > 1 || (!loads_scales && !elect())) return;
    while (walk.next(arguments, tile)) {
      for (int step = 0; step < tile.steps; ++step) {
        mbarrier_wait(shared.empty(place.stage), place.parity ^ 1);
        const int k = tile.k + step * Kernel::kTileK;
        const u32 full = shared.full(place.stage);
        if (loads_scales) {
          Kernel::load_stage_scales(shared, place.stage, arguments, tile, k / Kernel::kTileK);
        } else {
          mbarrier_arrive_expect_tx(full, Kernel::Shared::kOperands);
          tma_load(shared.a(place.stage), a, full, {k, tile.row, tile.a_group});
          tma_load(shared.b(place.stage), b, full, {k, tile.column, tile.b_group});
        }
        place.advance(shared.stages);
      }
    }
    return;
  }

  if constexpr (Kernel::kConsumers == 2) setmaxnreg_inc<Kernel::kConsumerRegisters>();
  while (walk.next(arguments, tile)) {
    if (kRowScales && tile.steps == 0) continue;
    float sums[kTileN / 2] = {};
    Kernel::sum(shared, place, arguments, tile, consumer, sums);
    store_block<kTileN, Out, kRowScales>(
        sums, {.buffer = shared.out(consumer), .row = consumer * 64, .barrier = 1 + consumer}, c,
        arguments, tile);
  }
  bulk_wait_read<0>();
}

/// Runs one width on the host's side; the plan must be of this tile.
template <int kTileM, int kTileN, bool kRowScales, typename Out>
LaunchReport launch_gemm_fp8_sm90(Gpu& gpu, const GemmPlan& plan, const GemmCall& call) {
  using Kernel = GemmFp8Sm90<kTileM, kTileN, kRowScales, Out>;
  return launch(gpu, &gemm_fp8_sm90<kTileM, kTileN, kRowScales, Out>,
                {.kernel = "gemm_fp8_sm90",
                 .grid = {static_cast<u32>(plan.grid)},
                 .block = {Kernel::kThreads},
                 .shared_bytes = static_cast<u32>(plan.shared_bytes)},
                a_map(call, Element::kE4m3, kTileM, Major::kK),
                b_map(call, Element::kE4m3, kTileN, Major::kK), c_map<Out>(call, kTileN),
                arguments_of(call, plan));
}

}  // namespace windtunnel::device
