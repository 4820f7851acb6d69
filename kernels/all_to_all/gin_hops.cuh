// Two hops over a real fabric: the steps that cross it, as puts and signals; all others are those
// of two_hops.cuh. Compiled only: nothing here has run, for it takes two nodes.
#pragma once

#include "kernels/all_to_all/gin_peers.cuh"

namespace windtunnel::device {

/// Threads that raise and await: one for each other node, and its rank of our index. What a thread
/// puts to a peer it also signals, so the order of its puts is that of the signal.
struct Rail {
  const World& w;
  const Self& self;

  __device__ __forceinline__ int own_node() const { return w.node_of(self.rank); }
  __device__ __forceinline__ bool has(int node) const {
    return node < w.nodes && node != own_node();
  }
  __device__ __forceinline__ int peer(int node) const {
    return w.rank_at(node, w.index_of(self.rank));
  }
};

/// This CTA's flag in the own slab: what stays in the node also goes through a hop.
__device__ __forceinline__ void raise_own(const GinPeers& peers, i64 flags, const World& w,
                                          const Self& self, Channel channel, u32 epoch) {
  if (threadIdx.x != 0) return;
  u64* flag = flag_of(peers.slab(self.rank), flags, w, channel, self.rank, self.block);
  st_release<Scope::kSys>(flag, flag_value(epoch, 0));
}
__device__ __forceinline__ void await_own(const GinPeers& peers, i64 flags, const World& w,
                                          const Self& self, Channel channel, u32 epoch) {
  for (int block = static_cast<int>(threadIdx.x); block < sending_blocks(w, channel);
       block += static_cast<int>(blockDim.x)) {
    u64* flag = flag_of(peers.slab(self.rank), flags, w, channel, self.rank, block);
    wait_flag_at_least<Scope::kSys>(flag, flag_value(epoch, 0));
  }
}

/// One sender's word to every rank: a flag inside the node, a signal outside.
__device__ __forceinline__ void raise_everywhere(const GinPeers& peers, const ncclGin& gin,
                                                 i64 flags, const World& w, const Self& self,
                                                 Channel channel, GinChannel beyond, u32 epoch) {
  if (self.block >= sending_blocks(w, channel)) return;
  syncthreads();
  for (int peer = static_cast<int>(threadIdx.x); peer < w.ranks();
       peer += static_cast<int>(blockDim.x)) {
    if (w.node_of(peer) != w.node_of(self.rank)) {
      peers.raise(gin, w, beyond, peer);
      continue;
    }
    u64* flag = flag_of(peers.slab(peer), flags, w, channel, self.rank, self.block);
    st_release<Scope::kSys>(flag, flag_value(epoch, 0));
  }
}
__device__ __forceinline__ void await_everyone(const GinPeers& peers, const ncclGin& gin, i64 flags,
                                               const World& w, const Self& self, Channel channel,
                                               GinChannel beyond, u32 epoch) {
  for (int source = static_cast<int>(threadIdx.x); source < w.ranks();
       source += static_cast<int>(blockDim.x)) {
    if (w.node_of(source) != w.node_of(self.rank)) {
      peers.await(gin, w, beyond, source, epoch, 1);
      continue;
    }
    u64* flag = flag_of(peers.slab(self.rank), flags, w, channel, source, 0);
    wait_flag_at_least<Scope::kSys>(flag, flag_value(epoch, 0));
  }
  syncthreads();
}

template <int kWarps>
struct GinDispatch {
  TwoHopDispatch<GinPeers, kWarps> hops;
  const ncclGin& gin;

  /// Inside the node: as between virtual ranks.
  template <typename Step>
  __device__ __forceinline__ void run(Step step) {
    hops.run(step);
  }
  __device__ __forceinline__ const DispatchArguments& a() const { return hops.hop.a; }
  __device__ __forceinline__ const World& w() const { return hops.hop.a.world; }
  __device__ __forceinline__ const Self& self() const { return hops.hop.self; }
  __device__ __forceinline__ const GinPeers& peers() const { return hops.hop.peers; }
  __device__ __forceinline__ Rail rail() const { return {w(), self()}; }
  __device__ __forceinline__ i64 rows_to(int node) const {
    return ld_global<i32>(a().handle.unit_counts + w().ranks() + node);
  }

