// Steps of decoding to run kernels on: a cache whose unused rows, pages and table entries are
// poisoned, and what must come out.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/device/launch.h"
#include "kernels/mla/decode_call.h"
#include "kernels/mla/decode_plan.h"
#include "kernels/mla/decode_reference.h"
#include "kernels/mla/decode_tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/device/seeds.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {

inline constexpr float kStepScale = 0.13F;

/// One step, its plan, and its reference.
struct DecodeStep {
  std::vector<std::int32_t> lengths;
  int queries;
  int heads;
  int pages = 0;  ///< of the cache
  int table_pitch = 0;
  std::vector<std::int32_t> page_table = {};
  Matrix q = {};
  Matrix cache = {};
  DecodePlan plan = {};
  reference::Decoded want = {};
  std::vector<bf16> q_codes = {}, cache_codes = {};
};

inline reference::Decoded reference_of(const DecodeStep& step) {
  return reference::decode({step.q, step.cache, step.page_table, step.table_pitch, step.lengths,
                            step.queries, step.heads, double{kStepScale}});
}

/// Pages in an order of their own; behind each request's last token NaN, in the rest of the table
/// pages that don't exist, and one page of the cache is nobody's. Parts
/// cost at most `share`.
inline DecodeStep decode_step(std::vector<std::int32_t> lengths, int queries, int heads,
                              int share) {
  DecodeStep step{std::move(lengths), queries, heads};
  const auto pages_of = [](std::int32_t tokens) {
    return (tokens + kPageTokens - 1) / kPageTokens;
  };
  int used = 0;
  for (const std::int32_t tokens : step.lengths) {
    step.table_pitch = std::max(step.table_pitch, pages_of(tokens) + 1);
    used += pages_of(tokens);
  }
  step.pages = used + 1;
  step.cache = generate::values(std::int64_t{step.pages} * kPageTokens, kDecodeWidth,
                                generate::Pattern::kUniform, kBf16, 11);
  const auto poison = [&](int page, int from) {
    for (std::int64_t i = from; i < kPageTokens; ++i) {
      for (std::int64_t d = 0; d < kDecodeWidth; ++d) {
        step.cache(page * kPageTokens + i, d) = std::nan("");
      }
    }
  };
  int next = used;
  poison(0, 0);
  for (const std::int32_t tokens : step.lengths) {
    for (int i = 0; i < step.table_pitch; ++i) {
      const bool mine = i < pages_of(tokens);
      if (mine && tokens < (i + 1) * kPageTokens) poison(next, tokens % kPageTokens);
      step.page_table.push_back(mine ? next-- : 1 << 30);
    }
  }
  const auto requests = static_cast<std::int64_t>(step.lengths.size());
  step.q = generate::values(requests * queries * heads, kDecodeWidth, generate::Pattern::kUniform,
                            kBf16, 12);
  step.plan = plan_decode_share({step.lengths, queries, heads}, share);
  step.want = reference_of(step);
  step.q_codes = bf16_values(step.q);
  step.cache_codes = bf16_values(step.cache);
  return step;
}

/// The step in the memory of a GPU, its results undefined.
struct DecodeBuffers {
  Buffer<bf16> q, cache;
  Buffer<int> page_table, lengths, begins;
  Buffer<DecodePiece> pieces;
  Buffer<DecodeMerge> merges;
  Buffer<float> parts, part_sums;
  Buffer<bf16> o;
  Buffer<float> log_sums;

  DecodeBuffers(Gpu& gpu, const DecodeStep& step)
      : q(gpu, step.q_codes, "q"),
        cache(gpu, step.cache_codes, "cache"),
        page_table(gpu, step.page_table, "page_table"),
        lengths(gpu, step.lengths, "lengths"),
        begins(gpu, step.plan.begins, "begins"),
        pieces(gpu, step.plan.pieces, "pieces"),
        merges(gpu, with_one_more(step.plan.merges), "merges"),
        parts(result_buffer<float>(gpu, lines(step) * kDecodeLatent, "parts")),
        part_sums(result_buffer<float>(gpu, lines(step), "part_sums")),
        o(result_buffer<bf16>(gpu, step.q.rows * kDecodeLatent, "o")),
        log_sums(result_buffer<float>(gpu, step.q.rows, "log_sums")) {}

