// Example kernels that communicate through global memory: a flag between two CTAs, and an exchange
// between virtual ranks, with faults to plant.
#pragma once

#include <cstddef>

#include "kernels/device/vocabulary.h"

namespace windtunnel::device {

enum class HandOverFault {
  kNone,
  kRelaxedStore,
  kRelaxedLoad,
  kNarrowStore,
  kNarrowLoad,
  kWeakStore,
  kNoBarrierBefore,
  kNoBarrierAfter,
};

/// CTA 0 writes, raises a flag by a release; CTA 1 waits for it and copies to `out`. One value a
/// thread.
template <HandOverFault kFault = HandOverFault::kNone>
__global__ void hand_over(u32* data, u32* flag, u32* out) {
  using enum HandOverFault;
  if (blockIdx.x == 0) {
    st_global(data + threadIdx.x, threadIdx.x * 3);
    if constexpr (kFault != kNoBarrierBefore) syncthreads();
    if (threadIdx.x != 0) return;
    if constexpr (kFault == kRelaxedStore) {
      st_relaxed<Scope::kGpu>(flag, 1);
    } else if constexpr (kFault == kNarrowStore) {
      st_release<Scope::kCta>(flag, 1);
    } else if constexpr (kFault == kWeakStore) {
      st_global(flag, 1U);
    } else {
      st_release<Scope::kGpu>(flag, 1);
    }
    return;
  }
  if (threadIdx.x == 0) {
    if constexpr (kFault == kRelaxedLoad) {
      while (ld_relaxed<Scope::kGpu>(flag) != 1) {
      }
    } else if constexpr (kFault == kNarrowLoad) {
      wait_flag_equal<Scope::kCta>(flag, 1);
    } else {
      wait_flag_equal<Scope::kGpu>(flag, 1);
    }
  }
  if constexpr (kFault != kNoBarrierAfter) syncthreads();
  st_global(out + threadIdx.x, ld_global<u32>(data + threadIdx.x));
}

enum class FenceFault { kNone, kNoFenceBefore, kNoFenceAfter, kNarrowFence };

/// The same in the older style: plain stores, a fence, a relaxed counter; the last CTA to come adds
/// up what all have written.
template <FenceFault kFault = FenceFault::kNone>
__global__ void last_cta_sums(u32* parts, u32* counter, u32* sum) {
  using enum FenceFault;
  constexpr Scope kScope = kFault == kNarrowFence ? Scope::kCta : Scope::kGpu;
  if (threadIdx.x != 0) return;
  st_global(parts + blockIdx.x, blockIdx.x + 1);
  if constexpr (kFault != kNoFenceBefore) fence<kScope>();
  const u32 before = atomic_add<Order::kRelaxed, Scope::kGpu>(counter, 1);
  if (before + 1 != gridDim.x) return;
  if constexpr (kFault != kNoFenceAfter) fence<kScope>();
  u32 all = 0;
  for (u32 i = 0; i < gridDim.x; ++i) all += ld_global<u32>(parts + i);
  st_global(sum, all);
}

enum class ExchangeFault { kNone, kGpuScope, kRelaxed, kNoBarrier, kTooFew };

/// Every CTA of every rank writes one row to each rank's inbox and counts it there; when a rank's
/// inbox is full, its CTAs read it. `inbox` is [ranks][ranks * ctas][blockDim], `counters` [ranks],
/// `out` [ranks * ctas][blockDim]: the sum of the rank's inbox by column.
template <ExchangeFault kFault = ExchangeFault::kNone>
__global__ void exchange(u32* inbox, u32* counters, u32* out, u32 ranks) {
  using enum ExchangeFault;
  constexpr Scope kScope = kFault == kGpuScope ? Scope::kGpu : Scope::kSys;
  constexpr Order kOrder = kFault == kRelaxed ? Order::kRelaxed : Order::kRelease;
  const u32 ctas = gridDim.x / ranks;
  const u32 rank = blockIdx.x / ctas;
  const u32 senders = ranks * ctas;
  for (u32 peer = 0; peer < ranks; ++peer) {
    const std::size_t row = std::size_t{peer} * senders + blockIdx.x;
    st_global(inbox + row * blockDim.x + threadIdx.x, blockIdx.x + threadIdx.x * (peer + 1));
  }
  if constexpr (kFault != kNoBarrier) syncthreads();
  if (threadIdx.x == 0) {
    for (u32 peer = 0; peer < ranks; ++peer) red_add<kOrder, kScope>(counters + peer, 1);
    wait_flag_at_least<kScope>(counters + rank, kFault == kTooFew ? senders - 1 : senders);
  }
  syncthreads();
  u32 sum = 0;
  for (u32 sender = 0; sender < senders; ++sender) {
    const std::size_t row = std::size_t{rank} * senders + sender;
    sum += ld_global<u32>(inbox + row * blockDim.x + threadIdx.x);
  }
  st_global(out + std::size_t{blockIdx.x} * blockDim.x + threadIdx.x, sum);
}

}  // namespace windtunnel::device