  /// Inside the node by pointers, for the others in the outbox.
  __device__ __forceinline__ void run(Write<Channel::kCounts>) {
    if (self().block >= sending_blocks(w(), Channel::kCounts)) return;
    const int words = count_words(w());
    for (int i = hops.hop.thread(); i < w().ranks() * words; i += hops.hop.kThreads) {
      const int peer = i / words;
      const int word = i % words;
      const i32* from = word < w().units() ? a().handle.unit_counts + word
                                           : a().handle.expert_counts + peer * w().rank_experts() +
                                                 word - w().units();
      const bool near = w().node_of(peer) == rail().own_node();
      u8* to = near ? peers().slab(peer) + a().slab.counts + i64{self().rank} * words * 4
                    : peers().box + peers().layout.counts + i64{peer} * words * 4;
      st_global(reinterpret_cast<i32*>(to) + word, ld_global<i32>(from));
    }
  }
  __device__ __forceinline__ void run(Raise<Channel::kCounts>) {
    if (self().block < sending_blocks(w(), Channel::kCounts)) {
      syncthreads();
      const i64 bytes = i64{count_words(w())} * 4;
      for (int peer = hops.hop.thread(); peer < w().ranks(); peer += hops.hop.kThreads) {
        if (w().node_of(peer) == rail().own_node()) continue;
        peers().put(gin, peer, a().slab.counts + self().rank * bytes,
                    peers().layout.counts + peer * bytes, bytes);
      }
    }
    raise_everywhere(peers(), gin, a().slab.flags, w(), self(), Channel::kCounts,
                     GinChannel::kCounts, a().epoch);
  }
  __device__ __forceinline__ void run(Await<Channel::kCounts>) {
    await_everyone(peers(), gin, a().slab.flags, w(), self(), Channel::kCounts, GinChannel::kCounts,
                   a().epoch);
  }

  /// The CTA's places of every node; its warps look through all tokens for them.
  __device__ __forceinline__ void run(Write<Channel::kStaged>) {
    for (int step = 0; step < w().nodes; ++step) {
      write_places((rail().own_node() + step) % w().nodes);
    }
  }
  __device__ __forceinline__ void write_places(int node) {
    const int tokens = ld_global_nc<i32>(a().token_counts);
    const PlaceRange range = places_of(w(), self(), rows_to(node));
    const bool home = node == rail().own_node();
    u8* to = home ? peers().slab(self().rank) : peers().box;
    const RowArrays& arrays = home ? a().slab.staged : peers().layout.rows;
    i32* to_slots =
        reinterpret_cast<i32*>(to + (home ? a().slab.staged_slots : peers().layout.slots));
    for (int first = warp_id() * kWarpLanes; first < tokens; first += kWarps * kWarpLanes) {
      const int token = first + lane_id();
      const i32* slots = a().handle.slots + i64{token} * w().units();
      const int slot = token < tokens ? ld_global<i32>(slots + w().ranks() + node) : -1;
      for (u32 rest = ballot(slot >= range.first && slot < range.last); rest != 0;
           rest &= rest - 1) {
        const int lane = lowest_bit(rest);
        const i64 row = i64{node} * w().max_tokens + shuffle(slot, lane);
        send_row<true>(w(), arrays, hops.hop.own_row(first + lane), 1, {to, row, {0, w().experts}});
        if (lane_id() >= w().node_ranks) continue;
        const i32* own = a().handle.slots + i64{first + lane} * w().units();
        st_global(to_slots + row * w().node_ranks + lane_id(),
                  ld_global<i32>(own + w().rank_at(node, lane_id())));
      }
    }
  }
  /// Of each array the CTA's places: a put each, and a signal behind them.
  __device__ __forceinline__ void run(Raise<Channel::kStaged>) {
    syncthreads();
    raise_own(peers(), a().slab.flags, w(), self(), Channel::kStaged, a().epoch);
    const int node = hops.hop.thread();
    if (!rail().has(node)) return;
    const PlaceRange range = places_of(w(), self(), rows_to(node));
    const i64 there = i64{rail().own_node()} * w().max_tokens + range.first;
    const i64 here = i64{node} * w().max_tokens + range.first;
    const auto put = [&](i64 to, i64 from, i64 size) {
      peers().put(gin, rail().peer(node), to + there * size, from + here * size,
                  (range.last - range.first) * size);
    };
    const RowArrays& to = a().slab.staged;
    const RowArrays& from = peers().layout.rows;
    put(to.x, from.x, w().row_bytes);
    put(to.scales, from.scales, i64{w().scales} * 4);
    put(to.experts, from.experts, i64{w().top_k} * 4);
    put(to.weights, from.weights, i64{w().top_k} * 4);
    put(to.tokens, from.tokens, 4);
    put(a().slab.staged_slots, peers().layout.slots, i64{w().node_ranks} * 4);
    peers().raise(gin, w(), GinChannel::kStaged, rail().peer(node));
  }
  /// And until the outbox may be written again.
  __device__ __forceinline__ void run(Await<Channel::kStaged>) {
    await_own(peers(), a().slab.flags, w(), self(), Channel::kStaged, a().epoch);
    const int node = hops.hop.thread();
    if (rail().has(node)) {
      peers().await(gin, w(), GinChannel::kStaged, rail().peer(node), a().epoch, w().blocks);
      gin.flush(ncclCoopThread{});
    }
    syncthreads();
  }
};

template <int kWarps>
struct GinCombine {
  TwoHopCombine<GinPeers, kWarps> hops;
  const ncclGin& gin;

