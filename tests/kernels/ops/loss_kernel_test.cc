// Cross-entropy kernels on the device model, against kernels/ops/reference.h.
#include <algorithm>
#include <cmath>

#include "kernels/ops/loss.cuh"
#include "kernels/ops/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {
namespace {

using generate::Pattern;

constexpr int kThreads = 128;
constexpr double kScale = 0x1p-4;
/// e to twice this is beyond FP32.
constexpr double kLargest = 64;

/// Logits up to `size`, with every row's largest in another place and targets all over, the first
/// and the last column among them.
struct Problem {
  Matrix logits;
  std::vector<std::int32_t> targets;
  std::vector<reference::LossPart> parts;
};

Problem problem(std::int64_t rows, std::int64_t columns, double size, std::int64_t vocabulary,
                std::int64_t first, std::uint64_t seed) {
  Problem p{generate::values(rows, columns, Pattern::kUniform, kBf16, seed), {}, {}};
  for (double& logit : p.logits.values) logit *= size;
  // A thread's second walk finds nothing but the smallest: without the first walk's maximum, sums
  // overflow.
  for (std::int64_t i = 0; size == kLargest && i < rows; ++i) {
    for (std::int64_t j = kThreads * kVector; j < columns; ++j) p.logits(i, j) = -size;
  }
  generate::Random random(seed);
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::int64_t target = i == 0 ? 0 : i == 1 ? vocabulary - 1 : random.below(vocabulary);
    p.targets.push_back(static_cast<std::int32_t>(target));
    p.parts.push_back(
        reference::loss_part(rows_of(p.logits, i, 1).values, first, p.targets.back()));
  }
  return p;
}

tolerance::LossRow row_of(MatrixView logits, std::int64_t i) {
  const std::span<const double> row = rows_of(logits, i, 1).values;
  const auto [low, high] = std::minmax_element(row.begin(), row.end());
  const double steps = std::ceil(static_cast<double>(logits.columns) / (kThreads * kVector));
  return {.size = std::max(std::abs(*low), std::abs(*high)),
          .range = *high - *low,
          .depth = steps * kVector + std::log2(kThreads),
          .rescales = steps + std::log2(kThreads)};
}

void expect_gradient(MatrixView got, const Problem& p, const std::vector<double>& log_sums,
                     std::int64_t first) {
  for (std::int64_t i = 0; i < got.rows; ++i) {
    const double log_sum = log_sums[static_cast<std::size_t>(i)];
    const std::span<const double> logits = rows_of(p.logits, i, 1).values;
    const std::int64_t target = p.targets[static_cast<std::size_t>(i)];
    const std::vector<double> want =
        reference::loss_gradient(logits, first, target, log_sum, kScale);
    const tolerance::LossRow row = row_of(p.logits, i);
    for (std::int64_t j = 0; j < got.columns; ++j) {
      const auto at = static_cast<std::size_t>(j);
      const double probability = kScale * std::exp(logits[at] - log_sum);
      ASSERT_TRUE(std::abs(got(i, j) - want[at]) <=
                  tolerance::loss_gradient(want[at], probability, log_sum, row))
          << "gradient (" << i << ", " << j << "): " << got(i, j) << " instead of " << want[at];
    }
  }
}

template <LossKind kKind>
void check_loss(Gpu& gpu, std::int64_t rows, std::int64_t columns, double size,
                std::uint64_t seed) {
  const Problem p = problem(rows, columns, size, columns, 0, seed);
  const Buffer<bf16> logits(gpu, bf16_values(p.logits), "logits");
  const Buffer<std::int32_t> targets(gpu, p.targets, "targets");
  const auto loss = result_buffer<float>(gpu, rows, "loss");
  const LaunchReport report =
      launch_cross_entropy<kKind, kThreads>(gpu,
                                            {.logits = logits.data(),
                                             .targets = targets.data(),
                                             .loss = loss.data(),
                                             .scale = static_cast<float>(kScale),
                                             .rows = static_cast<int>(rows),
                                             .columns = static_cast<int>(columns)},
                                            1);
  ASSERT_EQ(report.failure, "");
  const Matrix losses = downloaded(loss, rows, 1);
  std::vector<double> log_sums;
  for (std::int64_t i = 0; i < rows; ++i) {
    const reference::LossPart& part = p.parts[static_cast<std::size_t>(i)];
    log_sums.push_back(reference::log_sum(part));
    const double want = reference::loss(part);
    ASSERT_TRUE(std::abs(losses(i, 0) - want) <=
                tolerance::loss(log_sums.back(), want, row_of(p.logits, i)))
        << "loss " << i << ": " << losses(i, 0) << " instead of " << want;
  }
  const Matrix after = downloaded(logits, rows, columns);
  if (kKind == LossKind::kLoss) {
    expect_equal(after, p.logits, "logits");
  } else {
    expect_gradient(after, p, log_sums, 0);
  }
}

