// Attention on Hopper: a block has 128 queries of a head. One thread loads them and tiles of keys
// and values by TMA; two warpgroups of 64 queries multiply, the scores of the next tile while the
// tensor core adds the last one's values.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/mla/rows.cuh"
#include "kernels/mla/softmax.cuh"
#include "kernels/mla/tiles_sm90.cuh"

namespace windtunnel::device {

template <int kQk, int kTileKeys>
struct ForwardSm90 {
  static constexpr int kConsumers = 2;
  static constexpr int kTileQueries = kConsumers * kBlock;
  static constexpr int kThreads = (1 + kConsumers) * kWarpgroupThreads;
  static constexpr int kStages = 2;
  static constexpr int kProducerRegisters = 40;
  static constexpr int kConsumerRegisters = 232;
  static constexpr u32 kQuerySpan = kTileQueries * kSpanRow;
  static constexpr u32 kKeySpan = kTileKeys * kSpanRow;
  static constexpr u32 kQueryBytes = kQk / 64 * kQuerySpan;
  static constexpr u32 kKeyBytes = kQk / 64 * kKeySpan;
  static constexpr u32 kValueBytes = kValueWidth / 64 * kKeySpan;
  static constexpr u32 kBarriers = 1 + 4 * kStages;
  static constexpr u32 kSharedBytes =
      kTileAlignment + kQueryBytes + kStages * (kKeyBytes + kValueBytes) + 8 * kBarriers;
  static_assert(kSharedBytes <= 232448, "more than an SM has");

  using Scores = float[kTileKeys / 2];
  using Output = float[kValueWidth / 2];
  using Probabilities = u32[kTileKeys / 16][4];

  /// Of a tile of keys: its stage, and the parity of its turn there.
  struct Turn {
    u32 stage;
    u32 parity;
    __device__ explicit Turn(int tile)
        : stage{static_cast<u32>(tile % kStages)}, parity{static_cast<u32>(tile / kStages % 2)} {}
  };

  struct Shared {
    u32 queries = aligned_shared_base();
    __device__ u32 keys(u32 stage) const { return queries + kQueryBytes + stage * kKeyBytes; }
    __device__ u32 values(u32 stage) const { return keys(kStages) + stage * kValueBytes; }
    __device__ u32 queries_full() const { return values(kStages); }
    __device__ u32 keys_full(u32 stage) const { return queries_full() + 8 + 32 * stage; }
    __device__ u32 keys_empty(u32 stage) const { return keys_full(stage) + 8; }
    __device__ u32 values_full(u32 stage) const { return keys_full(stage) + 16; }
    __device__ u32 values_empty(u32 stage) const { return keys_full(stage) + 24; }

    __device__ void init() const {
      mbarrier_init(queries_full(), 1);
      for (u32 stage = 0; stage < kStages; ++stage) {
        mbarrier_init(keys_full(stage), 1);
        mbarrier_init(keys_empty(stage), 4 * kConsumers);
        mbarrier_init(values_full(stage), 1);
        mbarrier_init(values_empty(stage), 4 * kConsumers);
      }
      fence_mbarrier_init();
    }
  };

  __device__ static int key_tiles(const QueryTile& part) {
    return (part.keys + kTileKeys - 1) / kTileKeys;
  }

  template <u32 kWidth>
  __device__ static void load_tile(u32 to, u32 span, const TensorMap& map, u32 full, int head,
                                   int token) {
    mbarrier_arrive_expect_tx(full, kWidth / 64 * span);
    for (u32 i = 0; i < kWidth / 64; ++i) {
      tma_load(to + i * span, map, full, {static_cast<int>(64 * i), head, token});
    }
  }

