// Gradients of attention on Ampere: a block has a tile of keys of a head, and walks over tiles of
// as many queries, of which the next one comes by cp.async. Probabilities and their gradients go
// through shared memory, so that warps share the products as it suits each; dq is added to an FP32
// sum in global memory.
#pragma once

#include "kernels/mla/backward_rows.cuh"
#include "kernels/mla/softmax.cuh"
#include "kernels/mla/tiles_sm80.cuh"

namespace windtunnel::device {

template <int kQk, int kTile>
struct BackwardSm80 {
  /// Warps of 16 rows of a product, two beside each other.
  static constexpr int kRowWarps = kTile / 16;
  static constexpr int kThreads = kRowWarps * 2 * 32;
  static constexpr int kStages = 2;
  static_assert(kPaddedRows % kTile == 0);
  using QkTile = TileSm80<kQk>;
  using ValueTile = TileSm80<kValueWidth>;
  using ScoreTile = TileSm80<64>;
  static constexpr u32 kQkBytes = QkTile::bytes(kTile);
  static constexpr u32 kStageBytes = kQkBytes + ValueTile::bytes(kTile);
  static constexpr u32 kScoreBytes = ScoreTile::bytes(kTile);
  static constexpr u32 kSharedBytes = (1 + kStages) * kStageBytes + 2 * kScoreBytes;
  static_assert(kSharedBytes <= 166912, "more than an SM has");

  using Scores = float[kTile / 4];
  using Keys = float[kQk / 4];
  using Values = float[kValueWidth / 4];

  /// Operands of 16-bit rows: keys and values of the block, or queries and gradients of a tile.
  struct Rows {
    QkTile qk;
    ValueTile v;
  };
  __device__ static Rows own(u32 base) { return {{base}, {base + kQkBytes}}; }
  __device__ static Rows tile_rows(u32 base, int tile) {
    return own(base + (1 + static_cast<u32>(tile % kStages)) * kStageBytes);
  }
  __device__ static ScoreTile probabilities(u32 base) {
    return {base + (1 + kStages) * kStageBytes};
  }
  __device__ static ScoreTile gradients(u32 base) {
    return {probabilities(base).base + kScoreBytes};
  }

  __device__ static u32 warp_row() { return static_cast<u32>(warp_id() % kRowWarps * 16); }
  __device__ static u32 warp_side() { return static_cast<u32>(warp_id() / kRowWarps); }

  struct Part {
    SequenceRows sequence;
    int heads;
    int head;
    int key;  ///< within the sequence
  };

  __device__ static void load(const Rows& to, const bf16* qk, const bf16* v, const Part& part,
                              int first) {
    const std::int64_t line = (std::int64_t{part.sequence.offset} + first) * part.heads + part.head;
    const int left = part.sequence.length - first;
    to.qk.template load<kTile, kThreads>(qk + line * kQk, std::int64_t{part.heads} * kQk, left);
    to.v.template load<kTile, kThreads>(v + line * kValueWidth,
                                        std::int64_t{part.heads} * kValueWidth, left);
  }

  /// s = a b^T of a warp's rows of a and half of b's.
  template <int kWidth>
  __device__ static void multiply_rows(Scores& s, const TileSm80<kWidth>& a,
                                       const TileSm80<kWidth>& b) {
    const u32 column = warp_side() * (kTile / 2);
#pragma unroll
    for (u32 step = 0; step < kWidth / 16; ++step) {
      u32 rows[4];
      a.a(rows, warp_row(), step);
#pragma unroll
      for (u32 pair = 0; pair < kTile / 32; ++pair) {
        u32 columns[4];
        b.b(columns, column + pair * 16, step);
        multiply_pair(s, static_cast<int>(pair), rows, columns);
      }
    }
  }

  /// sums += a b of a warp's rows of a (kTransposed: columns) and half of b's columns.
  template <bool kTransposed, int kWidth>
  __device__ static void multiply_columns(float (&sums)[kWidth / 4], const ScoreTile& a,
                                          const TileSm80<kWidth>& b) {
    const u32 chunk = warp_side() * (kWidth / 16);
#pragma unroll
    for (u32 step = 0; step < kTile / 16; ++step) {
      u32 rows[4];
      if constexpr (kTransposed) {
        a.a_transposed(rows, step * 16, warp_row() / 8);
      } else {
        a.a(rows, warp_row(), step);
      }
#pragma unroll
      for (u32 pair = 0; pair < kWidth / 32; ++pair) {
        u32 columns[4];
        b.b_transposed(columns, step * 16, chunk + pair * 2);
        multiply_pair(sums, static_cast<int>(pair), rows, columns);
      }
    }
  }

  /// A warp's part of a tile of scores, as BF16.
  __device__ static void stage(const Scores& s, const ScoreTile& to) {
#pragma unroll
    for (int i = 0; i < kTile / 4; i += 2) {
      const Cell2 cell = accumulator_cell(lane_id(), i);
      const u32 column = warp_side() * (kTile / 2) + static_cast<u32>(cell.column);
      st_shared(to.at(warp_row() + static_cast<u32>(cell.row), column / 8) + column % 8 * 2,
                pack_bf16(s[i], s[i + 1]));
    }
  }

