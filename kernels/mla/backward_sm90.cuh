// Gradients of attention on Hopper: a block has 128 keys of a head, and walks over tiles of 64
// queries that one thread loads by TMA. Two warpgroups have 64 keys each: scores are multiplied
// transposed, so that probabilities and their gradients are operands of dv and dk where they lie,
// in registers. dq needs the keys of both; it is added to an FP32 sum in global memory by TMA.
#pragma once

#include "kernels/mla/backward_rows.cuh"
#include "kernels/mla/softmax.cuh"
#include "kernels/mla/tiles_sm90.cuh"

namespace windtunnel::device {

template <int kQk>
struct BackwardSm90 {
  static constexpr int kConsumers = 2;
  static constexpr int kTileKeys = kConsumers * kBlock;
  static constexpr int kTileQueries = kPaddedRows;
  static constexpr int kThreads = (1 + kConsumers) * kWarpgroupThreads;
  static constexpr int kStages = 2;
  static constexpr int kProducerRegisters = 24;
  static constexpr int kConsumerRegisters = 240;
  /// Named barriers: one of each warpgroup, and of both.
  static constexpr int kBoth = 3;
  static constexpr u32 kKeySpan = kTileKeys * kSpanRow;
  static constexpr u32 kQuerySpan = kTileQueries * kSpanRow;
  static constexpr u32 kKeyBytes = kQk / 64 * kKeySpan;
  static constexpr u32 kValueBytes = kValueWidth / 64 * kKeySpan;
  static constexpr u32 kQueryBytes = kQk / 64 * kQuerySpan;
  static constexpr u32 kGradientBytes = kValueWidth / 64 * kQuerySpan;
  static constexpr u32 kTileBytes = kQueryBytes + kGradientBytes;
  static constexpr u32 kScoreBytes = kTileKeys * kSpanRow;
  /// Boxes of 32 FP32 columns.
  static constexpr u32 kSumBytes = kQk / 32 * kQuerySpan;
  static constexpr u32 kRowBytes = kTileQueries * 4;
  static constexpr u32 kSharedBytes = kTileAlignment + kKeyBytes + kValueBytes +
                                      kStages * kTileBytes + kScoreBytes + kSumBytes +
                                      kStages * 2 * kRowBytes + 8 * (1 + 2 * kStages);
  static_assert(kSharedBytes <= 232448, "more than an SM has");

  /// A key's scores with 64 queries, and 16 of them a step of the products that follow.
  using Scores = float[kTileQueries / 2];
  using Steps = u32[kTileQueries / 16][4];
  using Keys = float[kQk / 2];
  using Values = float[kValueWidth / 2];

  struct Shared {
    u32 keys = aligned_shared_base();
    __device__ u32 values() const { return keys + kKeyBytes; }
    __device__ u32 queries(u32 stage) const { return values() + kValueBytes + stage * kTileBytes; }
    __device__ u32 gradients(u32 stage) const { return queries(stage) + kQueryBytes; }
    __device__ u32 scores() const { return queries(kStages); }
    __device__ u32 sums() const { return scores() + kScoreBytes; }
    __device__ u32 log_sums(u32 stage) const { return sums() + kSumBytes + stage * 2 * kRowBytes; }
    __device__ u32 deltas(u32 stage) const { return log_sums(stage) + kRowBytes; }
    __device__ u32 keys_full() const { return log_sums(kStages); }
    __device__ u32 full(u32 stage) const { return keys_full() + 8 + 16 * stage; }
    __device__ u32 empty(u32 stage) const { return full(stage) + 8; }

    __device__ void init() const {
      mbarrier_init(keys_full(), 1);
      for (u32 stage = 0; stage < kStages; ++stage) {
        mbarrier_init(full(stage), 1);
        mbarrier_init(empty(stage), 4 * kConsumers);
      }
      fence_mbarrier_init();
    }
  };

