// Slots: where each (token, choice) pair goes in expert order, and back. Three kernels: each block
// counts a stretch of pairs by expert; one block turns the counts of blocks x experts into first
// slots; each block hands its slots out in the order of its pairs. So slots are stable, the same
// every time, and no atomic touches global memory.
#pragma once

#include "kernels/device/launch.h"
#include "kernels/moe/plan.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// experts[pairs], -1 for another rank's; block_slots[grid, experts] is scratch. counts[experts],
/// offsets[experts + 1] from 0, each a multiple of `alignment`; slots[pairs] or -1. Of each of
/// `capacity` slots its pair and expert, or -1 where there is none.
struct SlotArguments {
  const i32* chosen = nullptr;
  i32* block_slots = nullptr;
  i32* counts = nullptr;
  i32* offsets = nullptr;
  i32* slots = nullptr;
  i32* slot_pairs = nullptr;
  i32* slot_experts = nullptr;
  int pairs = 0;
  int experts = 0;
  int alignment = 0;
  int capacity = 0;
  int pairs_a_block = 0;
};

inline constexpr int kSlotWarps = 8;
inline constexpr int kSlotThreads = kSlotWarps * kWarpLanes;
inline constexpr int kScanThreads = 1024;

/// Slots that hold `pairs` however they fall.
constexpr i64 slot_capacity(i64 pairs, i64 experts, i64 alignment) {
  return pairs + experts * (alignment - 1);
}

template <int kThreads>
__global__ void __launch_bounds__(kThreads) count_pairs(SlotArguments a) {
  const u32 base = shared_base();
  const int thread = static_cast<int>(threadIdx.x);
  for (int e = thread; e < a.experts; e += kThreads) st_shared(base + static_cast<u32>(e) * 4, 0);
  syncthreads();
  const int first = static_cast<int>(blockIdx.x) * a.pairs_a_block;
  const int end = first + a.pairs_a_block;
  const int last = end < a.pairs ? end : a.pairs;
  for (int pair = first + thread; pair < last; pair += kThreads) {
    const i32 expert = ld_global_nc<i32>(a.chosen + pair);
    if (expert >= 0) atomic_add_shared(base + static_cast<u32>(expert) * 4, 1);
  }
  syncthreads();
  i32* to = a.block_slots + i64{blockIdx.x} * a.experts;
  for (int e = thread; e < a.experts; e += kThreads) {
    st_global(to + e, ld_shared<i32>(base + static_cast<u32>(e) * 4));
  }
}

/// Sum of the values of lower threads of the block, and the block's in `total`.
template <int kThreads>
__device__ __forceinline__ int block_exclusive(int value, int& total) {
  constexpr int kWarps = kThreads / kWarpLanes;
  int through = value;
#pragma unroll
  for (int step = 1; step < kWarpLanes; step *= 2) {
    const int lower = shuffle_up(through, step);
    if (lane_id() >= step) through += lower;
  }
  const u32 base = shared_base();
  if (lane_id() == kWarpLanes - 1) st_shared(base + static_cast<u32>(warp_id()) * 4, through);
  syncthreads();
  int before = 0;
  total = 0;
#pragma unroll 4
  for (int warp = 0; warp < kWarps; ++warp) {
    const int sum = ld_shared<int>(base + static_cast<u32>(warp) * 4);
    if (warp < warp_id()) before += sum;
    total += sum;
  }
  return before + through - value;
}

/// One block; thread e is expert e.
template <int kThreads>
__global__ void __launch_bounds__(kThreads) scan_counts(SlotArguments a, int blocks) {
  const int expert = static_cast<int>(threadIdx.x);
  int count = 0;
  if (expert < a.experts) {
    for (int block = 0; block < blocks; ++block) {
      count += ld_global<i32>(a.block_slots + i64{block} * a.experts + expert);
    }
  }
  const int padded = (count + a.alignment - 1) / a.alignment * a.alignment;
  int total = 0;
  int next = block_exclusive<kThreads>(padded, total);
  if (expert == 0) st_global(a.offsets + a.experts, total);
  if (expert >= a.experts) return;
  st_global(a.counts + expert, count);
  st_global(a.offsets + expert, next);
  for (int block = 0; block < blocks; ++block) {
    i32* at = a.block_slots + i64{block} * a.experts + expert;
    const int here = ld_global<i32>(at);
    st_global(at, next);
    next += here;
  }
}

/// The lanes whose expert is the same; experts below 1024, -1 as one more.
__device__ __forceinline__ u32 same_expert(i32 expert) {
  u32 same = 0xffffffffU;
#pragma unroll
  for (int bit = 0; bit < 11; ++bit) {
    const bool set = (expert >> bit & 1) != 0;
    const u32 others = ballot(set);
    same &= set ? others : ~others;
  }
  return same;
}

