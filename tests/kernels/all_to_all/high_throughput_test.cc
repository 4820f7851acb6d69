// Dispatch and combine between virtual ranks, one hop and two, against the reference: every row
// that came, byte by byte and in order, and every sum that went home.
#include "kernels/all_to_all/reference.h"
#include "kernels/all_to_all/tolerance.h"
#include "tests/kernels/all_to_all/virtual_ranks.h"

namespace windtunnel::device {
namespace {

using generate::Load;
using generate::Pattern;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// What each rank has: rows of bytes, scales and weights, and the tokens' choices.
struct Inputs {
  reference::Choices choices;
  std::vector<std::vector<u8>> x;
  std::vector<std::vector<float>> scales;
  std::vector<std::vector<float>> weights;
};

Inputs inputs_of(const World& w, reference::Choices choices, std::uint64_t seed) {
  Inputs in{.choices = std::move(choices), .x = {}, .scales = {}, .weights = {}};
  generate::Random random(seed);
  const auto drawn_floats = [&](std::int64_t count) {
    std::vector<float> values;
    while (std::ssize(values) < count) values.push_back(static_cast<float>(random.real(-1, 1)));
    return values;
  };
  for (const auto& chosen : in.choices) {
    const std::int64_t tokens = std::ssize(chosen) / w.top_k;
    std::vector<u8>& x = in.x.emplace_back();
    while (std::ssize(x) < tokens * w.row_bytes) x.push_back(static_cast<u8>(random.bits()));
    in.scales.push_back(drawn_floats(tokens * w.scales));
    in.weights.push_back(drawn_floats(tokens * w.top_k));
  }
  return in;
}

template <typename T>
std::vector<T> part(const std::vector<T>& all, std::int64_t index, std::int64_t size) {
  return {all.begin() + index * size, all.begin() + (index + 1) * size};
}

void expect_arrivals(const Slabs& slabs, const World& w, const Slab& slab, const Inputs& in,
                     const reference::Exchange& want, int rank) {
  const std::vector<reference::Arrival>& arrivals = want.arrivals[at(rank)];
  const std::int64_t rows = std::ssize(arrivals);
  const auto x = slabs.read<u8>(rank, slab.rows.x, rows * w.row_bytes);
  const auto scales = slabs.read<float>(rank, slab.rows.scales, rows * w.scales);
  const auto experts = slabs.read<i32>(rank, slab.rows.experts, rows * w.top_k);
  const auto weights = slabs.read<float>(rank, slab.rows.weights, rows * w.top_k);
  const auto tokens = slabs.read<i32>(rank, slab.rows.tokens, rows);
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto [source, token] = arrivals[at(i)];
    SCOPED_TRACE(testing::Message() << "rank " << rank << " row " << i);
    ASSERT_EQ(tokens[at(i)], token);
    ASSERT_EQ(part(x, i, w.row_bytes), part(in.x[at(source)], token, w.row_bytes));
    ASSERT_EQ(part(scales, i, w.scales), part(in.scales[at(source)], token, w.scales));
    ASSERT_EQ(part(weights, i, w.top_k), part(in.weights[at(source)], token, w.top_k));
    std::vector<i32> local = part(in.choices[at(source)], token, w.top_k);
    for (i32& expert : local) {
      const bool here = expert >= 0 && w.rank_of_expert(expert) == rank;
      expert = here ? expert % w.rank_experts() : -1;
    }
    ASSERT_EQ(part(experts, i, w.top_k), local);
  }
}

std::vector<i32> ints(const std::vector<std::int64_t>& x) { return {x.begin(), x.end()}; }

/// The results of experts, invented.
std::vector<Matrix> returned_by(const World& w, const reference::Exchange& exchange,
                                std::uint64_t seed) {
  std::vector<Matrix> rows;
  for (const auto& arrivals : exchange.arrivals) {
    rows.push_back(generate::values(std::ssize(arrivals), w.columns, Pattern::kUniform, kBf16,
                                    seed + rows.size()));
  }
  return rows;
}

void check_exchange(Gpu& gpu, const World& w, reference::Choices choices, std::uint64_t seed) {
  const Inputs in = inputs_of(w, std::move(choices), seed);
  const reference::Exchange want = reference::exchange(in.choices, w.top_k, w.experts);
  const Slab slab = slab_of(w);
  const Slabs slabs(gpu, w, slab.bytes);
  const HandleBuffers buffers(gpu, w);
  const auto x = parts_buffer(gpu, in.x, w.max_tokens * w.row_bytes, "x");
  const auto scales = parts_buffer(gpu, in.scales, w.max_tokens * w.scales, "x_scales");
  const auto chosen = parts_buffer<i32>(gpu, in.choices, w.max_tokens * w.top_k, "chosen");
  const auto weights = parts_buffer(gpu, in.weights, w.max_tokens * w.top_k, "weights");
  const Buffer<i32> counts(gpu, token_counts(w, in.choices), "token_counts");
  ASSERT_EQ(launch_place<kTestWarps>(gpu,
                                     {.world = w,
                                      .chosen = chosen.data(),
                                      .token_counts = counts.data(),
                                      .handle = buffers.handle()},
                                     w.ranks())
                .failure,
            "");
  const DispatchArguments there{.world = w,
                                .slab = slab,
                                .epoch = 1,
                                .x = x.data(),
                                .x_scales = scales.data(),
                                .chosen = chosen.data(),
                                .weights = weights.data(),
                                .token_counts = counts.data(),
                                .handle = buffers.handle()};
  const LaunchReport sent = w.nodes == 1
                                ? launch_dispatch<kTestWarps>(gpu, there, slabs.peers())
                                : launch_dispatch_two_hops<kTestWarps>(gpu, there, slabs.peers());
  ASSERT_EQ(sent.failure, "");
  for (int rank = 0; rank < w.ranks(); ++rank) {
    expect_arrivals(slabs, w, slab, in, want, rank);
    EXPECT_EQ(downloaded_part(buffers.receive_offsets, rank * (w.ranks() + 1), w.ranks() + 1),
              ints(want.offsets[at(rank)]));
    EXPECT_EQ(downloaded_part(buffers.received_experts, rank * w.rank_experts(), w.rank_experts()),
              ints(want.expert_pairs[at(rank)]));
  }
  if (testing::Test::HasFailure()) return;

  const std::vector<Matrix> rows = returned_by(w, want, seed);
  std::vector<std::vector<bf16>> y_parts;
  for (const Matrix& of_rank : rows) y_parts.push_back(bf16_values(of_rank));
  const auto y = parts_buffer(gpu, y_parts, received_rows(w) * w.columns, "y");
  const auto out = result_buffer<bf16>(gpu, w.ranks() * w.max_tokens * w.columns, "out");
  const CombineArguments back{.world = w,
                              .slab = slab,
                              .epoch = 1,
                              .y = y.data(),
                              .out = out.data(),
                              .token_counts = counts.data(),
                              .handle = buffers.handle()};
  const LaunchReport home = w.nodes == 1
                                ? launch_combine<kTestWarps>(gpu, back, slabs.peers())
                                : launch_combine_two_hops<kTestWarps>(gpu, back, slabs.peers());
  ASSERT_EQ(home.failure, "");
  const Matrix got = downloaded(out, w.ranks() * w.max_tokens, w.columns);
  for (int rank = 0; rank < w.ranks(); ++rank) {
    const std::int64_t tokens = std::ssize(in.choices[at(rank)]) / w.top_k;
    const Sum sum = reference::combine(rows, want, rank, tokens);
    expect_within(
        rows_of(got, rank * w.max_tokens, tokens), sum.value,
        [&](auto i, auto j) {
          const double value = sum.value(i, j);
          const double size = sum.magnitude(i, j);
          return w.nodes == 1 ? tolerance::combine(value, size, w.ranks())
                              : tolerance::combine_two_hops(value, size, w.node_ranks, w.nodes);
        },
        "out");
  }
}

/// Three ranks; rows of 21 vectors and three scales, sums of one vector more than a warp holds.
constexpr World kOneNode{.nodes = 1,
                         .node_ranks = 3,
                         .experts = 9,
                         .top_k = 4,
                         .max_tokens = 9,
                         .columns = 264,
                         .row_bytes = 336,
                         .scales = 3,
                         .blocks = 2};
/// More vectors than a warp has in flight, more scales than lanes.
constexpr World kLongRows{.nodes = 1,
                          .node_ranks = 2,
                          .experts = 6,
                          .top_k = 2,
                          .max_tokens = 3,
                          .columns = 8,
                          .row_bytes = 2 * 2048 + 16,
                          .scales = 33,
                          .blocks = 1};
constexpr World kTwoByTwo{.nodes = 2,
                          .node_ranks = 2,
                          .experts = 8,
                          .top_k = 4,
                          .max_tokens = 7,
                          .columns = 40,
                          .row_bytes = 80,
                          .scales = 1,
                          .blocks = 2};
constexpr World kThreeByTwo{.nodes = 3,
                            .node_ranks = 2,
                            .experts = 12,
                            .top_k = 4,
                            .max_tokens = 5,
                            .columns = 16,
                            .row_bytes = 16,
                            .scales = 0,
                            .blocks = 1};

TEST(HighThroughput, OneHopMatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    check_exchange(gpu, kOneNode, loaded(kOneNode, {9, 0, 6}, load, seed), seed);
    check_exchange(gpu, kLongRows, loaded(kLongRows, {2, 3}, Load::kUniform, seed), seed);
  });
}