  /// The block's keys, and the tiles of queries that see any of them.
  struct Part {
    SequenceRows sequence;
    int head;
    int key;  ///< within the sequence
    int first_tile;
    int tiles;  ///< behind the last one
  };
  __device__ static Part part_of(const BackwardArguments& a) {
    Part part{sequence_rows(a.offsets), static_cast<int>(blockIdx.y), 0, 0, 0};
    part.key = static_cast<int>(blockIdx.x) * kTileKeys;
    part.first_tile = a.causal ? part.key / kTileQueries : 0;
    part.tiles = (part.sequence.length + kTileQueries - 1) / kTileQueries;
    return part;
  }

  template <u32 kWidth>
  __device__ static void load_tile(u32 to, u32 span, const TensorMap& map, u32 full, int head,
                                   int token) {
    for (u32 i = 0; i < kWidth / 64; ++i) {
      tma_load(to + i * span, map, full, {static_cast<int>(64 * i), head, token});
    }
  }

  struct Maps {
    const TensorMap& q;
    const TensorMap& k;
    const TensorMap& v;
    const TensorMap& dout;
  };
  /// One thread's work: all loads of a block.
  __device__ static void produce(const Shared& shared, const Maps& maps, const BackwardArguments& a,
                                 const Part& part) {
    const int offset = part.sequence.offset;
    mbarrier_arrive_expect_tx(shared.keys_full(), kKeyBytes + kValueBytes);
    load_tile<kQk>(shared.keys, kKeySpan, maps.k, shared.keys_full(), part.head, offset + part.key);
    load_tile<kValueWidth>(shared.values(), kKeySpan, maps.v, shared.keys_full(), part.head,
                           offset + part.key);
    const std::int64_t rows =
        std::int64_t{part.head} * a.padded + padded_row(offset, static_cast<int>(blockIdx.z));
    for (int tile = part.first_tile; tile < part.tiles; ++tile) {
      const u32 turn = static_cast<u32>(tile - part.first_tile);
      const u32 stage = turn % kStages;
      const int query = tile * kTileQueries;
      mbarrier_wait(shared.empty(stage), turn / kStages % 2 ^ 1);
      const u32 full = shared.full(stage);
      mbarrier_arrive_expect_tx(full, kTileBytes + 2 * kRowBytes);
      load_tile<kQk>(shared.queries(stage), kQuerySpan, maps.q, full, part.head, offset + query);
      load_tile<kValueWidth>(shared.gradients(stage), kQuerySpan, maps.dout, full, part.head,
                             offset + query);
      bulk_load(shared.log_sums(stage), a.log_sums + rows + query, kRowBytes, full);
      bulk_load(shared.deltas(stage), a.deltas + rows + query, kRowBytes, full);
    }
  }

  /// Issues own[64, kWidth] of keys or values times a tile of queries or gradients, transposed.
  template <u32 kWidth>
  __device__ static void multiply_rows(Scores& s, u32 own, u32 tile) {
#pragma unroll
    for (u32 i = 0; i < kWidth / 16; ++i) {
      wgmma_bf16<kTileQueries>(s, tile_descriptor(own + i / 4 * kKeySpan + i % 4 * 32),
                               tile_descriptor(tile + i / 4 * kQuerySpan + i % 4 * 32), i > 0);
    }
  }
  /// Issues sums += steps tile, over the tile's queries.
  template <int kWidth>
  __device__ static void add_queries(float (&sums)[kWidth / 2], const Steps& steps, u32 tile) {
#pragma unroll
    for (u32 i = 0; i < kTileQueries / 16; ++i) {
      wgmma_bf16_rs<kWidth, Major::kMn>(
          sums, steps[i], tile_descriptor(tile + i * 16 * kSpanRow, Swizzle::k128, kQuerySpan),
          true);
    }
  }
  /// Issues dq[64, kColumns] = ds^T keys over all keys of the block; `keys` is that of the first
  /// column.
  template <int kColumns>
  __device__ static void multiply_scores(float (&dq)[kColumns / 2], u32 scores, u32 keys) {
#pragma unroll
    for (u32 i = 0; i < kTileKeys / 16; ++i) {
      wgmma_bf16<kColumns, Major::kMn, Major::kMn>(
          dq, tile_descriptor(scores + i * 16 * kSpanRow, Swizzle::k128, kSpanRow),
          tile_descriptor(keys + i * 16 * kSpanRow, Swizzle::k128, kKeySpan), i > 0);
    }
  }