  /// One thread's work: all loads of a block.
  __device__ static void produce(const Shared& shared, const TensorMap& q, const TensorMap& k,
                                 const TensorMap& v, const QueryTile& part) {
    const int first = part.sequence.offset;
    load_tile<kQk>(shared.queries, kQuerySpan, q, shared.queries_full(), part.head,
                   first + part.query);
    for (int tile = 0; tile < key_tiles(part); ++tile) {
      const Turn turn(tile);
      const int token = first + tile * kTileKeys;
      mbarrier_wait(shared.keys_empty(turn.stage), turn.parity ^ 1);
      load_tile<kQk>(shared.keys(turn.stage), kKeySpan, k, shared.keys_full(turn.stage), part.head,
                     token);
      mbarrier_wait(shared.values_empty(turn.stage), turn.parity ^ 1);
      load_tile<kValueWidth>(shared.values(turn.stage), kKeySpan, v, shared.values_full(turn.stage),
                             part.head, token);
    }
  }

  /// Issues s = q k^T.
  __device__ static void multiply_keys(Scores& s, u32 queries, u32 keys) {
#pragma unroll
    for (u32 i = 0; i < kQk / 16; ++i) {
      wgmma_bf16<kTileKeys>(s, tile_descriptor(queries + i / 4 * kQuerySpan + i % 4 * 32),
                            tile_descriptor(keys + i / 4 * kKeySpan + i % 4 * 32), i > 0);
    }
  }

  /// Issues o += p v.
  __device__ static void multiply_values(Output& o, const Probabilities& p, u32 values) {
#pragma unroll
    for (u32 i = 0; i < kTileKeys / 16; ++i) {
      wgmma_bf16_rs<kValueWidth, Major::kMn>(
          o, p[i], tile_descriptor(values + i * 16 * kSpanRow, Swizzle::k128, kKeySpan), true);
    }
  }

  /// Everything of 64 queries but their way out: `o` unnormalised.
  __device__ static void consume(const Shared& shared, const QueryTile& part, const ScoreMask& mask,
                                 float scale, u32 consumer, Output& o, RunningRows& rows) {
    const u32 queries = shared.queries + consumer * kBlock * kSpanRow;
    const Cell2 cell = accumulator_cell(static_cast<int>(threadIdx.x) % kWarpgroupThreads, 0);
    const int first_query = part.query + static_cast<int>(consumer) * kBlock;
    const int tiles = key_tiles(part);
    const bool leads = lane_id() == 0;
    Scores s;
    Probabilities p;
    float factors[2];
    const auto soften = [&](int tile) {
      if (!mask.all(first_query, (tile + 1) * kTileKeys)) {
        mask_scores(s, mask, first_query + cell.row, tile * kTileKeys + cell.column);
      }
      exponentials(s, scale, rows, factors);
    };

    mbarrier_wait(shared.queries_full(), 0);
    mbarrier_wait(shared.keys_full(0), 0);
    wgmma_fence();
    multiply_keys(s, queries, shared.keys(0));
    wgmma_commit();
    wgmma_wait<0>(s);
    if (leads) mbarrier_arrive(shared.keys_empty(0));
    soften(0);
    pack_steps(s, p);
    for (int tile = 1; tile < tiles; ++tile) {
      const Turn turn(tile);
      const Turn before(tile - 1);
      mbarrier_wait(shared.keys_full(turn.stage), turn.parity);
      wgmma_fence();
      multiply_keys(s, queries, shared.keys(turn.stage));
      wgmma_commit();
      mbarrier_wait(shared.values_full(before.stage), before.parity);
      wgmma_fence();
      multiply_values(o, p, shared.values(before.stage));
      wgmma_commit();
      wgmma_wait<1>(s);
      if (leads) mbarrier_arrive(shared.keys_empty(turn.stage));
      soften(tile);
      wgmma_wait<0>(o);
      if (leads) mbarrier_arrive(shared.values_empty(before.stage));
      rescale(o, factors);
      pack_steps(s, p);
    }
    const Turn last(tiles - 1);
    mbarrier_wait(shared.values_full(last.stage), last.parity);
    wgmma_fence();
    multiply_values(o, p, shared.values(last.stage));
    wgmma_commit();
    wgmma_wait<0>(o);
    if (leads) mbarrier_arrive(shared.values_empty(last.stage));
  }