  /// Probabilities and score gradients of a tile of queries, to shared memory. `rows` is that of
  /// the warp's first query in log_sums and deltas.
  __device__ static void scores(u32 base, const Rows& tile, const BackwardArguments& a,
                                const Part& part, int query, std::int64_t rows) {
    const Cell2 cell = accumulator_cell(lane_id(), 0);
    float log_sums[2];
    float deltas[2];
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      log_sums[r] = ld_global_nc<float>(a.log_sums + rows + cell.row + 8 * r);
      deltas[r] = ld_global_nc<float>(a.deltas + rows + cell.row + 8 * r);
    }
    Scores s = {};
    Scores dp = {};
    multiply_rows(s, tile.qk, own(base).qk);
    multiply_rows(dp, tile.v, own(base).v);
    const ScoreMask mask{part.sequence.length, a.causal};
    if (!mask.all(query, part.key + kTile)) {
      mask_scores(s, mask, query + static_cast<int>(warp_row()) + cell.row,
                  part.key + static_cast<int>(warp_side()) * (kTile / 2) + cell.column);
    }
#pragma unroll
    for (int i = 0; i < kTile / 4; ++i) {
      s[i] = exp2_approx(multiply_add(s[i], a.scale, -log_sums[i / 2 % 2]));
      dp[i] = s[i] * (dp[i] - deltas[i / 2 % 2]);
    }
    stage(s, probabilities(base));
    stage(dp, gradients(base));
  }

  /// A warp's part of a tile's dq, to the queries that exist; `to` is that of the tile's first
  /// query.
  __device__ static void add_dq(u32 base, float* to, int heads, int left) {
    Keys dq = {};
    multiply_columns<false>(dq, gradients(base), own(base).qk);
#pragma unroll
    for (int i = 0; i < kQk / 4; ++i) {
      const Cell2 cell = accumulator_cell(lane_id(), i);
      const int row = static_cast<int>(warp_row()) + cell.row;
      const int column = static_cast<int>(warp_side()) * (kQk / 2) + cell.column;
      if (row < left) {
        red_add<Order::kRelaxed, Scope::kGpu>(to + std::int64_t{row} * heads * kQk + column, dq[i]);
      }
    }
  }

  /// All tiles of queries: dk, without the scale, and dv of the warp's keys.
  __device__ static void sum(u32 base, const bf16* q, const bf16* dout, const BackwardArguments& a,
                             const Part& part, Keys& dk, Values& dv) {
    const std::int64_t padded = std::int64_t{part.head} * a.padded +
                                padded_row(part.sequence.offset, static_cast<int>(blockIdx.z));
    const int first = a.causal ? part.key / kTile : 0;
    const int tiles = (part.sequence.length + kTile - 1) / kTile;
    load(tile_rows(base, first), q, dout, part, first * kTile);
    for (int tile = first; tile < tiles; ++tile) {
      cp_async_wait_all();
      // Everyone's part of this tile has come, and everyone is done with the one before.
      syncthreads();
      if (tile + 1 < tiles) {
        load(tile_rows(base, tile + 1), q, dout, part, (tile + 1) * kTile);
      }
      const Rows rows = tile_rows(base, tile);
      const int query = tile * kTile;
      scores(base, rows, a, part, query, padded + query + warp_row());
      syncthreads();
      multiply_columns<true>(dv, probabilities(base), rows.v);
      multiply_columns<true>(dk, gradients(base), rows.qk);
      const std::int64_t line = (std::int64_t{part.sequence.offset} + query) * a.heads + part.head;
      add_dq(base, a.dq_sum + line * kQk, a.heads, part.sequence.length - query);
    }
  }
};

/// dk and dv, and dq added to its FP32 sum; a grid of tiles of keys, heads and sequences.
template <int kQk, int kTile>
__global__ void __launch_bounds__((BackwardSm80<kQk, kTile>::kThreads), 1)
    attention_backward_sm80(const bf16* q, const bf16* k, const bf16* v, const bf16* dout,
                            const __grid_constant__ BackwardArguments arguments) {
  using Kernel = BackwardSm80<kQk, kTile>;
  const typename Kernel::Part part{sequence_rows(arguments.offsets), arguments.heads,
                                   static_cast<int>(blockIdx.y),
                                   static_cast<int>(blockIdx.x) * kTile};
  if (part.key >= part.sequence.length) return;
  const u32 base = shared_base();
  Kernel::load(Kernel::own(base), k, v, part, part.key);
  typename Kernel::Keys keys = {};
  typename Kernel::Values values = {};
  Kernel::sum(base, q, dout, arguments, part, keys, values);

#pragma unroll
  for (float& sum : keys) sum *= arguments.gradient_scale;
  const int first = part.key + static_cast<int>(Kernel::warp_row());
  const int side = static_cast<int>(Kernel::warp_side());
  const int left = part.sequence.length - first;
  const std::int64_t line = (std::int64_t{part.sequence.offset} + first) * part.heads + part.head;
  store_pairs(keys, arguments.dk + line * kQk + side * (kQk / 2), std::int64_t{part.heads} * kQk,
              left);
  store_pairs(values, arguments.dv + line * kValueWidth + side * (kValueWidth / 2),
              std::int64_t{part.heads} * kValueWidth, left);
}

/// Runs one width on the host's side; the call must be of it, and launch_attention_backward_pre()
/// before it.
template <int kQk, int kTile = 64>
LaunchReport launch_attention_backward_sm80(Gpu& gpu, const AttentionCall& call,
                                            const AttentionGradients& gradients) {
  using Kernel = BackwardSm80<kQk, kTile>;
  if (call.longest == 0) return {};
  const u32 tiles = static_cast<u32>((call.longest - 1) / kTile + 1);
  return launch(gpu, &attention_backward_sm80<kQk, kTile>,
                {.kernel = "attention_backward_sm80",
                 .grid = {tiles, static_cast<u32>(call.heads), static_cast<u32>(call.sequences)},
                 .block = {Kernel::kThreads},
                 .shared_bytes = Kernel::kSharedBytes},
                call.q, call.k, call.v, gradients.dout, backward_arguments(call, gradients));
}

}  // namespace windtunnel::device