/// Each warp's next slot of each expert, in shared memory: those of the block, behind the pairs of
/// the warps before it. A warp's pairs are the next `share` of the block's.
template <int kThreads>
__device__ __forceinline__ void make_warp_slots(const SlotArguments& a, int first, int last) {
  const u32 base = shared_base();
  const int thread = static_cast<int>(threadIdx.x);
  const u32 own = base + static_cast<u32>(warp_id() * a.experts) * 4;
  for (int i = thread; i < a.experts * kSlotWarps; i += kThreads) {
    st_shared(base + static_cast<u32>(i) * 4, 0);
  }
  syncthreads();
  for (int pair = first + lane_id(); pair < last; pair += kWarpLanes) {
    const i32 expert = ld_global_nc<i32>(a.chosen + pair);
    if (expert >= 0) atomic_add_shared(own + static_cast<u32>(expert) * 4, 1);
  }
  syncthreads();
  for (int e = thread; e < a.experts; e += kThreads) {
    int next = ld_global_nc<i32>(a.block_slots + i64{blockIdx.x} * a.experts + e);
    for (int warp = 0; warp < kSlotWarps; ++warp) {
      const u32 at = base + static_cast<u32>(warp * a.experts + e) * 4;
      const int here = ld_shared<int>(at);
      st_shared(at, next);
      next += here;
    }
  }
  syncthreads();
}

/// Slots that no pair takes: the padding behind each expert, and what is left of the capacity.
__device__ __forceinline__ void clear_padding(const SlotArguments& a, int thread, int threads) {
  const int warps = threads / kWarpLanes;
  for (int e = thread / kWarpLanes; e <= a.experts; e += warps) {
    const bool tail = e == a.experts;
    const int begin = ld_global_nc<i32>(a.offsets + e);
    const int from = tail ? begin : begin + ld_global_nc<i32>(a.counts + e);
    const int to = tail ? a.capacity : ld_global_nc<i32>(a.offsets + e + 1);
    for (int slot = from + thread % kWarpLanes; slot < to; slot += kWarpLanes) {
      st_global(a.slot_pairs + slot, -1);
      st_global(a.slot_experts + slot, -1);
    }
  }
}

template <int kThreads>
__global__ void __launch_bounds__(kThreads) assign_slots(SlotArguments a) {
  const int share = a.pairs_a_block / kSlotWarps;
  const int first = static_cast<int>(blockIdx.x) * a.pairs_a_block + warp_id() * share;
  const int last = first + share < a.pairs ? first + share : a.pairs;
  make_warp_slots<kThreads>(a, first, last);
  const u32 own = shared_base() + static_cast<u32>(warp_id() * a.experts) * 4;
  for (int step = 0; step < share; step += kWarpLanes) {
    const int pair = first + step + lane_id();
    const i32 expert = pair < last ? ld_global_nc<i32>(a.chosen + pair) : -1;
    const u32 same = same_expert(expert);
    const u32 at = own + static_cast<u32>(expert) * 4;
    // Pairs of the same expert take neighbouring slots in the order of their lanes.
    const int rank = count_bits(same & ((1U << lane_id()) - 1));
    int slot = -1;
    if (expert >= 0) slot = ld_shared<int>(at) + rank;
    syncwarp();
    if (expert >= 0 && rank == 0) st_shared(at, slot + count_bits(same));
    syncwarp();
    if (pair < last) st_global(a.slots + pair, slot);
    if (slot >= 0) {
      st_global(a.slot_pairs + slot, pair);
      st_global(a.slot_experts + slot, expert);
    }
  }
  clear_padding(a, static_cast<int>(blockIdx.x * kThreads + threadIdx.x),
                static_cast<int>(gridDim.x) * kThreads);
}

/// Entries of the scratch block_slots.
inline i64 slot_scratch(i64 pairs, int experts, int sms) {
  return plan_slots(pairs, experts, sms).grid * experts;
}

inline LaunchReport launch_slots(Gpu& gpu, SlotArguments a, int sms) {
  const SlotPlan plan = plan_slots(a.pairs, a.experts, sms);
  if (a.experts > kScanThreads) return {.failure = "slots: at most 1024 experts"};
  a.pairs_a_block = static_cast<int>(plan.pairs_a_block);
  const u32 grid = static_cast<u32>(plan.grid);
  const LaunchReport counted = launch(gpu, &count_pairs<kSlotThreads>,
                                      LaunchShape{.kernel = "count_pairs",
                                                  .grid = {grid},
                                                  .block = {kSlotThreads},
                                                  .shared_bytes = static_cast<u32>(a.experts) * 4},
                                      a);
  if (!counted.ok()) return counted;
  const LaunchReport scanned = launch(gpu, &scan_counts<kScanThreads>,
                                      LaunchShape{.kernel = "scan_counts",
                                                  .grid = {1},
                                                  .block = {kScanThreads},
                                                  .shared_bytes = kScanThreads / kWarpLanes * 4},
                                      a, static_cast<int>(plan.grid));
  if (!scanned.ok()) return scanned;
  return launch(gpu, &assign_slots<kSlotThreads>,
                LaunchShape{.kernel = "assign_slots",
                            .grid = {grid},
                            .block = {kSlotThreads},
                            .shared_bytes = static_cast<u32>(plan.shared_bytes)},
                a);
}

}  // namespace windtunnel::device
