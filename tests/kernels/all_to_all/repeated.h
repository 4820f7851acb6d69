// Calls one after the other without a launch between them: each rank goes on to its next call as
// soon as it has finished one, as on a stream of its own, so fast ranks run ahead of slow ones.
// Between launches the model orders everything; only here can a rank overwrite what another still
// reads.
#pragma once

#include "kernels/all_to_all/low_latency.cuh"
#include "kernels/all_to_all/tolerance.h"
#include "tests/kernels/all_to_all/virtual_ranks.h"

namespace windtunnel::device {

inline std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// The end of a kernel and the beginning of the next on one stream: the CTAs of a rank meet.
__device__ inline void next_on_stream(u32* meetings, const World& w, const Self& self,
                                      u32 meeting) {
  syncthreads();
  if (threadIdx.x == 0) {
    red_add<Order::kRelease, Scope::kGpu>(meetings + self.rank, 1);
    wait_flag_at_least<Scope::kGpu>(meetings + self.rank, meeting * static_cast<u32>(w.blocks));
  }
  syncthreads();
}

struct RepeatedArguments {
  DispatchArguments there;
  CombineArguments back;
  bf16* y;
  u32* meetings;
  int calls;
  int passes;
};

/// An expert that doubles: y = 2 x of every row that came (BF16).
template <typename Peers>
__device__ void twice(const RepeatedArguments& a, const Peers& peers, const Self& self) {
  const World& w = a.there.world;
  const i32* offsets = a.there.handle.receive_offsets + i64{self.local} * (w.ranks() + 1);
  const int values = ld_global<i32>(offsets + w.ranks()) * w.columns;
  const u8* x = peers.slab(self.rank) + a.there.slab.rows.x;
  bf16* y = a.y + self.local * received_rows(w) * w.columns;
  const int stride = w.blocks * static_cast<int>(blockDim.x);
  for (int i = self.block * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x);
       i < values; i += stride) {
    st_global(y + i, to_bf16(2 * to_float(ld_global<bf16>(x + i * 2))));
  }
}

/// Each call sends rows of its own. Its combine is done twice: the second one has no dispatch
/// before it from which a rank could learn that the regions of its peers are free.
template <bool kTwoHops, int kWarps>
__global__ void repeated(RepeatedArguments a, LocalPeers peers) {
  const World& w = a.there.world;
  const Self self = peers.self(w);
  const u8* x = a.there.x;
  bf16* out = a.back.out;
  u32 meeting = 0;
  for (int call = 0; call < a.calls; ++call) {
    a.there.epoch = static_cast<u32>(call) + 1;
    a.there.x = x + i64{call} * w.ranks() * w.max_tokens * w.row_bytes;
    Dispatch<LocalPeers, kWarps> dispatch{a.there, peers, self};
    if constexpr (kTwoHops) {
      TwoHopDispatch<LocalPeers, kWarps> worker{dispatch};
      TwoHopDispatchProtocol::run(worker);
    } else {
      DispatchProtocol::run(dispatch);
    }
    next_on_stream(a.meetings, w, self, ++meeting);
    twice(a, peers, self);
    next_on_stream(a.meetings, w, self, ++meeting);
    for (int pass = 0; pass < a.passes; ++pass) {
      ++a.back.epoch;
      a.back.out = out + i64{call} * w.ranks() * w.max_tokens * w.columns;
      Combine<LocalPeers, kWarps> combine{a.back, peers, self};
      if constexpr (kTwoHops) {
        TwoHopCombine<LocalPeers, kWarps> worker{combine};
        TwoHopCombineProtocol::run(worker);
      } else {
        CombineProtocol::run(combine);
      }
      next_on_stream(a.meetings, w, self, ++meeting);
    }
  }
}

/// y = 2 x of each token, once for each rank that it goes to.
inline void expect_twice(const Matrix& out, const Matrix& x, const World& w,
                         const reference::Choices& choices, int call) {
  for (int rank = 0; rank < w.ranks(); ++rank) {
    const Places places = placed(w, choices[at(rank)]);
    for (std::size_t token = 0; token < places.slots.size(); ++token) {
      std::int64_t ranks = 0;
      for (int to = 0; to < w.ranks(); ++to) ranks += places.slots[token][at(to)] >= 0 ? 1 : 0;
      const std::int64_t row = (call * w.ranks() + rank) * w.max_tokens + std::int64_t(token);
      for (std::int64_t j = 0; j < w.columns; ++j) {
        const double want = 2 * x(row, j) * static_cast<double>(ranks);
        ASSERT_LE(std::abs(out(row, j) - want),
                  tolerance::combine_two_hops(want, std::abs(want), w.node_ranks, w.nodes))
            << "call " << call << " rank " << rank << " token " << token;
      }
    }
  }
}

