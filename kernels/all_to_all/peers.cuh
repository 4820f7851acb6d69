// Peers: how a CTA finds the slabs of all ranks and its own place. Virtual ranks share one GPU and
// one cooperative launch (kernels/device/model runs them too); ranks of their own GPUs:
// lsa_peers.cuh.
#pragma once

#include "kernels/all_to_all/protocol.h"
#include "kernels/device/launch.h"
#include "kernels/ops/vector.cuh"

namespace windtunnel::device {

/// The rank that a CTA works for, its number there, and which of the launch's ranks that is: arrays
/// of a launch have one part for each.
struct Self {
  int rank;
  int block;
  int local;
};

/// N slabs in the memory of one GPU; rank by rank, `blocks` CTAs each.
struct LocalPeers {
  u8* slabs[kMaxRanks] = {};

  __device__ __forceinline__ u8* slab(int rank) const { return slabs[rank]; }
  __device__ __forceinline__ Self self(const World& w) const {
    const int block = static_cast<int>(blockIdx.x);
    return {block / w.blocks, block % w.blocks, block / w.blocks};
  }
};

__device__ __forceinline__ u64* flag_of(u8* slab, i64 flags, const World& w, Channel channel,
                                        int source, int sender) {
  return reinterpret_cast<u64*>(slab + flags) +
         flag_at(w, static_cast<int>(channel), source, sender);
}

/// What the CTA wrote for its peers is theirs once they have awaited this. All threads call it.
template <typename Peers>
__device__ __forceinline__ void raise_flags(const Peers& peers, i64 flags, const World& w,
                                            const Self& self, Channel channel, u32 epoch) {
  if (self.block >= sending_blocks(w, channel)) return;
  syncthreads();
  for (int peer = static_cast<int>(threadIdx.x); peer < w.ranks();
       peer += static_cast<int>(blockDim.x)) {
    if (!connected(w, channel, self.rank, peer)) continue;
    u64* flag = flag_of(peers.slab(peer), flags, w, channel, self.rank, self.block);
    st_release<Scope::kSys>(flag, flag_value(epoch, 0));
  }
}

/// Waits for every sender of the channel. All threads call it.
template <typename Peers>
__device__ __forceinline__ void await_flags(const Peers& peers, i64 flags, const World& w,
                                            const Self& self, Channel channel, u32 epoch) {
  const int senders = sending_blocks(w, channel);
  for (int i = static_cast<int>(threadIdx.x); i < w.ranks() * senders;
       i += static_cast<int>(blockDim.x)) {
    const int source = i / senders;
    if (!connected(w, channel, source, self.rank)) continue;
    u64* flag = flag_of(peers.slab(self.rank), flags, w, channel, source, i % senders);
    wait_flag_at_least<Scope::kSys>(flag, flag_value(epoch, 0));
  }
  syncthreads();
}

/// The launch of all virtual ranks at once: they wait for each other.
inline LaunchShape local_shape(const char* kernel, const World& w, int threads, int shared_bytes) {
  return {.kernel = kernel,
          .grid = {static_cast<u32>(w.ranks() * w.blocks)},
          .block = {static_cast<u32>(threads)},
          .shared_bytes = static_cast<u32>(shared_bytes),
          .cooperative = true,
          .ranks = static_cast<u32>(w.ranks())};
}

}  // namespace windtunnel::device
