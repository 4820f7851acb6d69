// Low latency: no counts before the data. Each (source rank, expert) has `capacity` rows of its
// own, rows are quantised as they are sent, and the flag behind them says how many there are. More
// than fit are not sent; the counts, which are the true ones on both sides, tell so, and the
// combine takes the rows that went. Dispatches and combines must alternate (protocol.h); two
// batches in flight take a slab each.
#pragma once

#include "kernels/all_to_all/place.cuh"
#include "kernels/all_to_all/rows.cuh"

namespace windtunnel::device {

/// What a dispatch leaves to its combine and to the experts; of each rank of the launch one part.
/// A count above `capacity` is an overflow: that many less `capacity` pairs were not sent.
struct FastHandle {
  i32* slots = nullptr;     ///< [max_tokens, top_k]: place among the pairs of its expert
  i32* sent = nullptr;      ///< [experts]: pairs of each expert
  i32* received = nullptr;  ///< [experts of the rank, ranks]: pairs of each source
};

/// Of each rank of the launch: x[max_tokens, columns], chosen[max_tokens, top_k], token_counts[1].
struct FastDispatchArguments {
  World world = {};
  FastSlab slab = {};
  u32 epoch = 0;
  const bf16* x = nullptr;
  const i32* chosen = nullptr;
  const i32* token_counts = nullptr;
  FastHandle handle = {};
};

/// y[fast_rows, columns] of each rank, laid out as what came; out[max_tokens, columns] = sum over
/// choices of weight y, in FP32, without the pairs that were not sent.
struct FastCombineArguments {
  World world = {};
  FastSlab slab = {};
  u32 epoch = 0;
  const bf16* y = nullptr;
  bf16* out = nullptr;
  const i32* chosen = nullptr;
  const float* weights = nullptr;
  const i32* token_counts = nullptr;
  FastHandle handle = {};
};

/// Shared memory of a dispatch: the count of each expert that a CTA sends to.
constexpr int fast_shared_bytes(const World& w) {
  return (w.experts + w.blocks - 1) / w.blocks * 4;
}

/// A CTA sends to every blocks-th expert. Its warps all look through all pairs, and take turns with
/// the rows: few tokens are what this form is for.
template <typename Peers, int kWarps>
struct FastDispatch {
  static constexpr int kThreads = kWarps * kWarpLanes;
  const FastDispatchArguments& a;
  const Peers& peers;
  Self self;

  /// One token, quantised, to a row of the expert's owner: half a warp 128 columns.
  __device__ __forceinline__ void send(int pair, u8* slab, i64 row) const {
    const World& w = a.world;
    const int scales = fast_scales(w);
    const bf16* from = a.x + (i64{self.local} * w.max_tokens + pair / w.top_k) * w.columns;
    e4m3* codes = reinterpret_cast<e4m3*>(slab + a.slab.codes) + row * w.columns;
    float* to = reinterpret_cast<float*>(slab + a.slab.scales) + row * scales;
    for (int first = 0; first < scales; first += kWarpLanes / kScaleLanes) {
      const int block = first + lane_id() / kScaleLanes;
      const int column = block * kScaleBlock + lane_id() % kScaleLanes * kVector;
      float values[kVector] = {};
      if (column < w.columns) unpack(ld_global_stream<u32x4>(from + column), values);
      store_quantized<Output::kExactScale>(values, column < w.columns, codes + column, to + block);
    }
    if (lane_id() == 0) {
      st_global(reinterpret_cast<i32*>(slab + a.slab.pairs) + row, pair);
    }
  }

  /// The pairs of one expert, in their order; how many there are.
  __device__ __forceinline__ int send_expert(int expert, int pairs) const {
    const World& w = a.world;
    const i32* chosen = a.chosen + i64{self.local} * w.max_tokens * w.top_k;
    i32* slots = a.handle.slots + i64{self.local} * w.max_tokens * w.top_k;
    u8* slab = peers.slab(w.rank_of_expert(expert));
    int next = 0;
    for (int first = 0; first < pairs; first += kWarpLanes) {
      const int pair = first + lane_id();
      const bool here = pair < pairs && ld_global_nc<i32>(chosen + pair) == expert;
      const u32 going = ballot(here);
      const int slot = next + count_bits(going & ((1U << lane_id()) - 1));
      if (here && warp_id() == 0) st_global(slots + pair, slot);
      for (u32 rest = going; rest != 0; rest &= rest - 1, ++next) {
        if (next >= w.capacity || next % kWarps != warp_id()) continue;
        send(first + lowest_bit(rest), slab,
             fast_row(w, expert % w.rank_experts(), self.rank, next));
      }
    }
    return next;
  }

  __device__ __forceinline__ void run(Write<Channel::kFast>) {
    const World& w = a.world;
    const int pairs = ld_global_nc<i32>(a.token_counts + self.local) * w.top_k;
    u32 at = shared_base();
    for (int expert = self.block; expert < w.experts; expert += w.blocks, at += 4) {
      const int count = send_expert(expert, pairs);
      if (threadIdx.x != 0) continue;
      st_shared(at, count);
      st_global(a.handle.sent + i64{self.local} * w.experts + expert, count);
    }
  }

