// MLA decoding on Hopper from a cache in FP8: where decode_sm90.cuh has a thread that loads pages
// by TMA, here a warpgroup fetches codes and scales and leaves BF16. The two that multiply are the
// same.
#pragma once

#include "kernels/mla/decode_sm90.cuh"

namespace windtunnel::device {

struct DecodeFp8Sm90 {
  using Bf16 = DecodeSm90;
  static constexpr int kProducerRegisters = 72;
  static constexpr int kConsumerRegisters = 216;
  static_assert(kProducerRegisters + 2 * kConsumerRegisters <= 3 * Bf16::kLaunchRegisters);
  /// A quarter of a page at a time: registers for more are not left. Eight threads have a row: of
  /// each block of 128 codes, 16 each.
  static constexpr int kStepRows = kPageTokens / 4;
  static constexpr int kRows = kStepRows / 16;
  static constexpr int kBlocks = kDecodeLatent / 128;

  /// What a thread has of a row: zeros where the request has no token.
  struct Part {
    u32x4 codes[kBlocks];
    f32x4 scales;
    u32x4 rotary;
  };

  /// Rows of the stage from `begin` on; the stage's last `tokens` rows are the page's.
  __device__ static void fetch(Part (&parts)[kRows], const u8* page, int tokens, int begin) {
    const int first = begin + static_cast<int>(threadIdx.x) / 8 - (kPageTokens - tokens);
    const u8* token = page + first * kFp8TokenBytes;
    const int mine = static_cast<int>(threadIdx.x) % 8 * 16;
#pragma unroll
    for (int i = 0; i < kRows; ++i) {
      parts[i] = {};
      if (first + i * 16 < 0) continue;
      const u8* from = token + i * 16 * kFp8TokenBytes;
#pragma unroll
      for (int block = 0; block < kBlocks; ++block) {
        parts[i].codes[block] = ld_global_stream<u32x4>(from + mine + block * 128);
      }
      parts[i].scales = ld_global_nc<f32x4>(from + kDecodeLatent);
      parts[i].rotary = ld_global_stream<u32x4>(from + kFp8TokenBytes - kRotaryBytes + mine);
    }
  }

  /// Two codes, the lowest bytes of `codes`, times a scale, which has 2^120 in it: exponent and
  /// mantissa of e4m3 are put where FP32 has its own, whose exponent is 120 larger.
  __device__ static u32 pair(u32 codes, float scale) {
    const float low = float_of((codes & 0x80U) << 24 | (codes & 0x7fU) << 20);
    const float high = float_of((codes & 0x8000U) << 16 | (codes & 0x7f00U) << 12);
    return pack_bf16(low * scale, high * scale);
  }
  __device__ static u32x4 eight(u32 first, u32 second, float scale) {
    return {pair(first, scale), pair(first >> 16, scale), pair(second, scale),
            pair(second >> 16, scale)};
  }

  /// The thread's part of the stage's rows from `rows` on, as TMA would have left it. A block is
  /// two spans wide; threads that have the second one store their halves the other way round, for
  /// the banks.
  __device__ static void leave(const Part (&parts)[kRows], u32 rows) {
    const u32 row = threadIdx.x / 8;
    const u32 mine = threadIdx.x % 8;
    const bool turned = mine >= 4;
    const u32 line = rows + mine / 4 * Bf16::kSpan + row * kStageRow;
    const u32 near = swizzled(line + mine % 4 * 32 + (turned ? 16 : 0), Swizzle::k128);
    const u32 far = swizzled(line + mine % 4 * 32 + (turned ? 0 : 16), Swizzle::k128);
    const u32 rotary = swizzled(rows + row * kStageRow + mine * 16, Swizzle::k128);
#pragma unroll
    for (u32 i = 0; i < kRows; ++i) {
      const f32x4& all = parts[i].scales;
      const float scales[kBlocks] = {all.x, all.y, all.z, all.w};
#pragma unroll
      for (u32 block = 0; block < kBlocks; ++block) {
        const u32x4& codes = parts[i].codes[block];
        const float scale = scales[block] * 0x1p120F;
        const u32x4 low = eight(codes.x, codes.y, scale);
        const u32x4 high = eight(codes.z, codes.w, scale);
        const u32 at = 2 * block * Bf16::kSpan + i * 16 * kStageRow;
        st_shared(near + at, turned ? high : low);
        st_shared(far + at, turned ? low : high);
      }
      st_shared(rotary + (Bf16::kSpans - 1) * Bf16::kSpan + i * 16 * kStageRow, parts[i].rotary);
    }
  }

  __device__ static void load(const Bf16::Shared& shared, const TensorMap& q, const u8* cache,
                              const DecodeArguments& a) {
    DecodeWalk walk(a);
    DecodeWork work;
    RingPlace place;
    u32 q_parity = 1;
    const bool loads_q = warp_id() == 0 && elect();
    while (walk.next(a, work)) {
      if (work.piece.pages == 0) continue;
      if (loads_q) Bf16::load_q(shared, q, work, q_parity);
      q_parity ^= 1;
      for (int i = 0; i < work.piece.pages; ++i) {
        const int index = work.piece.first_page + i;
        const std::int64_t token = std::int64_t{page_at(a, work, index)} * kPageTokens;
#pragma unroll 1
        for (int step = 0; step < kPageTokens / kStepRows; ++step) {
          Part parts[kRows];
          fetch(parts, cache + token * kFp8TokenBytes, Bf16::tokens_of(work, index),
                step * kStepRows);
          if (step == 0) mbarrier_wait(shared.empty(place.stage), place.parity ^ 1);
          leave(parts, shared.page(place.stage) + static_cast<u32>(step * kStepRows) * kStageRow);
        }
        fence_proxy_async_shared();
        mbarrier_arrive(shared.full(place.stage));
        place.advance(Bf16::kStages);
      }
    }
  }
};

template <int kThreads>
__global__ void __launch_bounds__(kThreads, 1)
    decode_fp8_sm90(const __grid_constant__ TensorMap q, const u8* cache,
                    const __grid_constant__ DecodeArguments arguments) {
  const DecodeSm90::Shared shared;
  if (threadIdx.x == 0) shared.init(kWarpgroup);
  syncthreads();
  const int warpgroup = static_cast<int>(threadIdx.x) / kWarpgroup;
  if (warpgroup == 0) {
    setmaxnreg_dec<DecodeFp8Sm90::kProducerRegisters>();
    DecodeFp8Sm90::load(shared, q, cache, arguments);
    return;
  }
  setmaxnreg_inc<DecodeFp8Sm90::kConsumerRegisters>();
  if (warpgroup == 1) {
    DecodeSm90::lead(shared, arguments);
  } else {
    DecodeSm90::follow(shared, arguments);
  }
}

/// As launch_decode_sm90, of a cache [pages, 64, 656 bytes].
inline LaunchReport launch_decode_fp8_sm90(Gpu& gpu, const DecodePlan& plan,
                                           const DecodeCall& call) {
  if (plan.parts == 0) return {};
  return launch(gpu, &decode_fp8_sm90<DecodeSm90::kThreads>,
                {.kernel = "decode_fp8_sm90",
                 .grid = {static_cast<u32>(plan.parts * plan.tiles)},
                 .block = {DecodeSm90::kThreads},
                 .shared_bytes = DecodeSm90::kShared},
                decode_map(call.q, call.requests, plan.rows), static_cast<const u8*>(call.cache),
                arguments_of(call, plan));
}

}  // namespace windtunnel::device
