// Dispatch, high throughput: counts first, then each token once to every rank that holds one of its
// experts, to the very row where it belongs: by source rank, then token. Inside one node; what both
// forms share (the exchange of counts, and the last hop's rows) two_hops.cuh takes from here.
#pragma once

#include "kernels/all_to_all/offsets.h"
#include "kernels/all_to_all/place.cuh"
#include "kernels/all_to_all/rows.cuh"

namespace windtunnel::device {

/// Of each rank of the launch: x[max_tokens] of row_bytes, x_scales[max_tokens, scales], chosen and
/// weights [max_tokens, top_k], token_counts[1]. `epoch` is the number of the call, from 1, and one
/// more each time. `handle` was filled by place_tokens. The rows come to slab.rows.
struct DispatchArguments {
  World world = {};
  Slab slab = {};
  u32 epoch = 0;
  const u8* x = nullptr;
  const float* x_scales = nullptr;
  const i32* chosen = nullptr;
  const float* weights = nullptr;
  const i32* token_counts = nullptr;
  Handle handle = {};
};

/// A table of counts in global memory that was written during the launch.
struct CountTable {
  const i32* table;
  int pitch;

  __device__ __forceinline__ int operator()(int source, int unit) const {
    return ld_global<i32>(table + source * pitch + unit);
  }
};

/// Shared memory of a dispatch: the first row at each rank.
constexpr int dispatch_shared_bytes(const World& w) { return w.ranks() * 4; }

template <typename Peers, int kWarps>
struct Dispatch {
  static constexpr int kThreads = kWarps * kWarpLanes;
  const DispatchArguments& a;
  const Peers& peers;
  Self self;

  __device__ __forceinline__ const World& world() const { return a.world; }
  __device__ __forceinline__ int thread() const { return static_cast<int>(threadIdx.x); }
  /// The warp among all of the rank.
  __device__ __forceinline__ int rank_warp() const { return self.block * kWarps + warp_id(); }
  __device__ __forceinline__ int rank_warps() const { return world().blocks * kWarps; }
  __device__ __forceinline__ CountTable received_counts() const {
    return {reinterpret_cast<const i32*>(peers.slab(self.rank) + a.slab.counts),
            count_words(world())};
  }

  template <Channel kChannel>
  __device__ __forceinline__ void run(Raise<kChannel>) {
    raise_flags(peers, a.slab.flags, world(), self, kChannel, a.epoch);
  }
  template <Channel kChannel>
  __device__ __forceinline__ void run(Await<kChannel>) {
    await_flags(peers, a.slab.flags, world(), self, kChannel, a.epoch);
  }

  __device__ __forceinline__ void run(Write<Channel::kCounts>) {
    const World& w = world();
    if (self.block >= sending_blocks(w, Channel::kCounts)) return;
    const int words = count_words(w);
    const i32* units = a.handle.unit_counts + i64{self.local} * w.units();
    const i32* experts = a.handle.expert_counts + i64{self.local} * w.experts;
    for (int i = thread(); i < w.ranks() * words; i += kThreads) {
      const int peer = i / words;
      const int word = i % words;
      const i32* from =
          word < w.units() ? units + word : experts + peer * w.rank_experts() + word - w.units();
      i32* to = reinterpret_cast<i32*>(peers.slab(peer) + a.slab.counts);
      st_global(to + self.rank * words + word, ld_global<i32>(from));
    }
  }

  /// Receive offsets, here for the rows to send and in the handle for whoever reads what came.
  __device__ __forceinline__ void run(Read<Channel::kCounts>) {
    const World& w = world();
    const CountTable count = received_counts();
    for (int to = thread(); to < w.ranks(); to += kThreads) {
      st_shared(shared_base() + static_cast<u32>(to) * 4, receive_base(count, self.rank, to));
    }
    if (self.block == 0) {
      for (int source = thread(); source <= w.ranks(); source += kThreads) {
        st_global(a.handle.receive_offsets + i64{self.local} * (w.ranks() + 1) + source,
                  receive_base(count, source, self.rank));
      }
      for (int e = thread(); e < w.rank_experts(); e += kThreads) {
        st_global(a.handle.received_experts + i64{self.local} * w.rank_experts() + e,
                  receive_base(count, w.ranks(), w.units() + e));
      }
      i32* copy = a.handle.counts + i64{self.local} * w.ranks() * w.units();
      for (int i = thread(); i < w.ranks() * w.units(); i += kThreads) {
        st_global(copy + i, count(i / w.units(), i % w.units()));
      }
    }
    syncthreads();
  }

  __device__ __forceinline__ RowSource own_row(int token) const {
    const World& w = world();
    const i64 at = i64{self.local} * w.max_tokens + token;
    return {a.x + at * w.row_bytes, a.x_scales + at * w.scales, a.chosen + at * w.top_k,
            a.weights + at * w.top_k, token};
  }

  /// A warp a token; lane d holds where it goes at rank d.
  __device__ __forceinline__ void run(Write<Channel::kRows>) {
    const World& w = world();
    const int tokens = ld_global_nc<i32>(a.token_counts + self.local);
    const i32* slots = a.handle.slots + i64{self.local} * w.max_tokens * w.units();
    const int to = lane_id();
    const int base = to < w.ranks() ? ld_shared<int>(shared_base() + static_cast<u32>(to) * 4) : 0;
    for (int token = rank_warp(); token < tokens; token += rank_warps()) {
      const int slot = to < w.ranks() ? ld_global<i32>(slots + i64{token} * w.units() + to) : -1;
      const u32 going = ballot(slot >= 0);
      const RowTarget target{peers.slab(slot >= 0 ? to : 0), base + slot, experts_of_unit(w, to)};
      send_row<true>(w, a.slab.rows, own_row(token), going, target);
    }
  }
};

template <typename Peers, int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1)
    dispatch(DispatchArguments a, Peers peers) {
  Dispatch<Peers, kWarps> worker{a, peers, peers.self(a.world)};
  DispatchProtocol::run(worker);
}

/// One node of virtual ranks.
template <int kWarps>
LaunchReport launch_dispatch(Gpu& gpu, const DispatchArguments& a, const LocalPeers& peers) {
  if (*refusal(a.world) != '\0') return {.failure = refusal(a.world)};
  if (a.world.nodes != 1) return {.failure = "dispatch: one node; across nodes takes two hops"};
  return launch(
      gpu, &dispatch<LocalPeers, kWarps>,
      local_shape("dispatch", a.world, kWarps * kWarpLanes, dispatch_shared_bytes(a.world)), a,
      peers);
}

}  // namespace windtunnel::device