  __device__ __forceinline__ void run(Raise<Channel::kFast>) {
    const World& w = a.world;
    syncthreads();
    for (int i = static_cast<int>(threadIdx.x); self.block + i * w.blocks < w.experts;
         i += kThreads) {
      const int expert = self.block + i * w.blocks;
      u64* flag = flag_of(peers.slab(w.rank_of_expert(expert)), a.slab.flags, w, Channel::kFast,
                          self.rank, expert % w.rank_experts());
      const u32 count = ld_shared<u32>(shared_base() + static_cast<u32>(i) * 4);
      st_release<Scope::kSys>(flag, flag_value(a.epoch, count));
    }
  }

  __device__ __forceinline__ void run(Await<Channel::kFast>) {
    const World& w = a.world;
    i32* received = a.handle.received + i64{self.local} * w.experts;
    for (int i = static_cast<int>(threadIdx.x); i < w.experts; i += kThreads) {
      u64* flag = flag_of(peers.slab(self.rank), a.slab.flags, w, Channel::kFast, i % w.ranks(),
                          i / w.ranks());
      const u64 value = wait_flag_at_least<Scope::kSys>(flag, flag_value(a.epoch, 0));
      if (self.block == 0) st_global(received + i, static_cast<i32>(flag_word(value)));
    }
    syncthreads();
  }
};

template <typename Peers, int kWarps>
struct FastCombine {
  const FastCombineArguments& a;
  const Peers& peers;
  Self self;

  __device__ __forceinline__ int rank_warp() const { return self.block * kWarps + warp_id(); }
  __device__ __forceinline__ int rank_warps() const { return a.world.blocks * kWarps; }

  __device__ __forceinline__ void run(Raise<Channel::kFastBack>) {
    raise_flags(peers, a.slab.flags, a.world, self, Channel::kFastBack, a.epoch);
  }
  __device__ __forceinline__ void run(Await<Channel::kFastBack>) {
    await_flags(peers, a.slab.flags, a.world, self, Channel::kFastBack, a.epoch);
  }

  /// Warps take turns with the rows of all (expert, source).
  __device__ __forceinline__ void run(Write<Channel::kFastBack>) {
    const World& w = a.world;
    const i64 pitch = i64{w.columns} * 2;
    const i32* received = a.handle.received + i64{self.local} * w.experts;
    const u8* y = reinterpret_cast<const u8*>(a.y) + self.local * fast_rows(w) * pitch;
    const i32* pairs = reinterpret_cast<const i32*>(peers.slab(self.rank) + a.slab.pairs);
    int turn = 0;
    for (int i = 0; i < w.experts; ++i) {
      const int source = i % w.ranks();
      const int rows = smaller(ld_global<i32>(received + i), w.capacity);
      for (int slot = 0; slot < rows; ++slot, ++turn) {
        if (turn % rank_warps() != rank_warp()) continue;
        const i64 row = fast_row(w, i / w.ranks(), source, slot);
        const i64 pair = ld_global<i32>(pairs + row);
        send_vectors<false>(y + row * pitch, w.columns / kVector, 1,
                            peers.slab(source) + a.slab.returned + pair * pitch);
      }
    }
  }

  /// A warp a token; lane c holds its choice c.
  __device__ __forceinline__ void run(Read<Channel::kFastBack>) {
    const World& w = a.world;
    const int tokens = ld_global_nc<i32>(a.token_counts + self.local);
    const i64 first = i64{self.local} * w.max_tokens;
    const int choice = lane_id();
    for (int token = rank_warp(); token < tokens; token += rank_warps()) {
      const i64 pair = (first + token) * w.top_k + choice;
      const bool chosen = choice < w.top_k && ld_global_nc<i32>(a.chosen + pair) >= 0;
      const bool sent = chosen && ld_global<i32>(a.handle.slots + pair) < w.capacity;
      const float weight = sent ? ld_global_nc<float>(a.weights + pair) : 0.0F;
      u8* out = reinterpret_cast<u8*>(a.out) + (first + token) * w.columns * 2;
      sum_rows(peers.slab(self.rank) + a.slab.returned, ballot(sent), token * w.top_k + choice,
               weight, w.columns, out);
    }
  }
};

template <typename Peers, int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1)
    fast_dispatch(FastDispatchArguments a, Peers peers) {
  FastDispatch<Peers, kWarps> worker{a, peers, peers.self(a.world)};
  FastDispatchProtocol::run(worker);
}

template <typename Peers, int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes, 1)
    fast_combine(FastCombineArguments a, Peers peers) {
  FastCombine<Peers, kWarps> worker{a, peers, peers.self(a.world)};
  FastCombineProtocol::run(worker);
}

template <int kWarps>
LaunchReport launch_fast_dispatch(Gpu& gpu, const FastDispatchArguments& a,
                                  const LocalPeers& peers) {
  if (*refusal(a.world) != '\0') return {.failure = refusal(a.world)};
  return launch(
      gpu, &fast_dispatch<LocalPeers, kWarps>,
      local_shape("fast_dispatch", a.world, kWarps * kWarpLanes, fast_shared_bytes(a.world)), a,
      peers);
}

template <int kWarps>
LaunchReport launch_fast_combine(Gpu& gpu, const FastCombineArguments& a, const LocalPeers& peers) {
  if (*refusal(a.world) != '\0') return {.failure = refusal(a.world)};
  return launch(gpu, &fast_combine<LocalPeers, kWarps>,
                local_shape("fast_combine", a.world, kWarps * kWarpLanes, 0), a, peers);
}

}  // namespace windtunnel::device