  template <typename Step>
  __device__ __forceinline__ void run(Step step) {
    hops.run(step);
  }
  __device__ __forceinline__ const CombineArguments& a() const { return hops.hop.a; }
  __device__ __forceinline__ const World& w() const { return hops.hop.a.world; }
  __device__ __forceinline__ const Self& self() const { return hops.hop.self; }
  __device__ __forceinline__ const GinPeers& peers() const { return hops.hop.peers; }
  __device__ __forceinline__ Rail rail() const { return {w(), self()}; }
  __device__ __forceinline__ PlaceRange places_from(int node) const {
    const i64 rows = hops.hop.count()(rail().peer(node), w().ranks() + rail().own_node());
    return places_of(w(), self(), rows);
  }

  __device__ __forceinline__ void run(Raise<Channel::kFree>) {
    raise_everywhere(peers(), gin, a().slab.flags, w(), self(), Channel::kFree, GinChannel::kFree,
                     a().epoch);
  }
  __device__ __forceinline__ void run(Await<Channel::kFree>) {
    await_everyone(peers(), gin, a().slab.flags, w(), self(), Channel::kFree, GinChannel::kFree,
                   a().epoch);
  }

  /// The CTA's places of every node: sums of this node's rows, at home in the slab.
  __device__ __forceinline__ void run(Forward<Channel::kReturned, Channel::kReduced>) {
    const int from = lane_id();
    const bool peer = from < w().node_ranks;
    const int own = rail().own_node();
    for (int step = 0; step < w().nodes; ++step) {
      const int node = (own + step) % w().nodes;
      const PlaceRange range = places_from(node);
      const int base =
          peer ? return_base(w(), hops.hop.count(), self().rank, node, w().rank_at(own, from)) : 0;
      u8* to = node == own ? peers().slab(self().rank) + a().slab.reduced +
                                 i64{reduced_base(w(), hops.hop.count(), self().rank, own)} *
                                     hops.hop.pitch()
                           : peers().box + peers().layout.reduced +
                                 i64{node} * w().max_tokens * hops.hop.pitch();
      for (i64 place = range.first + warp_id(); place < range.last; place += kWarps) {
        const i64 row = i64{node} * w().max_tokens + place;
        const int slot =
            peer ? ld_global<i32>(a().handle.forward_slots + row * w().node_ranks + from) : -1;
        sum_rows(peers().slab(self().rank) + a().slab.returned, ballot(slot >= 0), base + slot,
                 1.0F, w().columns, to + place * hops.hop.pitch());
      }
    }
  }
  __device__ __forceinline__ void run(Raise<Channel::kReduced>) {
    syncthreads();
    raise_own(peers(), a().slab.flags, w(), self(), Channel::kReduced, a().epoch);
    const int node = static_cast<int>(threadIdx.x);
    if (!rail().has(node)) return;
    const PlaceRange range = places_from(node);
    const int source = rail().peer(node);
    const i64 first = reduced_base(w(), hops.hop.count(), source, rail().own_node());
    peers().put(
        gin, source, a().slab.reduced + (first + range.first) * hops.hop.pitch(),
        peers().layout.reduced + (i64{node} * w().max_tokens + range.first) * hops.hop.pitch(),
        (range.last - range.first) * hops.hop.pitch());
    peers().raise(gin, w(), GinChannel::kReduced, source);
  }
  __device__ __forceinline__ void run(Await<Channel::kReduced>) {
    await_own(peers(), a().slab.flags, w(), self(), Channel::kReduced, a().epoch);
    const int node = static_cast<int>(threadIdx.x);
    if (rail().has(node)) {
      peers().await(gin, w(), GinChannel::kReduced, rail().peer(node), a().epoch, w().blocks);
      gin.flush(ncclCoopThread{});
    }
    syncthreads();
  }
};

/// Signals are a context's own: whoever raises one and whoever awaits it must use the same, so all
/// CTAs use the first.
inline constexpr int kGinContext = 0;

template <int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1)
    dispatch_over_gin(DispatchArguments a, GinPeers peers) {
  const ncclGin gin(peers.comm, kGinContext);
  GinDispatch<kWarps> worker{{{a, peers, peers.self(a.world)}}, gin};
  TwoHopDispatchProtocol::run(worker);
}

template <int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1)
    combine_over_gin(CombineArguments a, GinPeers peers) {
  const ncclGin gin(peers.comm, kGinContext);
  GinCombine<kWarps> worker{{{a, peers, peers.self(a.world)}}, gin};
  TwoHopCombineProtocol::run(worker);
}

}  // namespace windtunnel::device
