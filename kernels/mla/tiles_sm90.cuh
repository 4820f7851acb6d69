// What the attention kernels of sm_90a share: where tiles lie, and how 64 rows of a result leave
// through shared memory.
#pragma once

#include "kernels/device/vocabulary.h"
#include "kernels/mla/attention_call.h"

namespace windtunnel::device {

inline constexpr int kWarpgroupThreads = 128;
/// Rows of one wgmma.
inline constexpr int kBlock = 64;
/// Operands lie in spans of 64 columns: rows of 128 bytes, wgmma's widest swizzle.
inline constexpr u32 kSpanRow = 128;

/// What swizzled tiles must be aligned to, added to what a launch asks for.
inline constexpr u32 kTileAlignment = 1024;
__device__ inline u32 aligned_shared_base() {
  return (shared_base() + kTileAlignment - 1) & ~(kTileAlignment - 1);
}

/// Where 64 rows go: of [tokens, heads, width], of which the first `rows` exist.
struct HeadRows {
  bf16* all;
  int heads;
  int head;
  int token;
  int rows;
};

/// 64 rows of an accumulator as BF16 to the spans of 64 columns at `buffer`, `span` bytes apart.
template <int kColumns>
__device__ void stage_rows(const float (&sums)[kColumns / 2], u32 buffer, u32 span) {
  const u32 lane = static_cast<u32>(lane_id());
  const u32 row = static_cast<u32>(warp_id() % 4) * 16 + lane % 16;
#pragma unroll
  for (int j = 0; j < kColumns; j += 16) {
    const int i = j / 2;
    const u32 registers[4] = {pack_bf16(sums[i], sums[i + 1]), pack_bf16(sums[i + 2], sums[i + 3]),
                              pack_bf16(sums[i + 4], sums[i + 5]),
                              pack_bf16(sums[i + 6], sums[i + 7])};
    const u32 at = buffer + static_cast<u32>(j / 64) * span + row * kSpanRow +
                   static_cast<u32>(j % 64) * 2 + lane / 16 * 16;
    stmatrix(swizzled(at, Swizzle::k128), registers);
  }
}

/// The same rows on to global memory: by TMA, or by the threads where not all of them exist. By one
/// warpgroup; its first thread must wait for its reads before it exits.
template <int kColumns>
__device__ void send_rows(u32 buffer, u32 span, int barrier, const TensorMap& map,
                          const HeadRows& to) {
  fence_proxy_async_shared();
  barrier_sync(barrier, kWarpgroupThreads);
  const int thread = static_cast<int>(threadIdx.x) % kWarpgroupThreads;
  if (to.rows >= kBlock) {
    if (thread != 0) return;
    for (int j = 0; j < kColumns / 64; ++j) {
      tma_store(map, buffer + static_cast<u32>(j) * span, {64 * j, to.head, to.token});
    }
    bulk_commit();
    return;
  }
  constexpr int kChunks = kColumns / 8;
  for (int piece = thread; piece < to.rows * kChunks; piece += kWarpgroupThreads) {
    const int row = piece / kChunks;
    const int column = piece % kChunks * 8;
    const u32 at = buffer + static_cast<u32>(column / 64) * span +
                   static_cast<u32>(row) * kSpanRow + static_cast<u32>(column % 64) * 2;
    const std::int64_t line = (std::int64_t{to.token} + row) * to.heads + to.head;
    st_global(to.all + line * kColumns + column, ld_shared<u32x4>(swizzled(at, Swizzle::k128)));
  }
}

}  // namespace windtunnel::device