TEST(CrossEntropyKernel, LossAndGradientMatchTheirReferenceForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    // Three vectors a thread and a bit: the last walk is ragged inside a warp. 34 rows on 16
    // blocks.
    check_loss<LossKind::kLossAndGradient>(gpu, 2, 3 * 1024 + 136, 8, seed);
    check_loss<LossKind::kLossAndGradient>(gpu, 50, 264, kLargest, seed);
    check_loss<LossKind::kLoss>(gpu, 2, 1160, kLargest, seed);
    // Fewer vectors than threads: some know nothing of the row.
    check_loss<LossKind::kLoss>(gpu, 3, 8, 4, seed);
  });
}

/// A vocabulary split over two ranks: parts, merged on the host, then each rank's gradient.
TEST(CrossEntropyKernel, RanksShareARowForEverySeed) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    constexpr std::int64_t kRows = 6;
    constexpr std::int64_t kColumns = 272;
    std::vector<reference::LossPart> whole(kRows, {-1e30, 0, 0});
    std::vector<Problem> ranks;
    for (std::int64_t rank = 0; rank < 2; ++rank) {
      ranks.push_back(problem(kRows, kColumns, 16, 2 * kColumns, rank * kColumns, seed + 0));
      Problem& p = ranks.back();
      if (rank == 1) {
        p.logits = generate::values(kRows, kColumns, Pattern::kUniform, kBf16, seed + 500);
      }
      const Buffer<bf16> logits(gpu, bf16_values(p.logits), "logits");
      const Buffer<std::int32_t> targets(gpu, p.targets, "targets");
      const auto parts = result_buffer<f32x4>(gpu, kRows, "parts");
      const LaunchReport report = launch_cross_entropy<LossKind::kPart, kThreads>(
          gpu,
          {.logits = logits.data(),
           .targets = targets.data(),
           .parts = parts.data(),
           .rows = kRows,
           .columns = kColumns,
           .first = static_cast<int>(rank * kColumns)},
          1);
      ASSERT_EQ(report.failure, "");
      const std::vector<f32x4> got = parts.download();
      for (std::int64_t i = 0; i < kRows; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const reference::LossPart want =
            reference::loss_part(rows_of(p.logits, i, 1).values, rank * kColumns, p.targets[at]);
        const tolerance::LossRow row = row_of(p.logits, i);
        ASSERT_EQ(static_cast<double>(got[at].x), want.largest);
        ASSERT_EQ(static_cast<double>(got[at].z), want.target);
        // log_sum's bound is of the sum's logarithm: relative of the sum.
        ASSERT_NEAR(static_cast<double>(got[at].y) / want.sum, 1,
                    tolerance::log_sum(std::log(want.sum), row));
        whole[at] = reference::merged(whole[at], want);
      }
    }
    std::vector<double> log_sums;
    for (const reference::LossPart& part : whole) {
      log_sums.push_back(static_cast<double>(static_cast<float>(reference::log_sum(part))));
    }
    for (std::int64_t rank = 0; rank < 2; ++rank) {
      const Problem& p = ranks[static_cast<std::size_t>(rank)];
      const Buffer<bf16> logits(gpu, bf16_values(p.logits), "logits");
      const Buffer<std::int32_t> targets(gpu, p.targets, "targets");
      const Buffer<float> sums(gpu, std::vector<float>(log_sums.begin(), log_sums.end()), "sums");
      const LaunchReport report = launch_cross_entropy<LossKind::kGradient, kThreads>(
          gpu,
          {.logits = logits.data(),
           .targets = targets.data(),
           .log_sum = sums.data(),
           .scale = static_cast<float>(kScale),
           .rows = kRows,
           .columns = kColumns,
           .first = static_cast<int>(rank * kColumns)},
          1);
      ASSERT_EQ(report.failure, "");
      expect_gradient(downloaded(logits, kRows, kColumns), p, log_sums, rank * kColumns);
    }
  });
}

TEST(CrossEntropyKernel, TakesNoRowsAndRefusesRaggedVectors) {
  Gpu gpu;
  const auto run = [&](const LossArguments& a) {
    return launch_cross_entropy<LossKind::kLoss, kThreads>(gpu, a, 1).failure;
  };
  EXPECT_EQ(run({.columns = 8}), "");
  EXPECT_EQ(run({.rows = 1, .columns = 12}), "loss: columns must be a multiple of 8");
}

}  // namespace
}  // namespace windtunnel::device