  static std::int64_t lines(const DecodeStep& step) {
    return std::int64_t{step.plan.slots} * step.plan.rows;
  }
  static std::vector<DecodeMerge> with_one_more(std::vector<DecodeMerge> merges) {
    merges.push_back({});
    return merges;
  }
  DecodeCall call(const DecodeStep& step) const {
    return {.q = q.data(),
            .cache = cache.data(),
            .page_table = page_table.data(),
            .lengths = lengths.data(),
            .pages = step.pages,
            .table_pitch = step.table_pitch,
            .requests = static_cast<int>(step.lengths.size()),
            .queries = step.queries,
            .heads = step.heads,
            .scale = kStepScale,
            .begins = begins.data(),
            .pieces = pieces.data(),
            .merges = merges.data(),
            .parts = parts.data(),
            .part_sums = part_sums.data(),
            .o = o.data(),
            .log_sums = log_sums.data()};
  }
};

/// Parts of the request that has row `row` of o.
inline double parts_of(const DecodeStep& step, std::int64_t row) {
  for (const DecodeMerge& it : step.plan.merges) {
    if (it.request == row / step.plan.rows) return it.slots;
  }
  return 1;
}

/// Every row of the result against the reference; NaN and what was not written never match.
/// Steps of `keys` keys replaced the maximum at most once each.
inline void expect_decoded(const DecodeStep& step, const DecodeBuffers& buffers, int keys) {
  const Matrix o = downloaded(buffers.o, step.q.rows, kDecodeLatent);
  const std::vector<float> log_sums = buffers.log_sums.download();
  for (std::int64_t i = 0; i < step.q.rows; ++i) {
    const reference::DecodeRow& row = step.want.rows.at(static_cast<std::size_t>(i));
    const tolerance::DecodeSteps steps{row.keys / keys + 1, parts_of(step, i)};
    const double log_sum = static_cast<double>(log_sums.at(static_cast<std::size_t>(i)));
    if (row.keys == 0) {
      ASSERT_EQ(log_sum, -std::numeric_limits<double>::infinity()) << "row " << i;
    } else {
      ASSERT_NEAR(log_sum, row.log_sum, tolerance::decode_log_sum(row, steps)) << "row " << i;
    }
    for (std::int64_t j = 0; j < kDecodeLatent; ++j) {
      const double value = step.want.o.value(i, j);
      const double bound =
          row.keys == 0 ? 0
                        : tolerance::decode_output(value, step.want.o.magnitude(i, j), row, steps);
      ASSERT_TRUE(std::abs(o(i, j) - value) <= bound)
          << "o(" << i << ", " << j << ") is " << o(i, j) << " instead of " << value << " +- "
          << bound;
    }
  }
}

/// Runs `decode(gpu, call)`, which reports what the model has against it, with seeds 1 to `count`.
template <typename Decode>
void expect_step(const DecodeStep& step, int keys, std::uint64_t count, Decode decode) {
  for (const std::uint64_t seed : seeds(count)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Gpu gpu(seeded(seed));
    const DecodeBuffers buffers(gpu, step);
    ASSERT_EQ(decode(gpu, buffers.call(step)), "");
    expect_decoded(step, buffers, keys);
    if (testing::Test::HasFailure()) return;
  }
}

/// Seeds of the tests that show most, and of those for what only these leave out.
inline constexpr std::uint64_t kAllSeeds = 20;
inline constexpr std::uint64_t kFewSeeds = 3;

}  // namespace windtunnel::device
