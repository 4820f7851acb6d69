// The low-latency form between virtual ranks: quantised rows where their expert's owner expects
// them, counts from the flags, sums at home; and more pairs than fit.
#include "kernels/all_to_all/low_latency.cuh"

#include "kernels/all_to_all/tolerance.h"
#include "tests/kernels/all_to_all/virtual_ranks.h"

namespace windtunnel::device {
namespace {

using generate::Load;
using generate::Pattern;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

/// Rows of x for the pairs that were sent, in order.
Matrix sent_rows(const Matrix& x, const std::vector<std::int64_t>& pairs, std::int64_t top_k,
                 std::int64_t count) {
  Matrix rows = zeros(count, x.columns);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) rows(i, j) = x(pairs[at(i)] / top_k, j);
  }
  return rows;
}

template <typename T>
Matrix matrix_of(const std::vector<T>& values, std::int64_t rows, std::int64_t columns) {
  Matrix x = zeros(rows, columns);
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = value_of(values[i]);
  return x;
}

/// One world's inputs and memory.
struct Fixture {
  World w;
  reference::Choices choices;
  std::vector<Matrix> x;
  FastSlab slab;
  Slabs slabs;
  Buffer<i32> chosen, counts, slots, sent, received;

  Fixture(Gpu& gpu, const World& world, reference::Choices chosen_experts, std::uint64_t seed)
      : w{world},
        choices{std::move(chosen_experts)},
        slab{fast_slab_of(w)},
        slabs(gpu, w, slab.bytes),
        chosen{parts_buffer<i32>(gpu, choices, w.max_tokens * w.top_k, "chosen")},
        counts{gpu, token_counts(w, choices), "token_counts"},
        slots{result_buffer<i32>(gpu, w.ranks() * w.max_tokens * w.top_k, "slots")},
        sent{result_buffer<i32>(gpu, w.ranks() * w.experts, "sent")},
        received{result_buffer<i32>(gpu, w.ranks() * w.experts, "received")} {
    for (const auto& it : choices) {
      x.push_back(generate::values(std::ssize(it) / w.top_k, w.columns, Pattern::kUniform, kBf16,
                                   seed + x.size()));
    }
  }
  FastHandle handle() const { return {slots.data(), sent.data(), received.data()}; }
};

