// MLA decoding on Hopper. A block has 64 rows (queries x heads) of a request and walks its pages:
// one thread loads them by TMA; one warpgroup computes scores, softmax and the left half of the
// values' columns, a second one the right half from the P that the first leaves in shared memory.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/gemm/call.h"
#include "kernels/mla/decode_rows.cuh"

namespace windtunnel::device {

struct DecodeSm90 {
  static constexpr int kThreads = 3 * kWarpgroup;
  static constexpr int kStages = 2;
  static constexpr int kProducerRegisters = 40;
  static constexpr int kConsumerRegisters = 232;
  /// Registers that a launch gives a thread, in eights; setmaxnreg only moves them.
  static constexpr int kLaunchRegisters = 65536 / kThreads / 8 * 8;
  static_assert(kProducerRegisters + 2 * kConsumerRegisters <= 3 * kLaunchRegisters);
  /// 64 rows or keys by 64 channels, 128 bytes a row: what TMA loads at a time.
  static constexpr u32 kSpan = kPageTokens * kStageRow;
  static constexpr u32 kSpans = kDecodeWidth / 64;
  static constexpr u32 kPage = kSpans * kSpan;
  static constexpr int kHalf = kDecodeLatent / 2;
  static constexpr u32 kShared =
      kSwizzleAlignment + (1 + kStages) * kPage + kSpan + 4 * kDecodeTileRows + 16 * (1 + kStages);
  static_assert(kShared <= kH100Limits.shared_bytes);
  // Named barriers between the two warpgroups that multiply.
  static constexpr int kFree = 1;
  static constexpr int kReady = 2;
  static constexpr int kBoth = 2 * kWarpgroup;

  using Scores = float[kPageTokens / 2];
  using Output = float[kHalf / 2];

  struct Shared {
    u32 base;

    __device__ Shared()
        : base{(shared_base() + kSwizzleAlignment - 1) & ~(u32{kSwizzleAlignment} - 1)} {}
    __device__ u32 q() const { return base; }
    __device__ u32 page(int stage) const { return base + (1 + static_cast<u32>(stage)) * kPage; }
    __device__ u32 p() const { return page(kStages); }
    /// What a row's output must be multiplied with.
    __device__ u32 factor(int row) const { return p() + kSpan + 4 * static_cast<u32>(row); }
    __device__ u32 full(int stage) const {
      return factor(kDecodeTileRows) + 16 * static_cast<u32>(stage);
    }
    __device__ u32 empty(int stage) const { return full(stage) + 8; }
    __device__ u32 q_full() const { return full(kStages); }
    __device__ u32 q_empty() const { return empty(kStages); }

    /// By one thread; `producers` arrivals fill a stage.
    __device__ void init(u32 producers) const {
      for (int stage = 0; stage < kStages; ++stage) {
        mbarrier_init(full(stage), producers);
        mbarrier_init(empty(stage), 8);
      }
      mbarrier_init(q_full(), 1);
      mbarrier_init(q_empty(), 4);
      fence_mbarrier_init();
    }
  };

  /// By one thread.
  __device__ static void load_q(const Shared& shared, const TensorMap& q, const DecodeWork& work,
                                u32 parity) {
    mbarrier_wait(shared.q_empty(), parity);
    mbarrier_arrive_expect_tx(shared.q_full(), kPage);
    for (u32 i = 0; i < kSpans; ++i) {
      tma_load(shared.q() + i * kSpan, q, shared.q_full(),
               {static_cast<int>(i) * 64, work.first_row, work.piece.request});
    }
  }

  /// By one thread. The last page is moved up so that its tokens end at the bottom of the stage:
  /// what lies above is outside the map, zero, and what lies behind them is never read.
  __device__ static void load(const Shared& shared, const TensorMap& q, const TensorMap& cache,
                              const DecodeArguments& a) {
    DecodeWalk walk(a);
    DecodeWork work;
    RingPlace place;
    u32 q_parity = 1;
    while (walk.next(a, work)) {
      if (work.piece.pages == 0) continue;
      load_q(shared, q, work, q_parity);
      q_parity ^= 1;
      for (int i = 0; i < work.piece.pages; ++i) {
        const int index = work.piece.first_page + i;
        const int page = page_at(a, work, index);
        const int tokens = tokens_of(work, index);
        const u32 full = shared.full(place.stage);
        mbarrier_wait(shared.empty(place.stage), place.parity ^ 1);
        mbarrier_arrive_expect_tx(full, kPage);
        for (u32 j = 0; j < kSpans; ++j) {
          tma_load(shared.page(place.stage) + j * kSpan, cache, full,
                   {static_cast<int>(j) * 64, tokens - kPageTokens, page});
        }
        place.advance(kStages);
      }
    }
  }

  /// Tokens of the request in its page `index`.
  __device__ static int tokens_of(const DecodeWork& work, int index) {
    const int left = work.length - index * kPageTokens;
    return left < kPageTokens ? left : kPageTokens;
  }

  __device__ static int row_of(int half) {
    return accumulator_cell(static_cast<int>(threadIdx.x) % kWarpgroup, 2 * half).row;
  }