  /// Scores become probabilities, in BF16.
  __device__ static void probabilities(const Scores& s, float scale, u32 log_sums, Steps& p) {
    const u32 pairs = log_sums + static_cast<u32>(lane_id() % 4) * 8;
#pragma unroll
    for (int i = 0; i < kTileQueries / 2; i += 4) {
      const f32x2 sum = ld_shared<f32x2>(pairs + static_cast<u32>(i) * 8);
#pragma unroll
      for (int r = 0; r < 4; r += 2) {
        p[i / 8][(i + r) / 2 % 4] =
            pack_bf16(exp2_approx(multiply_add(s[i + r], scale, -sum.x)),
                      exp2_approx(multiply_add(s[i + r + 1], scale, -sum.y)));
      }
    }
  }
  /// ds = p (dp - delta), in BF16.
  __device__ static void score_gradients(const Steps& p, const Scores& dp, u32 deltas, Steps& ds) {
    const u32 pairs = deltas + static_cast<u32>(lane_id() % 4) * 8;
#pragma unroll
    for (int i = 0; i < kTileQueries / 2; i += 4) {
      const f32x2 delta = ld_shared<f32x2>(pairs + static_cast<u32>(i) * 8);
#pragma unroll
      for (int r = 0; r < 4; r += 2) {
        const f32x2 both = unpack_bf16(p[i / 8][(i + r) / 2 % 4]);
        ds[i / 8][(i + r) / 2 % 4] =
            pack_bf16(both.x * (dp[i + r] - delta.x), both.y * (dp[i + r + 1] - delta.y));
      }
    }
  }

  /// This warpgroup's ds to where both read it.
  __device__ static void share_scores(const Steps& ds, u32 scores) {
    const u32 lane = static_cast<u32>(lane_id());
    const u32 row = static_cast<u32>(warp_id() % 4) * 16 + lane % 16;
    const u32 at = scores + row * kSpanRow + lane / 16 * 16;
#pragma unroll
    for (u32 i = 0; i < kTileQueries / 16; ++i) {
      stmatrix(swizzled(at + i * 32, Swizzle::k128), ds[i]);
    }
  }

  /// Boxes of 32 columns of dq to shared memory.
  template <int kColumns>
  __device__ static void stage_sums(const float (&dq)[kColumns / 2], u32 boxes) {
    const u32 lane = static_cast<u32>(lane_id());
    const u32 row = static_cast<u32>(warp_id() % 4) * 16 + lane / 4;
#pragma unroll
    for (int i = 0; i < kColumns / 2; i += 2) {
      const u32 column = static_cast<u32>(i / 4 * 8) + lane % 4 * 2;
      const u32 at = boxes + column / 32 * kQuerySpan +
                     (row + static_cast<u32>(i / 2 % 2) * 8) * kSpanRow + column % 32 * 4;
      st_shared(swizzled(at, Swizzle::k128), f32x2{dq[i], dq[i + 1]});
    }
  }
  __device__ static void add_box(const TensorMap& map, const Shared& shared, u32 box, int head,
                                 int token) {
    tma_reduce_add(map, shared.sums() + box * kQuerySpan,
                   {static_cast<int>(32 * box), head, token});
  }