void dispatch_and_check(Gpu& gpu, const Fixture& it, const reference::ExpertPairs& pairs) {
  const World& w = it.w;
  std::vector<std::vector<bf16>> parts;
  for (const Matrix& x : it.x) parts.push_back(bf16_values(x));
  const auto x = parts_buffer(gpu, parts, w.max_tokens * w.columns, "x");
  const LaunchReport report = launch_fast_dispatch<kTestWarps>(gpu,
                                                               {.world = w,
                                                                .slab = it.slab,
                                                                .epoch = 1,
                                                                .x = x.data(),
                                                                .chosen = it.chosen.data(),
                                                                .token_counts = it.counts.data(),
                                                                .handle = it.handle()},
                                                               it.slabs.peers());
  ASSERT_EQ(report.failure, "");
  const std::vector<i32> sent = it.sent.download();
  const std::vector<i32> received = it.received.download();
  for (int expert = 0; expert < w.experts; ++expert) {
    const int rank = w.rank_of_expert(expert);
    const int own = expert % w.rank_experts();
    for (int source = 0; source < w.ranks(); ++source) {
      SCOPED_TRACE(testing::Message() << "expert " << expert << " source " << source);
      const std::vector<std::int64_t>& want = pairs[at(expert)][at(source)];
      // Both ends know how many there were, also of those that did not fit.
      ASSERT_EQ(sent[at(source * w.experts + expert)], std::ssize(want));
      ASSERT_EQ(received[at(rank * w.experts + own * w.ranks() + source)], std::ssize(want));
      const std::int64_t rows = std::min<std::int64_t>(std::ssize(want), w.capacity);
      const std::int64_t first = fast_row(w, own, source, 0);
      const std::int64_t scales = fast_scales(w);
      const auto got = it.slabs.read<i32>(rank, it.slab.pairs + first * 4, rows);
      for (std::int64_t i = 0; i < rows; ++i) ASSERT_EQ(got[at(i)], want[at(i)]);
      expect_quantized(
          matrix_of(it.slabs.read<e4m3>(rank, it.slab.codes + first * w.columns, rows * w.columns),
                    rows, w.columns),
          matrix_of(it.slabs.read<float>(rank, it.slab.scales + first * scales * 4, rows * scales),
                    rows, scales),
          sent_rows(it.x[at(source)], want, w.top_k, rows), reference::ScaleKind::kExact,
          [](auto, auto) { return 0.0; });
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

void combine_and_check(Gpu& gpu, const Fixture& it, const reference::ExpertPairs& pairs,
                       std::uint64_t seed) {
  const World& w = it.w;
  // What experts make of the rows that came; the others stay undefined.
  auto y = result_buffer<bf16>(gpu, w.ranks() * fast_rows(w) * w.columns, "y");
  std::vector<std::vector<Matrix>> rows(at(w.experts));
  for (int expert = 0; expert < w.experts; ++expert) {
    for (int source = 0; source < w.ranks(); ++source) {
      const auto count =
          std::min<std::int64_t>(std::ssize(pairs[at(expert)][at(source)]), w.capacity);
      const Matrix made = generate::values(count, w.columns, Pattern::kUniform, kBf16,
                                           seed + at(expert * w.ranks() + source));
      const std::vector<bf16> values = bf16_values(made);
      const std::int64_t row = w.rank_of_expert(expert) * fast_rows(w) +
                               fast_row(w, expert % w.rank_experts(), source, 0);
      bf16* to = y.data() + row * w.columns;
      std::copy(values.begin(), values.end(), to);
      if (!values.empty()) gpu.define(to, values.size() * sizeof(bf16), true);
      rows[at(expert)].push_back(made);
    }
  }
  std::vector<Matrix> weights;
  std::vector<std::vector<float>> weight_parts;
  for (const Matrix& x : it.x) {
    weights.push_back(
        generate::values(x.rows, w.top_k, Pattern::kUniform, kFp32, seed + weights.size()));
    weight_parts.push_back(fp32_values(weights.back()));
  }
  const auto weight = parts_buffer(gpu, weight_parts, w.max_tokens * w.top_k, "weights");
  const auto out = result_buffer<bf16>(gpu, w.ranks() * w.max_tokens * w.columns, "out");
  const LaunchReport report = launch_fast_combine<kTestWarps>(gpu,
                                                              {.world = w,
                                                               .slab = it.slab,
                                                               .epoch = 1,
                                                               .y = y.data(),
                                                               .out = out.data(),
                                                               .chosen = it.chosen.data(),
                                                               .weights = weight.data(),
                                                               .token_counts = it.counts.data(),
                                                               .handle = it.handle()},
                                                              it.slabs.peers());
  ASSERT_EQ(report.failure, "");
  const Matrix got = downloaded(out, w.ranks() * w.max_tokens, w.columns);
  for (int rank = 0; rank < w.ranks(); ++rank) {
    const Sum sum = reference::combine_pairs(rows, pairs, rank, weights[at(rank)], w.capacity);
    expect_within(
        rows_of(got, rank * w.max_tokens, weights[at(rank)].rows), sum.value,
        [&](auto i, auto j) {
          return tolerance::combine_weighted(sum.value(i, j), sum.magnitude(i, j), w.top_k);
        },
        "out");
  }
}

void check_fast(Gpu& gpu, const World& w, reference::Choices choices, std::uint64_t seed) {
  const Fixture it(gpu, w, std::move(choices), seed);
  const reference::ExpertPairs pairs = reference::expert_pairs(it.choices, w.experts);
  dispatch_and_check(gpu, it, pairs);
  if (testing::Test::HasFailure()) return;
  combine_and_check(gpu, it, pairs, seed);
}

/// Three ranks; three blocks of columns, the last ragged; experts shared unevenly among CTAs; more
/// pairs than a warp looks at in a step.
constexpr World kThree{.nodes = 1,
                       .node_ranks = 3,
                       .experts = 9,
                       .top_k = 4,
                       .max_tokens = 9,
                       .columns = 264,
                       .blocks = 2,
                       .capacity = 9};

TEST(LowLatency, MatchesItsReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const Load load = generate::kLoads[seed % std::size(generate::kLoads)];
    check_fast(gpu, kThree, loaded(kThree, {9, 0, 5}, load, seed), seed);
  });
}

TEST(LowLatency, WhatExceedsTheCapacityIsToldAndNothingElseSuffers) {
  World w = kThree;
  w.node_ranks = 2;
  w.experts = 8;
  w.columns = 24;
  on_every_seed([&](Gpu& gpu, std::uint64_t seed) {
    w.capacity = 1 + static_cast<int>(seed % 3);
    check_fast(gpu, w, loaded(w, {9, 7}, Load::kOneExpert, seed), seed);
    // Just full.
    w.capacity = 7;
    check_fast(gpu, w, all_to_one(w, {7, 6}, 1), seed);
  });
}

TEST(LowLatency, NothingAtAllAndOneRankAlone) {
  Gpu gpu;
  check_fast(gpu, kThree, all_to_one(kThree, {0, 0, 0}, 1), 1);
  World alone = kThree;
  alone.node_ranks = 1;
  check_fast(gpu, alone, loaded(alone, {5}, Load::kUniform, 1), 1);
  EXPECT_EQ(launch_fast_dispatch<kTestWarps>(gpu, {.world = {.capacity = 0}}, {}).failure,
            "all_to_all: at least one token, CTA and row");
  EXPECT_EQ(launch_fast_combine<kTestWarps>(gpu, {.world = {.capacity = 0}}, {}).failure,
            "all_to_all: at least one token, CTA and row");
}

}  // namespace
}  // namespace windtunnel::device