  /// Scores of a page.
  __device__ static void score(Scores& s, u32 q, u32 page) {
    wgmma_fence();
#pragma unroll
    for (u32 i = 0; i < kDecodeWidth / 16; ++i) {
      const u32 at = i / 4 * kSpan + i % 4 * 32;
      wgmma_bf16<kPageTokens>(s, tile_descriptor(q + at), tile_descriptor(page + at), i > 0);
    }
    wgmma_commit();
    wgmma_wait<0>(s);
  }

  /// Hides keys that are not there or not yet seen: the page's tokens end at column 64.
  __device__ static void mask(Scores& s, const DecodeArguments& a, const DecodeWork& work,
                              int index) {
    const int first = kPageTokens - tokens_of(work, index);
    const int shift = index * kPageTokens - first;  // token of column 0
    if (first == 0 && shift + kPageTokens <= work.length - (a.queries - 1)) return;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int end = seen_by(a, work, row_of(half)) - shift;
#pragma unroll
      for (int i = 0; i < kPageTokens / 2; ++i) {
        if (i / 2 % 2 != half) continue;
        const int column = accumulator_cell(lane_id(), i).column;
        if (column < first || column >= end) s[i] = -INFINITY;
      }
    }
  }

  /// Scores become p; `shrink` is what earlier sums must be multiplied with.
  __device__ static void soften(Scores& s, RowSoftmax (&rows)[2], float (&shrink)[2], float scale) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float largest = rows[half].largest;
#pragma unroll
      for (int i = half * 2; i < kPageTokens / 2; i += 4) {
        largest = maximum(largest, maximum(s[i], s[i + 1]));
      }
      largest = maximum(largest, shuffle_xor(largest, 1));
      largest = maximum(largest, shuffle_xor(largest, 2));
      const float offset = offset_of(largest, scale);
      shrink[half] = weight_of(rows[half].largest, scale, offset);
      float sum = rows[half].sum * shrink[half];
#pragma unroll
      for (int i = half * 2; i < kPageTokens / 2; i += 4) {
        s[i] = weight_of(s[i], scale, offset);
        s[i + 1] = weight_of(s[i + 1], scale, offset);
        sum += s[i] + s[i + 1];
      }
      rows[half] = {largest, sum};
    }
  }

  __device__ static void multiply(Output& o, const float (&factor)[2]) {
#pragma unroll
    for (int i = 0; i < kHalf / 2; ++i) o[i] *= factor[i / 2 % 2];
  }

  /// Leaves P, and what the other warpgroup must multiply its output with.
  __device__ static void hand_over(const Shared& shared, const u32 (&p)[4][4],
                                   const float (&factor)[2]) {
    const u32 lane = static_cast<u32>(lane_id());
    const u32 row = static_cast<u32>(warp_id() % 4) * 16 + lane % 16;
    barrier_sync(kFree, kBoth);
#pragma unroll
    for (u32 i = 0; i < 4; ++i) {
      stmatrix(swizzled(shared.p() + row * kStageRow + i * 32 + lane / 16 * 16, Swizzle::k128),
               p[i]);
    }
    leave_factors(shared, factor);
    fence_proxy_async_shared();
    barrier_arrive(kReady, kBoth);
  }

  __device__ static void leave_factors(const Shared& shared, const float (&factor)[2]) {
    if (lane_id() % 4 != 0) return;
    st_shared(shared.factor(row_of(0)), factor[0]);
    st_shared(shared.factor(row_of(1)), factor[1]);
  }

  /// Adds P times 256 columns of the page, from `values` on, with P in registers or shared memory.
  __device__ static void add_values(Output& o, const u32 (&p)[4][4], u32 values) {
    wgmma_fence();
#pragma unroll
    for (u32 i = 0; i < 4; ++i) {
      wgmma_bf16_rs<kHalf, Major::kMn>(
          o, p[i], tile_descriptor(values + i * 16 * kStageRow, Swizzle::k128, kSpan), true);
    }
    wgmma_commit();
    wgmma_wait<0>(o);
  }
  __device__ static void add_values(Output& o, u32 p, u32 values) {
    wgmma_fence();
#pragma unroll
    for (u32 i = 0; i < 4; ++i) {
      wgmma_bf16<kHalf, Major::kK, Major::kMn>(
          o, tile_descriptor(p + i * 32),
          tile_descriptor(values + i * 16 * kStageRow, Swizzle::k128, kSpan), true);
    }
    wgmma_commit();
    wgmma_wait<0>(o);
  }

  __device__ static void store(const Output& o, const DecodeArguments& a, const DecodeWork& work,
                               int first_column) {
#pragma unroll
    for (int i = 0; i < kHalf / 2; i += 2) {
      const Cell2 cell = accumulator_cell(static_cast<int>(threadIdx.x) % kWarpgroup, i);
      if (work.first_row + cell.row >= a.rows) continue;
      store_pair(a, work, cell.row, first_column + cell.column, o[i], o[i + 1]);
    }
  }

  /// The warpgroup that has the scores.
  __device__ static void lead(const Shared& shared, const DecodeArguments& a) {
    DecodeWalk walk(a);
    DecodeWork work;
    RingPlace place;
    u32 q_parity = 0;
    const bool signals = lane_id() == 0;
    while (walk.next(a, work)) {
      Output o = {};
      RowSoftmax rows[2];
      float factor[2];
      for (int i = 0; i < work.piece.pages; ++i) {
        Scores s;
        if (i == 0) mbarrier_wait(shared.q_full(), q_parity);
        mbarrier_wait(shared.full(place.stage), place.parity);
        score(s, shared.q(), shared.page(place.stage));
        mask(s, a, work, work.piece.first_page + i);
        soften(s, rows, factor, a.scale);
        u32 p[4][4];
#pragma unroll
        for (int j = 0; j < 16; ++j) p[j / 4][j % 4] = pack_bf16(s[2 * j], s[2 * j + 1]);
        hand_over(shared, p, factor);
        multiply(o, factor);
        add_values(o, p, shared.page(place.stage));
        if (signals) mbarrier_arrive(shared.empty(place.stage));
        place.advance(kStages);
      }
      if (work.piece.pages > 0) {
        if (signals) mbarrier_arrive(shared.q_empty());
        q_parity ^= 1;
      }
      finish(shared, a, work, rows, factor);
      multiply(o, factor);
      store(o, a, work, 0);
    }
  }

  /// Sums over the four threads of a row; what the outputs must be multiplied with in the end.
  __device__ static void finish(const Shared& shared, const DecodeArguments& a,
                                const DecodeWork& work, RowSoftmax (&rows)[2], float (&factor)[2]) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      rows[half].sum += shuffle_xor(rows[half].sum, 1);
      rows[half].sum += shuffle_xor(rows[half].sum, 2);
      factor[half] = inverse_of(rows[half].sum);
      if (lane_id() % 4 == 0 && work.first_row + row_of(half) < a.rows) {
        store_log_sum(a, work, row_of(half), rows[half]);
      }
    }
    barrier_sync(kFree, kBoth);
    leave_factors(shared, factor);
    barrier_arrive(kReady, kBoth);
  }

  /// The warpgroup that has the right half of the columns.
  __device__ static void follow(const Shared& shared, const DecodeArguments& a) {
    DecodeWalk walk(a);
    DecodeWork work;
    RingPlace place;
    while (walk.next(a, work)) {
      Output o = {};
      for (int i = 0; i <= work.piece.pages; ++i) {
        barrier_arrive(kFree, kBoth);
        barrier_sync(kReady, kBoth);
        const float factor[2] = {ld_shared<float>(shared.factor(row_of(0))),
                                 ld_shared<float>(shared.factor(row_of(1)))};
        multiply(o, factor);
        if (i == work.piece.pages) break;
        // The leader has awaited the page before P was ready; so do those who multiply with it.
        mbarrier_wait(shared.full(place.stage), place.parity);
        add_values(o, shared.p(), shared.page(place.stage) + kSpans / 2 * kSpan);
        if (lane_id() == 0) mbarrier_arrive(shared.empty(place.stage));
        place.advance(kStages);
      }
      store(o, a, work, kHalf);
    }
  }
};

