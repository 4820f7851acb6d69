// Attention on Ampere: a warp has 16 queries in registers, a block a tile of keys and values of
// which the next one comes by cp.async while the warps multiply.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/mla/rows.cuh"
#include "kernels/mla/softmax.cuh"
#include "kernels/mla/tiles_sm80.cuh"

namespace windtunnel::device {

template <int kQk, int kTileKeys, int kWarps>
struct ForwardSm80 {
  static constexpr int kThreads = kWarps * 32;
  static constexpr int kTileQueries = kWarps * 16;
  static constexpr int kStages = 2;
  using QkTile = TileSm80<kQk>;
  using ValueTile = TileSm80<kValueWidth>;
  static constexpr u32 kKeyBytes = QkTile::bytes(kTileKeys);
  static constexpr u32 kStageBytes = kKeyBytes + ValueTile::bytes(kTileKeys);
  static constexpr u32 kQueryBytes = QkTile::bytes(kTileQueries);
  static constexpr u32 kSharedBytes = kQueryBytes + kStages * kStageBytes;
  static_assert(kSharedBytes <= 166912, "more than an SM has");

  using Queries = u32[kQk / 16][4];
  using Scores = float[kTileKeys / 2];
  using Output = float[kValueWidth / 2];

  __device__ static QkTile keys(u32 base, int tile) {
    return {base + kQueryBytes + static_cast<u32>(tile % kStages) * kStageBytes};
  }
  __device__ static ValueTile values(u32 base, int tile) {
    return {keys(base, tile).base + kKeyBytes};
  }

  __device__ static void load_keys(u32 base, const bf16* k, const bf16* v, int heads,
                                   const QueryTile& part, int tile) {
    const int first = tile * kTileKeys;
    const std::int64_t line = (std::int64_t{part.sequence.offset} + first) * heads + part.head;
    const int left = part.sequence.length - first;
    keys(base, tile)
        .template load<kTileKeys, kThreads>(k + line * kQk, std::int64_t{heads} * kQk, left);
    values(base, tile)
        .template load<kTileKeys, kThreads>(v + line * kValueWidth,
                                            std::int64_t{heads} * kValueWidth, left);
  }

  __device__ static void multiply_keys(Scores& s, const Queries& q, const QkTile& k) {
#pragma unroll
    for (u32 step = 0; step < kQk / 16; ++step) {
#pragma unroll
      for (u32 pair = 0; pair < kTileKeys / 16; ++pair) {
        u32 b[4];
        k.b(b, pair * 16, step);
        multiply_pair(s, static_cast<int>(pair), q[step], b);
      }
    }
  }

  __device__ static void multiply_values(Output& o, const Scores& p, const ValueTile& v) {
    u32 a[kTileKeys / 16][4];
    pack_steps(p, a);
#pragma unroll
    for (u32 step = 0; step < kTileKeys / 16; ++step) {
#pragma unroll
      for (u32 pair = 0; pair < kValueWidth / 16; ++pair) {
        u32 b[4];
        v.b_transposed(b, step * 16, pair * 2);
        multiply_pair(o, static_cast<int>(pair), a[step], b);
      }
    }
  }

  /// Everything of the block's queries but their way out: `o` unnormalised.
  __device__ static void sum(u32 base, const bf16* q, const bf16* k, const bf16* v,
                             const ForwardArguments& all, const QueryTile& part, Output& o,
                             RunningRows& rows) {
    const std::int64_t line =
        (std::int64_t{part.sequence.offset} + part.query) * all.heads + part.head;
    QkTile{base}.template load<kTileQueries, kThreads>(
        q + line * kQk, std::int64_t{all.heads} * kQk, part.sequence.length - part.query);
    cp_async_commit();
    load_keys(base, k, v, all.heads, part, 0);
    cp_async_commit();
    cp_async_wait<1>();
    syncthreads();
    const int warp_query = warp_id() * 16;
    Queries own;
#pragma unroll
    for (u32 step = 0; step < kQk / 16; ++step) {
      QkTile{base}.a(own[step], static_cast<u32>(warp_query), step);
    }

    const ScoreMask mask{part.sequence.length, all.causal};
    const Cell2 cell = accumulator_cell(lane_id(), 0);
    const int tiles = (part.keys + kTileKeys - 1) / kTileKeys;
    for (int tile = 0; tile < tiles; ++tile) {
      cp_async_wait_all();
      // Everyone's part of this tile has come, and everyone has read the one before.
      syncthreads();
      if (tile + 1 < tiles) load_keys(base, k, v, all.heads, part, tile + 1);
      cp_async_commit();
      Scores s = {};
      multiply_keys(s, own, keys(base, tile));
      const int query = part.query + warp_query;
      if (!mask.all(query, (tile + 1) * kTileKeys)) {
        mask_scores(s, mask, query + cell.row, tile * kTileKeys + cell.column);
      }
      float factors[2];
      exponentials(s, all.scale, rows, factors);
      rescale(o, factors);
      multiply_values(o, s, values(base, tile));
    }
  }
};

/// o and lse; a grid of tiles of queries, heads and sequences.
template <int kQk, int kTileKeys, int kWarps>
__global__ void __launch_bounds__(kWarps * 32)
    attention_forward_sm80(const bf16* q, const bf16* k, const bf16* v,
                           ForwardArguments arguments) {
  using Kernel = ForwardSm80<kQk, kTileKeys, kWarps>;
  const QueryTile part = query_tile(arguments.offsets, arguments.causal, Kernel::kTileQueries);
  if (part.query >= part.sequence.length) return;
  typename Kernel::Output o = {};
  RunningRows rows;
  Kernel::sum(shared_base(), q, k, v, arguments, part, o, rows);

  const int first = part.query + warp_id() * 16;
  const int left = part.sequence.length - first;
  const int row = accumulator_cell(lane_id(), 0).row;
  const std::int64_t token = std::int64_t{part.sequence.offset} + first;
  sum_rows(rows);
  store_log_sums(rows, arguments.lse + std::int64_t{part.head} * arguments.tokens + token + row,
                 left - row);
  const float factors[2] = {reciprocal_approx(rows.sum[0]), reciprocal_approx(rows.sum[1])};
  rescale(o, factors);
  store_pairs(o, arguments.o + (token * arguments.heads + part.head) * kValueWidth,
              std::int64_t{arguments.heads} * kValueWidth, left);
}

/// Runs one width on the host's side; the call must be of it.
template <int kQk, int kTileKeys = 64, int kWarps = 8>
LaunchReport launch_attention_forward_sm80(Gpu& gpu, const AttentionCall& call) {
  using Kernel = ForwardSm80<kQk, kTileKeys, kWarps>;
  if (call.longest == 0) return {};
  const u32 tiles = static_cast<u32>((call.longest - 1) / Kernel::kTileQueries + 1);
  return launch(gpu, &attention_forward_sm80<kQk, kTileKeys, kWarps>,
                {.kernel = "attention_forward_sm80",
                 .grid = {tiles, static_cast<u32>(call.heads), static_cast<u32>(call.sequences)},
                 .block = {Kernel::kThreads},
                 .shared_bytes = Kernel::kSharedBytes},
                call.q, call.k, call.v, forward_arguments(call));
}

}  // namespace windtunnel::device
