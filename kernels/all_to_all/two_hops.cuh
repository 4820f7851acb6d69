// Across nodes. A token crosses the fabric once to each node that holds one of its experts, to the
// rank there with its source's index; that rank passes it on inside the node, to the row where one
// hop would have put it. On the way back it sums what its node returns of a token (FP32, stored in
// BF16) and one row crosses the fabric.
#pragma once

#include "kernels/all_to_all/combine.cuh"

namespace windtunnel::device {

template <typename Peers, int kWarps>
struct TwoHopDispatch {
  Dispatch<Peers, kWarps> hop;

  /// Counts, flags: as inside a node.
  template <typename Step>
  __device__ __forceinline__ void run(Step step) {
    hop.run(step);
  }

  /// And the first rows at this node's ranks of what the ranks with our index send, [node][index].
  __device__ __forceinline__ void run(Read<Channel::kCounts> step) {
    hop.run(step);
    const World& w = hop.world();
    const int node = w.node_of(hop.self.rank);
    const CountTable count = hop.received_counts();
    for (int i = hop.thread(); i < w.ranks(); i += hop.kThreads) {
      const int source = w.rank_at(i / w.node_ranks, w.index_of(hop.self.rank));
      st_shared(shared_base() + static_cast<u32>(i) * 4,
                receive_base(count, source, w.rank_at(node, i % w.node_ranks)));
    }
    syncthreads();
  }

  /// A warp a token; lane b holds where it goes at node b. Its places at the node's ranks go along.
  __device__ __forceinline__ void run(Write<Channel::kStaged>) {
    const World& w = hop.world();
    const Self& self = hop.self;
    const int tokens = ld_global_nc<i32>(hop.a.token_counts + self.local);
    const int node = lane_id();
    for (int token = hop.rank_warp(); token < tokens; token += hop.rank_warps()) {
      const i32* slots = hop.a.handle.slots + (i64{self.local} * w.max_tokens + token) * w.units();
      const int slot = node < w.nodes ? ld_global<i32>(slots + w.ranks() + node) : -1;
      const u32 going = ballot(slot >= 0);
      u8* slab = hop.peers.slab(w.rank_at(slot >= 0 ? node : 0, w.index_of(self.rank)));
      const int row = w.node_of(self.rank) * w.max_tokens + slot;
      send_row<true>(w, hop.a.slab.staged, hop.own_row(token), going, {slab, row, {0, w.experts}});
      for (u32 rest = going; rest != 0; rest &= rest - 1) {
        const int to = lowest_bit(rest);
        i32* staged = reinterpret_cast<i32*>(shuffle_pointer(slab, to) + hop.a.slab.staged_slots) +
                      i64{shuffle(row, to)} * w.node_ranks;
        if (lane_id() >= w.node_ranks) continue;
        st_global(staged + lane_id(), ld_global<i32>(slots + w.rank_at(to, lane_id())));
      }
    }
  }

  /// The own node's rows first: they came without the fabric.
  __device__ __forceinline__ void run(Forward<Channel::kStaged, Channel::kRows>) {
    const World& w = hop.world();
    const Self& self = hop.self;
    const int own = w.node_of(self.rank);
    const u8* slab = hop.peers.slab(self.rank);
    const RowArrays& staged = hop.a.slab.staged;
    const int to = lane_id();
    const bool peer = to < w.node_ranks;
    const int rank = w.rank_at(own, peer ? to : 0);
    for (int step = 0; step < w.nodes; ++step) {
      const int node = (own + step) % w.nodes;
      const int rows =
          hop.received_counts()(w.rank_at(node, w.index_of(self.rank)), w.ranks() + own);
      const u32 table = shared_base() + static_cast<u32>(node * w.node_ranks) * 4;
      const int base = peer ? ld_shared<int>(table + static_cast<u32>(to) * 4) : 0;
      for (int place = hop.rank_warp(); place < rows; place += hop.rank_warps()) {
        const i64 row = i64{node} * w.max_tokens + place;
        int slot = -1;
        if (peer) {
          const i64 at = row * w.node_ranks + to;
          slot = ld_global<i32>(reinterpret_cast<const i32*>(slab + hop.a.slab.staged_slots) + at);
          st_global(hop.a.handle.forward_slots + self.local * staged_rows(w) * w.node_ranks + at,
                    slot);
        }
        const RowSource source{
            slab + staged.x + row * w.row_bytes,
            reinterpret_cast<const float*>(slab + staged.scales) + row * w.scales,
            reinterpret_cast<const i32*>(slab + staged.experts) + row * w.top_k,
            reinterpret_cast<const float*>(slab + staged.weights) + row * w.top_k,
            ld_global<i32>(reinterpret_cast<const i32*>(slab + staged.tokens) + row)};
        send_row<false>(w, hop.a.slab.rows, source, ballot(slot >= 0),
                        {hop.peers.slab(rank), base + slot, experts_of_unit(w, rank)});
      }
    }
  }
};

template <typename Peers, int kWarps>
struct TwoHopCombine {
  Combine<Peers, kWarps> hop;