/// Calls by `calls` dispatches, of each the combine done `passes` times.
template <bool kTwoHops, int kWarps>
void check_repeated(Gpu& gpu, const World& w, const reference::Choices& choices, int calls,
                    int passes, std::uint64_t seed) {
  const std::int64_t rows = w.ranks() * w.max_tokens;
  const Slab slab = slab_of(w);
  const Slabs slabs(gpu, w, slab.bytes);
  const HandleBuffers buffers(gpu, w);
  const Matrix values =
      generate::values(calls * rows, w.columns, generate::Pattern::kUniform, kBf16, seed);
  const Buffer<bf16> x(gpu, bf16_values(values), "x");
  const auto chosen = parts_buffer<i32>(gpu, choices, w.max_tokens * w.top_k, "chosen");
  const Buffer<float> weights(gpu, std::vector<float>(at(rows * w.top_k), 1), "weights");
  const Buffer<i32> counts(gpu, token_counts(w, choices), "token_counts");
  const Buffer<u32> meetings(gpu, std::vector<u32>(at(w.ranks()), 0), "meetings");
  const auto y = result_buffer<bf16>(gpu, w.ranks() * received_rows(w) * w.columns, "y");
  const auto out = result_buffer<bf16>(gpu, calls * rows * w.columns, "out");
  ASSERT_EQ(launch_place<kWarps>(gpu,
                                 {.world = w,
                                  .chosen = chosen.data(),
                                  .token_counts = counts.data(),
                                  .handle = buffers.handle()},
                                 w.ranks())
                .failure,
            "");
  const RepeatedArguments arguments{.there = {.world = w,
                                              .slab = slab,
                                              .epoch = 0,
                                              .x = reinterpret_cast<const u8*>(x.data()),
                                              .x_scales = nullptr,
                                              .chosen = chosen.data(),
                                              .weights = weights.data(),
                                              .token_counts = counts.data(),
                                              .handle = buffers.handle()},
                                    .back = {.world = w,
                                             .slab = slab,
                                             .epoch = 0,
                                             .y = y.data(),
                                             .out = out.data(),
                                             .token_counts = counts.data(),
                                             .handle = buffers.handle()},
                                    .y = y.data(),
                                    .meetings = meetings.data(),
                                    .calls = calls,
                                    .passes = passes};
  const LaunchReport report =
      launch(gpu, &repeated<kTwoHops, kWarps>,
             local_shape("repeated", w, kWarps * kWarpLanes, dispatch_shared_bytes(w)), arguments,
             slabs.peers());
  ASSERT_EQ(report.failure, "");
  const Matrix got = downloaded(out, calls * rows, w.columns);
  for (int call = 0; call < calls; ++call) expect_twice(got, values, w, choices, call);
}

inline World small(int nodes, int node_ranks) {
  return {.nodes = nodes,
          .node_ranks = node_ranks,
          .experts = nodes * node_ranks * 2,
          .top_k = 2,
          .max_tokens = 5,
          .columns = 16,
          .row_bytes = 32,
          .scales = 0,
          .blocks = 2};
}

struct RepeatedFastArguments {
  FastDispatchArguments there;
  FastCombineArguments back;
  bf16* y;
  u32* meetings;
  int calls;
};

/// y = 2 x of every row that came, from its codes.
__device__ inline void twice_fast(const RepeatedFastArguments& a, const LocalPeers& peers,
                                  const Self& self) {
  const World& w = a.there.world;
  const u8* slab = peers.slab(self.rank);
  for (int i = self.block; i < w.experts; i += w.blocks) {
    const i32 count = ld_global<i32>(a.there.handle.received + i64{self.local} * w.experts + i);
    for (int slot = 0; slot < smaller(count, w.capacity); ++slot) {
      const i64 row = fast_row(w, i / w.ranks(), i % w.ranks(), slot);
      const float scale = ld_global<float>(slab + a.there.slab.scales + row * fast_scales(w) * 4);
      for (int j = static_cast<int>(threadIdx.x); j < w.columns;
           j += static_cast<int>(blockDim.x)) {
        const e4m3 code = ld_global<e4m3>(slab + a.there.slab.codes + row * w.columns + j);
        st_global(a.y + (self.local * fast_rows(w) + row) * w.columns + j,
                  to_bf16(2 * scale * to_float(code)));
      }
    }
  }
}

