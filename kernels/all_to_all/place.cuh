// Places: which of a rank's tokens go to each unit (a rank, or a node), and as its how many-th. A
// CTA takes a unit; its warps count a stretch of tokens each, then number theirs behind the warps
// before. So places are in the order of tokens, the same every time, and nothing is atomic but
// counts in shared memory.
#pragma once

#include "kernels/all_to_all/peers.cuh"

namespace windtunnel::device {

/// What a dispatch leaves to its combine; of each rank of the launch one part.
struct Handle {
  i32* slots = nullptr;             ///< [max_tokens, units]: place among those of a unit, or -1
  i32* unit_counts = nullptr;       ///< [units]
  i32* expert_counts = nullptr;     ///< [experts]: pairs
  i32* counts = nullptr;            ///< [ranks, units]: every rank's unit_counts
  i32* receive_offsets = nullptr;   ///< [ranks + 1]: first row received of each rank, then all
  i32* received_experts = nullptr;  ///< [experts of the rank]: pairs received
  i32* forward_slots = nullptr;     ///< [nodes, max_tokens, node_ranks]; of several nodes only
};

/// chosen[max_tokens, top_k] of each rank, -1 for none; token_counts[1].
struct PlaceArguments {
  World world = {};
  const i32* chosen = nullptr;
  const i32* token_counts = nullptr;
  Handle handle = {};
};

/// Whether one of the token's choices is among `experts`.
__device__ __forceinline__ bool chose(const i32* chosen, int top_k, Experts experts) {
  bool found = false;
  for (int choice = 0; choice < top_k; ++choice) {
    found = found || experts.hold(ld_global_nc<i32>(chosen + choice));
  }
  return found;
}

/// Pairs of each expert of the rank `unit`, in shared memory from `at`.
template <int kWarps>
__device__ __forceinline__ void count_experts(const PlaceArguments& a, int local, int tokens,
                                              Experts experts, u32 at) {
  constexpr int kThreads = kWarps * kWarpLanes;
  const int thread = static_cast<int>(threadIdx.x);
  for (int e = thread; e < experts.count; e += kThreads) st_shared(at + static_cast<u32>(e) * 4, 0);
  syncthreads();
  const i32* chosen = a.chosen + i64{local} * a.world.max_tokens * a.world.top_k;
  for (int pair = thread; pair < tokens * a.world.top_k; pair += kThreads) {
    const i32 expert = ld_global_nc<i32>(chosen + pair);
    if (!experts.hold(expert)) continue;
    atomic_add_shared(at + static_cast<u32>(expert - experts.first) * 4, 1);
  }
  syncthreads();
  i32* to = a.handle.expert_counts + i64{local} * a.world.experts + experts.first;
  for (int e = thread; e < experts.count; e += kThreads) {
    st_global(to + e, ld_shared<i32>(at + static_cast<u32>(e) * 4));
  }
}

/// A grid of units for each rank of the launch.
template <int kWarps>
__global__ void __launch_bounds__(kWarps* kWarpLanes) place_tokens(PlaceArguments a) {
  const World& w = a.world;
  const int unit = static_cast<int>(blockIdx.x) % w.units();
  const int local = static_cast<int>(blockIdx.x) / w.units();
  const int tokens = ld_global_nc<i32>(a.token_counts + local);
  const Experts experts = experts_of_unit(w, unit);
  const i32* chosen = a.chosen + i64{local} * w.max_tokens * w.top_k;
  const int steps = (tokens + kWarps * kWarpLanes - 1) / (kWarps * kWarpLanes);
  const int first = warp_id() * steps * kWarpLanes;

  int count = 0;
  for (int step = 0; step < steps; ++step) {
    const int token = first + step * kWarpLanes + lane_id();
    const bool goes = token < tokens && chose(chosen + i64{token} * w.top_k, w.top_k, experts);
    count += count_bits(ballot(goes));
  }
  const u32 base = shared_base();
  if (lane_id() == 0) st_shared(base + static_cast<u32>(warp_id()) * 4, count);
  syncthreads();
  int next = 0;
  int total = 0;
  for (int warp = 0; warp < kWarps; ++warp) {
    const int of_warp = ld_shared<int>(base + static_cast<u32>(warp) * 4);
    if (warp < warp_id()) next += of_warp;
    total += of_warp;
  }
  if (threadIdx.x == 0) st_global(a.handle.unit_counts + i64{local} * w.units() + unit, total);

  for (int step = 0; step < steps; ++step) {
    const int token = first + step * kWarpLanes + lane_id();
    const bool goes = token < tokens && chose(chosen + i64{token} * w.top_k, w.top_k, experts);
    const u32 going = ballot(goes);
    const int slot = next + count_bits(going & ((1U << lane_id()) - 1));
    next += count_bits(going);
    if (token >= tokens) continue;
    st_global(a.handle.slots + (i64{local} * w.max_tokens + token) * w.units() + unit,
              goes ? slot : -1);
  }
  if (unit < w.ranks()) count_experts<kWarps>(a, local, tokens, experts, base + kWarps * 4);
}

/// `locals` ranks are in the launch: all of them if they are virtual, else 1.
template <int kWarps>
LaunchReport launch_place(Gpu& gpu, const PlaceArguments& a, int locals) {
  if (*refusal(a.world) != '\0') return {.failure = refusal(a.world)};
  const LaunchShape shape{.kernel = "place_tokens",
                          .grid = {static_cast<u32>(locals * a.world.units())},
                          .block = {kWarps * kWarpLanes},
                          .shared_bytes = static_cast<u32>(kWarps + a.world.rank_experts()) * 4};
  return launch(gpu, &place_tokens<kWarps>, shape, a);
}

}  // namespace windtunnel::device