TEST(HighThroughput, FourRanksAndOneOfThemWanted) {
  World w = kOneNode;
  w.node_ranks = 4;
  w.experts = 16;
  w.columns = 16;
  on_every_seed([&](Gpu& gpu, std::uint64_t seed) {
    check_exchange(gpu, w, all_to_one(w, {9, 3, 0, 5}, static_cast<int>(seed % 4)), seed);
  });
}

TEST(HighThroughput, TwoHopsMatchTheirReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    check_exchange(gpu, kTwoByTwo, loaded(kTwoByTwo, {7, 0, 4, 5}, load, seed), seed);
    check_exchange(gpu, kThreeByTwo, node_limited(kThreeByTwo, {5, 1, 0, 3, 4, 2}, 2, seed), seed);
  });
}

TEST(HighThroughput, TwoHopsTakeSkewAndNothingAtAll) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    Gpu gpu(seeded(seed));
    check_exchange(gpu, kTwoByTwo, all_to_one(kTwoByTwo, {7, 6, 0, 3}, 3), seed);
    check_exchange(gpu, kTwoByTwo, all_to_one(kTwoByTwo, {0, 0, 0, 0}, 1), seed);
    check_exchange(gpu, kOneNode, all_to_one(kOneNode, {0, 0, 0}, 1), seed);
    World alone = kOneNode;
    alone.node_ranks = 1;
    check_exchange(gpu, alone, loaded(alone, {5}, Load::kUniform, seed), seed);
  }
}

TEST(HighThroughput, TheWrongNumberOfNodesIsRefused) {
  Gpu gpu;
  const LocalPeers peers;
  EXPECT_EQ(launch_dispatch<kTestWarps>(gpu, {.world = kTwoByTwo}, peers).failure,
            "dispatch: one node; across nodes takes two hops");
  EXPECT_EQ(launch_combine<kTestWarps>(gpu, {.world = kTwoByTwo}, peers).failure,
            "combine: one node; across nodes takes two hops");
  EXPECT_EQ(launch_dispatch_two_hops<kTestWarps>(gpu, {.world = kOneNode}, peers).failure,
            "dispatch_two_hops: one node takes one hop");
  EXPECT_EQ(launch_combine_two_hops<kTestWarps>(gpu, {.world = kOneNode}, peers).failure,
            "combine_two_hops: one node takes one hop");
}

}  // namespace
}  // namespace windtunnel::device
