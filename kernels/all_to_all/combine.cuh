// Combine, high throughput: the rows of dispatch go back to their source, each already the weighted
// sum over its rank's experts (kernels/moe, unpermute), and are summed there in FP32, by rank.
#pragma once

#include "kernels/all_to_all/dispatch.cuh"

namespace windtunnel::device {

/// Of each rank of the launch: y[received_rows, columns], a row for each that came; out[max_tokens,
/// columns], zeros for a token that went nowhere. `epoch` counts combines as that of dispatch
/// counts dispatches; a channel belongs to one of the two. `handle` was filled by the dispatch.
struct CombineArguments {
  World world = {};
  Slab slab = {};
  u32 epoch = 0;
  const bf16* y = nullptr;
  bf16* out = nullptr;
  const i32* token_counts = nullptr;
  Handle handle = {};
};

/// Shared memory of a combine: the first row at the keeper of each source's rows.
constexpr int combine_shared_bytes(const World& w) { return w.ranks() * 4; }

template <typename Peers, int kWarps>
struct Combine {
  static constexpr int kThreads = kWarps * kWarpLanes;
  const CombineArguments& a;
  const Peers& peers;
  Self self;

  __device__ __forceinline__ const World& world() const { return a.world; }
  __device__ __forceinline__ int rank_warp() const { return self.block * kWarps + warp_id(); }
  __device__ __forceinline__ int rank_warps() const { return world().blocks * kWarps; }
  __device__ __forceinline__ i64 pitch() const { return i64{world().columns} * 2; }
  __device__ __forceinline__ CountTable count() const {
    const World& w = world();
    return {a.handle.counts + i64{self.local} * w.ranks() * w.units(), w.units()};
  }
  __device__ __forceinline__ const i32* slots_of(int token) const {
    const World& w = world();
    return a.handle.slots + (i64{self.local} * w.max_tokens + token) * w.units();
  }
  __device__ __forceinline__ u8* out_row(int token) const {
    return reinterpret_cast<u8*>(a.out) + (i64{self.local} * world().max_tokens + token) * pitch();
  }

  /// The rank of this node that gathers rows for `source`: itself, in a world of one node.
  __device__ __forceinline__ int keeper_of(int source) const {
    return world().rank_at(world().node_of(self.rank), world().index_of(source));
  }

  template <Channel kChannel>
  __device__ __forceinline__ void run(Raise<kChannel>) {
    raise_flags(peers, a.slab.flags, world(), self, kChannel, a.epoch);
  }
  template <Channel kChannel>
  __device__ __forceinline__ void run(Await<kChannel>) {
    await_flags(peers, a.slab.flags, world(), self, kChannel, a.epoch);
  }

  /// Back to the source, or to the rank of this node with its index; every rank begins elsewhere.
  __device__ __forceinline__ void run(Write<Channel::kReturned>) {
    const World& w = world();
    const i32* offsets = a.handle.receive_offsets + i64{self.local} * (w.ranks() + 1);
    const u8* y = reinterpret_cast<const u8*>(a.y) + i64{self.local} * received_rows(w) * pitch();
    for (int source = static_cast<int>(threadIdx.x); source < w.ranks(); source += kThreads) {
      st_shared(shared_base() + static_cast<u32>(source) * 4,
                return_base(w, count(), keeper_of(source), w.node_of(source), self.rank));
    }
    syncthreads();
    for (int step = 1; step <= w.ranks(); ++step) {
      const int source = (self.rank + step) % w.ranks();
      const int first = ld_global<i32>(offsets + source);
      const int rows = ld_global<i32>(offsets + source + 1) - first;
      const i64 base = ld_shared<int>(shared_base() + static_cast<u32>(source) * 4);
      u8* to = peers.slab(keeper_of(source)) + a.slab.returned;
      for (int row = rank_warp(); row < rows; row += rank_warps()) {
        send_vectors<false>(y + (i64{first} + row) * pitch(), w.columns / kVector, 1,
                            to + (base + row) * pitch());
      }
    }
  }

  __device__ __forceinline__ void run(Read<Channel::kReturned>) {
    const World& w = world();
    const int tokens = ld_global_nc<i32>(a.token_counts + self.local);
    const int from = lane_id();
    const bool peer = from < w.ranks();
    const int base = peer ? return_base(w, count(), self.rank, 0, from) : 0;
    for (int token = rank_warp(); token < tokens; token += rank_warps()) {
      const int slot = peer ? ld_global<i32>(slots_of(token) + from) : -1;
      sum_rows(peers.slab(self.rank) + a.slab.returned, ballot(slot >= 0), base + slot, 1.0F,
               w.columns, out_row(token));
    }
  }
};

template <typename Peers, int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1) combine(CombineArguments a, Peers peers) {
  Combine<Peers, kWarps> worker{a, peers, peers.self(a.world)};
  CombineProtocol::run(worker);
}

/// One node of virtual ranks.
template <int kWarps>
LaunchReport launch_combine(Gpu& gpu, const CombineArguments& a, const LocalPeers& peers) {
  if (*refusal(a.world) != '\0') return {.failure = refusal(a.world)};
  if (a.world.nodes != 1) return {.failure = "combine: one node; across nodes takes two hops"};
  return launch(gpu, &combine<LocalPeers, kWarps>,
                local_shape("combine", a.world, kWarps * kWarpLanes, combine_shared_bytes(a.world)),
                a, peers);
}

}  // namespace windtunnel::device