template <int kWarps>
__global__ void repeated_fast(RepeatedFastArguments a, LocalPeers peers) {
  const World& w = a.there.world;
  const Self self = peers.self(w);
  const bf16* x = a.there.x;
  bf16* out = a.back.out;
  u32 meeting = 0;
  for (int call = 0; call < a.calls; ++call) {
    a.there.epoch = static_cast<u32>(call) + 1;
    a.there.x = x + i64{call} * w.ranks() * w.max_tokens * w.columns;
    FastDispatch<LocalPeers, kWarps> dispatch{a.there, peers, self};
    FastDispatchProtocol::run(dispatch);
    next_on_stream(a.meetings, w, self, ++meeting);
    twice_fast(a, peers, self);
    next_on_stream(a.meetings, w, self, ++meeting);
    a.back.epoch = static_cast<u32>(call) + 1;
    a.back.out = out + i64{call} * w.ranks() * w.max_tokens * w.columns;
    FastCombine<LocalPeers, kWarps> combine{a.back, peers, self};
    FastCombineProtocol::run(combine);
    next_on_stream(a.meetings, w, self, ++meeting);
  }
}

/// The same of low latency.
template <int kWarps>
void check_repeated_fast(Gpu& gpu, const World& w, const reference::Choices& choices, int calls,
                         std::uint64_t seed) {
  const std::int64_t rows = w.ranks() * w.max_tokens;
  const FastSlab slab = fast_slab_of(w);
  const Slabs slabs(gpu, w, slab.bytes);
  const Matrix values =
      generate::values(calls * rows, w.columns, generate::Pattern::kUniform, kBf16, seed);
  const Buffer<bf16> x(gpu, bf16_values(values), "x");
  const auto chosen = parts_buffer<i32>(gpu, choices, w.max_tokens * w.top_k, "chosen");
  const Buffer<float> weights(gpu, std::vector<float>(at(rows * w.top_k), 1), "weights");
  const Buffer<i32> counts(gpu, token_counts(w, choices), "token_counts");
  const Buffer<u32> meetings(gpu, std::vector<u32>(at(w.ranks()), 0), "meetings");
  const auto slots = result_buffer<i32>(gpu, rows * w.top_k, "slots");
  const auto sent = result_buffer<i32>(gpu, w.ranks() * w.experts, "sent");
  const auto received = result_buffer<i32>(gpu, w.ranks() * w.experts, "received");
  const auto y = result_buffer<bf16>(gpu, w.ranks() * fast_rows(w) * w.columns, "y");
  const auto out = result_buffer<bf16>(gpu, calls * rows * w.columns, "out");
  const FastHandle handle{slots.data(), sent.data(), received.data()};
  const RepeatedFastArguments arguments{
      .there = {w, slab, 0, x.data(), chosen.data(), counts.data(), handle},
      .back = {w, slab, 0, y.data(), out.data(), chosen.data(), weights.data(), counts.data(),
               handle},
      .y = y.data(),
      .meetings = meetings.data(),
      .calls = calls};
  const LaunchReport report =
      launch(gpu, &repeated_fast<kWarps>,
             local_shape("repeated_fast", w, kWarps * kWarpLanes, fast_shared_bytes(w)), arguments,
             slabs.peers());
  ASSERT_EQ(report.failure, "");
  const Matrix got = downloaded(out, calls * rows, w.columns);
  for (int call = 0; call < calls; ++call) {
    for (int rank = 0; rank < w.ranks(); ++rank) {
      const std::vector<std::int32_t>& chose = choices[at(rank)];
      for (std::int64_t pair = 0; pair < std::ssize(chose); pair += w.top_k) {
        const std::int64_t row = (call * w.ranks() + rank) * w.max_tokens + pair / w.top_k;
        for (std::int64_t j = 0; j < w.columns; ++j) {
          // e4m3 keeps four bits, BF16 eight, and no value is far below its block's largest: a
          // sixteenth of the block's largest, 1, at most.
          const double want = 2 * w.top_k * values(row, j);
          ASSERT_NEAR(got(row, j), want, 2 * w.top_k / 16.0 + 0.02)
              << "call " << call << " rank " << rank << " pair " << pair;
        }
      }
    }
  }
}

}  // namespace windtunnel::device