  template <typename Step>
  __device__ __forceinline__ void run(Step step) {
    hop.run(step);
  }

  /// For each token that a rank with our index sent to this node: the sum of the node's rows.
  __device__ __forceinline__ void run(Forward<Channel::kReturned, Channel::kReduced>) {
    const World& w = hop.world();
    const Self& self = hop.self;
    const int own = w.node_of(self.rank);
    const int from = lane_id();
    const bool peer = from < w.node_ranks;
    const i32* slots = hop.a.handle.forward_slots + self.local * staged_rows(w) * w.node_ranks;
    for (int step = 0; step < w.nodes; ++step) {
      const int node = (own + step) % w.nodes;
      const int source = w.rank_at(node, w.index_of(self.rank));
      const int rows = hop.count()(source, w.ranks() + own);
      const int base =
          peer ? return_base(w, hop.count(), self.rank, node, w.rank_at(own, from)) : 0;
      const i64 first = reduced_base(w, hop.count(), source, own);
      u8* to = hop.peers.slab(source) + hop.a.slab.reduced;
      for (int place = hop.rank_warp(); place < rows; place += hop.rank_warps()) {
        const i64 row = i64{node} * w.max_tokens + place;
        const int slot = peer ? ld_global<i32>(slots + row * w.node_ranks + from) : -1;
        sum_rows(hop.peers.slab(self.rank) + hop.a.slab.returned, ballot(slot >= 0), base + slot,
                 1.0F, w.columns, to + (first + place) * hop.pitch());
      }
    }
  }

  __device__ __forceinline__ void run(Read<Channel::kReduced>) {
    const World& w = hop.world();
    const Self& self = hop.self;
    const int tokens = ld_global_nc<i32>(hop.a.token_counts + self.local);
    const int node = lane_id();
    const bool peer = node < w.nodes;
    const int base = peer ? reduced_base(w, hop.count(), self.rank, node) : 0;
    for (int token = hop.rank_warp(); token < tokens; token += hop.rank_warps()) {
      const int slot = peer ? ld_global<i32>(hop.slots_of(token) + w.ranks() + node) : -1;
      sum_rows(hop.peers.slab(self.rank) + hop.a.slab.reduced, ballot(slot >= 0), base + slot, 1.0F,
               w.columns, hop.out_row(token));
    }
  }
};

template <typename Peers, int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1)
    dispatch_two_hops(DispatchArguments a, Peers peers) {
  TwoHopDispatch<Peers, kWarps> worker{{a, peers, peers.self(a.world)}};
  TwoHopDispatchProtocol::run(worker);
}

template <typename Peers, int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1)
    combine_two_hops(CombineArguments a, Peers peers) {
  TwoHopCombine<Peers, kWarps> worker{{a, peers, peers.self(a.world)}};
  TwoHopCombineProtocol::run(worker);
}

template <int kWarps>
LaunchReport launch_dispatch_two_hops(Gpu& gpu, const DispatchArguments& a,
                                      const LocalPeers& peers) {
  if (*refusal(a.world) != '\0') return {.failure = refusal(a.world)};
  if (a.world.nodes < 2) return {.failure = "dispatch_two_hops: one node takes one hop"};
  return launch(gpu, &dispatch_two_hops<LocalPeers, kWarps>,
                local_shape("dispatch_two_hops", a.world, kWarps * kWarpLanes,
                            dispatch_shared_bytes(a.world)),
                a, peers);
}

template <int kWarps>
LaunchReport launch_combine_two_hops(Gpu& gpu, const CombineArguments& a, const LocalPeers& peers) {
  if (*refusal(a.world) != '\0') return {.failure = refusal(a.world)};
  if (a.world.nodes < 2) return {.failure = "combine_two_hops: one node takes one hop"};
  return launch(
      gpu, &combine_two_hops<LocalPeers, kWarps>,
      local_shape("combine_two_hops", a.world, kWarps * kWarpLanes, combine_shared_bytes(a.world)),
      a, peers);
}

}  // namespace windtunnel::device
