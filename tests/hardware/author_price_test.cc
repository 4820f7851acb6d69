#include "simulator/hardware/author_price.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

std::vector<Price> prices(std::string_view table, const std::vector<std::string>& categories,
                          const std::vector<double>& axes) {
  return known_shape_prices(shipped(), table, shipped_gpu("h800"), categories, axes);
}

Price product(double m, double n, double k) {
  return prices("gemm", {"fp8_block"}, {m, n, k}).front();
}

Price dispatch(const std::string& nodes, double tokens, double sms = 20) {
  return prices("deepep_normal", {nodes}, {7168, 8, 256, sms, tokens}).front();
}

/// The table of the sibling that answers for H800.
TableSource source_of(std::string_view table) {
  return *find_source(shipped(), table, shipped_gpu("h800"));
}

TEST(AuthorPrice, APublishedShapeIsMeasured) {
  // 4096 tokens x 4 nodes x 7168 x (1 + 4/128) bytes at 51 GB/s; H100's table has 5516 us.
  EXPECT_NEAR(dispatch("8", 4096).time.value, 4096.0 * 4 * 7392 / 51e9, 1e-9);
  EXPECT_EQ(dispatch("8", 4096).provenance.basis, Basis::kMeasured);
  EXPECT_EQ(product(4096, 4096, 7168).provenance.basis, Basis::kMeasured);
}

// A shape next to a published one costs as much but for the step itself, 1 part in 4096, and what
// it rests on is said.
TEST(AuthorPrice, ThereIsNoJumpBesideAPublishedShape) {
  for (const char* nodes : {"1", "2", "4", "8", "16"}) {
    for (const double tokens : {4095.0, 4097.0}) {
      const Price beside = dispatch(nodes, tokens);
      EXPECT_NEAR(beside.time / dispatch(nodes, 4096).time, 1, 0.001) << nodes << " nodes";
      EXPECT_EQ(beside.provenance.basis, Basis::kScaled);
      EXPECT_FALSE(beside.provenance.outside_range);
      EXPECT_NE(beside.provenance.source.find("measured on h100"), std::string::npos);
      EXPECT_NE(beside.provenance.source.find("DeepEP V1"), std::string::npos);
    }
  }
  for (const double m : {4095.0, 4097.0}) {
    EXPECT_NEAR(product(m, 4096, 7168).time / product(4096, 4096, 7168).time, 1, 0.001);
    EXPECT_EQ(product(m, 4096, 7168).provenance.basis, Basis::kScaled);
  }
}

// Half the tokens take half the time beyond the latency, and one token takes the latency of H100's
// table (39 us), not a 4096th.
TEST(AuthorPrice, TheLatencyOfALinkIsNotMoved) {
  EXPECT_NEAR(dispatch("8", 2048).time / dispatch("8", 4096).time, 0.5, 0.05);
  const Price h100 = known_shape_prices(shipped(), "deepep_normal", shipped_gpu("h100"), {"8"},
                                        {7168, 8, 256, 20, 1})
                         .front();
  EXPECT_NEAR(dispatch("8", 1).time / h100.time, 1, 0.2);
}

TEST(AuthorPrice, TheIntervalHoldsTheRatesOfAllDates) {
  // 46 GB/s in February, 51 in June.
  for (const double tokens : {4096.0, 3000.0}) {
    const Price price = dispatch("8", tokens);
    EXPECT_GE(price.high / price.time, 51.0 / 46 * 0.999) << tokens;
    EXPECT_LE(price.low / price.time, 46.0 / 51 * 1.001) << tokens;
  }
}

TEST(AuthorPrice, MoreNodesThanTheSiblingHasTakeItsLargestNumber) {
  const auto ratios = author_ratios(shipped(), source_of("deepep_normal"));
  ASSERT_EQ(ratios.groups.size(), 5U);
  for (const AuthorGroup& group : ratios.groups) {
    const std::string expected = group.categories[0] == "16" ? "8" : group.categories[0];
    EXPECT_EQ(group.reference->categories[0], expected);
  }
}

// Far from every published shape H100's own answer is back: 4096 x 64 x 64 is six octaves away.
TEST(AuthorPrice, FarFromAllFiguresTheSiblingsAnswerReturns) {
  const Price h100 =
      known_shape_prices(shipped(), "gemm", shipped_gpu("h100"), {"fp8_block"}, {1, 128, 128})
          .front();
  EXPECT_NEAR(product(1, 128, 128).time / h100.time, 1, 0.05);
  EXPECT_LT(product(1, 128, 128).low, h100.low);
}

// Each figure of H800 left out: the rule must be much better than H100's times as they are.
TEST(AuthorPrice, LeftOutFiguresAreNearerThanTheSiblingsOwnTimes) {
  const auto ratios = author_ratios(shipped(), source_of("gemm"));
  ASSERT_EQ(ratios.groups.size(), 1U);
  const RatioCalibration& calibration = ratios.groups[0].calibrations[0];
  std::cout << "gemm on h800: " << 100 * calibration.median << " % with the local ratio, "
            << 100 * calibration.median_at_one << " % without\n";
  EXPECT_LT(calibration.median, 0.07);
  EXPECT_GT(calibration.median_at_one, 0.25);
}

// Every n and k left out with all its m, the harder question; four of five must lie in the
// interval that the single figures call for.
TEST(AuthorPrice, LeftOutFiguresLieInTheInterval) {
  const auto ratios = author_ratios(shipped(), source_of("gemm"));
  const std::vector<RatioPoint>& points = ratios.groups[0].ratios[0];
  const RatioCalibration& calibration = ratios.groups[0].calibrations[0];
  std::vector<double> errors;
  std::size_t inside = 0;
  for (const RatioPoint& left : points) {
    std::vector<RatioPoint> others;
    for (const RatioPoint& point : points) {
      if (point.place[1] != left.place[1] || point.place[2] != left.place[2]) {
        others.push_back(point);
      }
    }
    const LocalRatio ratio = local_ratio(others, left.place, 4);
    const double error = left.log_ratio - ratio.mean;
    errors.push_back(std::abs(std::exp(-error) - 1));
    inside += error >= calibration.low * ratio.spread && error <= calibration.high * ratio.spread;
  }
  std::sort(errors.begin(), errors.end());
  const double share = static_cast<double>(inside) / static_cast<double>(points.size());
  std::cout << "products of another n and k: " << 100 * errors[errors.size() / 2]
            << " %, inside the interval " << 100 * share << " %\n";
  EXPECT_LT(errors[errors.size() / 2], 0.09);
  EXPECT_GT(share, 0.6);
}

TEST(AuthorPrice, WhatNobodyPublishedHasNone) {
  EXPECT_FALSE(author_prices(shipped(), source_of("gemm"), {"bfloat16"}, {4096, 4096, 7168}));
  EXPECT_FALSE(author_prices(shipped(), source_of("nccl"), {"all_gather", "half"}, {8, 1024}));
}

}  // namespace
}  // namespace windtunnel