  /// kColumns of the tile's dq from column `column` to the sum in global memory. Waits for
  /// everything issued so far.
  template <int kColumns>
  __device__ static void add_dq(const Shared& shared, const TensorMap& map, u32 column, int barrier,
                                int head, int token, Keys& dk) {
    float dq[kColumns / 2];
    const u32 keys = shared.keys + column / 64 * kKeySpan + column % 64 * 2;
    wgmma_fence();
    multiply_scores<kColumns>(dq, shared.scores(), keys);
    wgmma_commit();
    wgmma_wait<0>(dq, dk);
    const u32 box = column / 32;
    const bool leads = threadIdx.x % kWarpgroupThreads == 0;
    // The boxes before have been read when their thread says so.
    if (leads) bulk_wait_read<0>();
    barrier_sync(barrier, kWarpgroupThreads);
    stage_sums<kColumns>(dq, shared.sums() + box * kQuerySpan);
    fence_proxy_async_shared();
    barrier_sync(barrier, kWarpgroupThreads);
    if (!leads) return;
#pragma unroll
    for (u32 i = 0; i < kColumns / 32; ++i) add_box(map, shared, box + i, head, token);
    bulk_commit();
  }

  /// All tiles of queries: dk, without the scale, and dv of 64 keys.
  __device__ static void consume(const Shared& shared, const TensorMap& dq, const Part& part,
                                 const BackwardArguments& a, u32 consumer, Keys& dk, Values& dv) {
    const u32 rows = consumer * kBlock * kSpanRow;
    const Cell2 cell = accumulator_cell(static_cast<int>(threadIdx.x) % kWarpgroupThreads, 0);
    const int own = part.key + static_cast<int>(consumer) * kBlock;
    const int barrier = static_cast<int>(consumer) + 1;
    mbarrier_wait(shared.keys_full(), 0);
    for (int tile = part.first_tile; tile < part.tiles; ++tile) {
      const u32 turn = static_cast<u32>(tile - part.first_tile);
      const u32 stage = turn % kStages;
      const int query = tile * kTileQueries;
      Scores s;
      Steps p;
      mbarrier_wait(shared.full(stage), turn / kStages % 2);
      wgmma_fence();
      multiply_rows<kQk>(s, shared.keys + rows, shared.queries(stage));
      wgmma_commit();
      wgmma_wait<0>(s);
      if (own + kBlock > part.sequence.length || (a.causal && own + kBlock > query + 1)) {
        mask_transposed(s, {part.sequence.length, a.causal}, own + cell.row, query + cell.column);
      }
      probabilities(s, a.scale, shared.log_sums(stage), p);

      Scores dp;
      Steps ds;
      wgmma_fence();
      multiply_rows<kValueWidth>(dp, shared.values() + rows, shared.gradients(stage));
      add_queries<kValueWidth>(dv, p, shared.gradients(stage));
      wgmma_commit();
      // Both at once: with dv in flight behind dp, ptxas finds no registers.
      wgmma_wait<0>(dp, dv);
      score_gradients(p, dp, shared.deltas(stage), ds);
      wgmma_fence();
      add_queries<kQk>(dk, ds, shared.queries(stage));
      wgmma_commit();
      // Both have multiplied what the last tile left there.
      barrier_sync(kBoth, 2 * kWarpgroupThreads);
      share_scores(ds, shared.scores() + rows);
      fence_proxy_async_shared();
      barrier_sync(kBoth, 2 * kWarpgroupThreads);
      const int token = part.sequence.offset + query;
      add_dq<64>(shared, dq, consumer * 64, barrier, part.head, token, dk);
      if (lane_id() == 0) mbarrier_arrive(shared.empty(stage));
      if constexpr (kQk == 192) {
        add_dq<32>(shared, dq, 128 + consumer * 32, barrier, part.head, token, dk);
      }
    }
  }
};

/// dk and dv, and dq added to its FP32 sum; a grid of tiles of keys, heads and sequences.
template <int kQk>
__global__ void __launch_bounds__((BackwardSm90<kQk>::kThreads), 1) attention_backward_sm90(
    const __grid_constant__ TensorMap q, const __grid_constant__ TensorMap k,
    const __grid_constant__ TensorMap v, const __grid_constant__ TensorMap dout,
    const __grid_constant__ TensorMap dq, const __grid_constant__ TensorMap dk,
    const __grid_constant__ TensorMap dv, const __grid_constant__ BackwardArguments arguments) {
  using Kernel = BackwardSm90<kQk>;
  const typename Kernel::Part part = Kernel::part_of(arguments);
  if (part.key >= part.sequence.length) return;
  const typename Kernel::Shared shared;
  if (threadIdx.x == 0) shared.init();
  syncthreads();

  const int warpgroup = static_cast<int>(threadIdx.x) / kWarpgroupThreads - 1;
  if (warpgroup < 0) {
    setmaxnreg_dec<Kernel::kProducerRegisters>();
    if (warp_id() == 0 && elect()) Kernel::produce(shared, {q, k, v, dout}, arguments, part);
    return;
  }
  setmaxnreg_inc<Kernel::kConsumerRegisters>();
  const u32 consumer = static_cast<u32>(warpgroup);
  typename Kernel::Keys keys = {};
  typename Kernel::Values values = {};
  Kernel::consume(shared, dq, part, arguments, consumer, keys, values);

  // Both have multiplied the keys, whose place the results take.
  barrier_sync(Kernel::kBoth, 2 * kWarpgroupThreads);
#pragma unroll
  for (float& sum : keys) sum *= arguments.gradient_scale;
  const int first = part.key + warpgroup * kBlock;
  const u32 rows = consumer * kBlock * kSpanRow;
  HeadRows to{arguments.dk, arguments.heads, part.head, part.sequence.offset + first,
              part.sequence.length - first};
  stage_rows<kQk>(keys, shared.keys + rows, Kernel::kKeySpan);
  stage_rows<kValueWidth>(values, shared.values() + rows, Kernel::kKeySpan);
  send_rows<kQk>(shared.keys + rows, Kernel::kKeySpan, warpgroup + 1, dk, to);
  to.all = arguments.dv;
  send_rows<kValueWidth>(shared.values() + rows, Kernel::kKeySpan, warpgroup + 1, dv, to);
  bulk_wait_read<0>();
}

/// Runs one width on the host's side; the call must be of it, and launch_attention_backward_pre()
/// before it.
template <int kQk>
LaunchReport launch_attention_backward_sm90(Gpu& gpu, const AttentionCall& call,
                                            const AttentionGradients& gradients) {
  using Kernel = BackwardSm90<kQk>;
  if (call.longest == 0) return {};
  const u32 tiles = static_cast<u32>((call.longest - 1) / Kernel::kTileKeys + 1);
  const auto map = [&](const bf16* base, int width, int rows) {
    return head_map(call, base, Element::kBf16, width, rows, 64);
  };
  return launch(gpu, &attention_backward_sm90<kQk>,
                {.kernel = "attention_backward_sm90",
                 .grid = {tiles, static_cast<u32>(call.heads), static_cast<u32>(call.sequences)},
                 .block = {Kernel::kThreads},
                 .shared_bytes = Kernel::kSharedBytes},
                map(call.q, kQk, Kernel::kTileQueries), map(call.k, kQk, Kernel::kTileKeys),
                map(call.v, kValueWidth, Kernel::kTileKeys),
                map(gradients.dout, kValueWidth, Kernel::kTileQueries),
                head_map(call, gradients.dq_sum, Element::kF32, kQk, Kernel::kTileQueries, 32),
                map(gradients.dk, kQk, kBlock), map(gradients.dv, kValueWidth, kBlock),
                backward_arguments(call, gradients));
}

}  // namespace windtunnel::device