  /// o and lse of 64 queries; the queries' own place in shared memory is free by now.
  __device__ static void finish(const Shared& shared, const QueryTile& part,
                                const ForwardArguments& a, const TensorMap& map, u32 consumer,
                                Output& o, RunningRows& rows) {
    const int block = static_cast<int>(consumer) * kBlock;
    const int first = part.query + block;
    const int left = part.sequence.length - first;
    sum_rows(rows);
    const int row = accumulator_cell(static_cast<int>(threadIdx.x) % kWarpgroupThreads, 0).row;
    const std::int64_t line = std::int64_t{part.head} * a.tokens + part.sequence.offset + first;
    store_log_sums(rows, a.lse + line + row, left - row);
    const float factors[2] = {reciprocal_approx(rows.sum[0]), reciprocal_approx(rows.sum[1])};
    rescale(o, factors);
    const u32 buffer = shared.queries + consumer * kBlock * kSpanRow;
    const int barrier = static_cast<int>(consumer) + 1;
    // All warps have multiplied what lay there.
    barrier_sync(barrier, kWarpgroupThreads);
    stage_rows<kValueWidth>(o, buffer, kQuerySpan);
    send_rows<kValueWidth>(buffer, kQuerySpan, barrier, map,
                           {a.o, a.heads, part.head, part.sequence.offset + first, left});
  }
};

/// o and lse; a grid of tiles of queries, heads and sequences.
template <int kQk, int kTileKeys>
__global__ void __launch_bounds__((ForwardSm90<kQk, kTileKeys>::kThreads), 1)
    attention_forward_sm90(const __grid_constant__ TensorMap q, const __grid_constant__ TensorMap k,
                           const __grid_constant__ TensorMap v, const __grid_constant__ TensorMap o,
                           const __grid_constant__ ForwardArguments arguments) {
  using Kernel = ForwardSm90<kQk, kTileKeys>;
  const QueryTile part = query_tile(arguments.offsets, arguments.causal, Kernel::kTileQueries);
  if (part.query >= part.sequence.length) return;
  const typename Kernel::Shared shared;
  if (threadIdx.x == 0) shared.init();
  syncthreads();

  const int consumer = static_cast<int>(threadIdx.x) / kWarpgroupThreads - 1;
  if (consumer < 0) {
    setmaxnreg_dec<Kernel::kProducerRegisters>();
    if (warp_id() == 0 && elect()) Kernel::produce(shared, q, k, v, part);
    return;
  }
  setmaxnreg_inc<Kernel::kConsumerRegisters>();
  typename Kernel::Output sums = {};
  RunningRows rows;
  const ScoreMask mask{part.sequence.length, arguments.causal};
  Kernel::consume(shared, part, mask, arguments.scale, static_cast<u32>(consumer), sums, rows);
  Kernel::finish(shared, part, arguments, o, static_cast<u32>(consumer), sums, rows);
  bulk_wait_read<0>();
}

/// Runs one width on the host's side; the call must be of it.
template <int kQk, int kTileKeys = 128>
LaunchReport launch_attention_forward_sm90(Gpu& gpu, const AttentionCall& call) {
  using Kernel = ForwardSm90<kQk, kTileKeys>;
  if (call.longest == 0) return {};
  const u32 tiles = static_cast<u32>((call.longest - 1) / Kernel::kTileQueries + 1);
  return launch(gpu, &attention_forward_sm90<kQk, kTileKeys>,
                {.kernel = "attention_forward_sm90",
                 .grid = {tiles, static_cast<u32>(call.heads), static_cast<u32>(call.sequences)},
                 .block = {Kernel::kThreads},
                 .shared_bytes = Kernel::kSharedBytes},
                head_map(call, call.q, Element::kBf16, kQk, Kernel::kTileQueries, 64),
                head_map(call, call.k, Element::kBf16, kQk, kTileKeys, 64),
                head_map(call, call.v, Element::kBf16, kValueWidth, kTileKeys, 64),
                head_map(call, call.o, Element::kBf16, kValueWidth, kBlock, 64),
                forward_arguments(call));
}

}  // namespace windtunnel::device