/// Maps of three dimensions: channels, rows or tokens, requests or pages.
template <int kThreads>
__global__ void __launch_bounds__(kThreads, 1)
    decode_sm90(const __grid_constant__ TensorMap q, const __grid_constant__ TensorMap cache,
                const __grid_constant__ DecodeArguments arguments) {
  const DecodeSm90::Shared shared;
  if (threadIdx.x == 0) shared.init(1);
  syncthreads();
  const int warpgroup = static_cast<int>(threadIdx.x) / kWarpgroup;
  if (warpgroup == 0) {
    setmaxnreg_dec<DecodeSm90::kProducerRegisters>();
    if (warp_id() == 0 && elect()) DecodeSm90::load(shared, q, cache, arguments);
    return;
  }
  setmaxnreg_inc<DecodeSm90::kConsumerRegisters>();
  if (warpgroup == 1) {
    DecodeSm90::lead(shared, arguments);
  } else {
    DecodeSm90::follow(shared, arguments);
  }
}

/// Matrices of rows by channels in boxes of 64 x 64.
inline TensorMap decode_map(const void* base, int matrices, int rows) {
  return stack_map(base, Element::kBf16, matrices, rows, kDecodeWidth, kDecodeTileRows, 64,
                   Swizzle::k128);
}

/// All pieces of the plan; those of requests with several are then merged (combine.cuh).
inline LaunchReport launch_decode_sm90(Gpu& gpu, const DecodePlan& plan, const DecodeCall& call) {
  if (plan.parts == 0) return {};
  return launch(gpu, &decode_sm90<DecodeSm90::kThreads>,
                {.kernel = "decode_sm90",
                 .grid = {static_cast<u32>(plan.parts * plan.tiles)},
                 .block = {DecodeSm90::kThreads},
                 .shared_bytes = DecodeSm90::kShared},
                decode_map(call.q, call.requests, plan.rows),
                decode_map(call.cache, call.pages, kPageTokens), arguments_of(call, plan));
}

}  // namespace windtunnel::device
