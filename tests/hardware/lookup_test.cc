#include "simulator/hardware/lookup.h"

#include <gtest/gtest.h>

#include "simulator/base/csv_file.h"
#include "simulator/hardware/measurement_table.h"
#include "tests/hardware/small_surface.h"

namespace windtunnel {
namespace {

constexpr Calibration kCalibration = {-1.28, 1.28, -0.2, 0.3};
const std::vector<double> kFive = {1, 2, 4, 8, 16};

TEST(LookUp, AMeasuredShapeIsAnsweredWithItsMeasurement) {
  const TableRule rule = small_rule(1);
  const Surface line =
      small_line(rule, kFive, [](double x) { return std::exp(0.3 * std::sin(x)); });
  const Answer answer = look_up(line, kCalibration, place_of({4}));
  EXPECT_EQ(answer.reach, Reach::kMeasured);
  EXPECT_DOUBLE_EQ(answer.seconds, std::exp(0.3 * std::sin(4.0)));
  EXPECT_LE(answer.low, answer.seconds);
  EXPECT_GE(answer.high, answer.seconds);
}

TEST(LookUp, AnOutlierIsAnsweredByItsNeighboursAndSaysSo) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kFive, [](double x) { return x == 4 ? 9.0 : 1.0; });
  const Answer answer = look_up(line, kCalibration, place_of({4}));
  EXPECT_EQ(answer.reach, Reach::kBetween);
  EXPECT_NEAR(answer.seconds, 1, 0.01);
  ASSERT_TRUE(answer.rejected);
  EXPECT_DOUBLE_EQ(*answer.rejected, 9);
}

TEST(LookUp, BeyondTheLastLevelIsOutsideAndItsIntervalGrowsByTheOctave) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kFive, [](double) { return 1.0; });
  const Answer answer = look_up(line, kCalibration, place_of({64}));
  EXPECT_EQ(answer.reach, Reach::kOutside);
  // Two octaves beyond 16.
  EXPECT_NEAR(answer.low, std::exp(-0.4), 0.01);
  EXPECT_NEAR(answer.high, std::exp(0.6), 0.01);
}

TEST(LookUp, AHoleInsideARaggedGridIsInsideButAnUnreachedCornerIsNot) {
  const TableRule rule = small_rule(2);
  const auto corner = [](double x, double y) { return x * y > 16; };
  const auto hole = [&](double x, double y) { return corner(x, y) || (x == 2 && y == 4); };
  const Surface grid = small_surface(
      rule, kFive, kFive, [](double x, double y) { return 1 + x * y; }, hole);
  EXPECT_EQ(interpolate(grid, place_of({2, 4}), grid.usable).octaves_outside, 0);
  EXPECT_EQ(interpolate(grid, place_of({3, 3}), grid.usable).octaves_outside, 0);
  // (16, 16): the nearest dominating row needs four octaves, as (16, 1) or (4, 4) do.
  EXPECT_EQ(interpolate(grid, place_of({16, 16}), grid.usable).octaves_outside, 4);
}

TEST(LookUp, OnACliffTheAnswerIsOneOfItsSidesAndTheIntervalHoldsBoth) {
  const TableRule rule = small_rule(1);
  const std::vector<double> xs = {256, 512, 1024, 1536, 2048, 4096};
  const Surface line = small_line(rule, xs, [](double x) { return x < 1800 ? 12.0 : 1.0; });
  for (double x : {1537.0, 1600.0, 1750.0, 1900.0, 2040.0}) {
    const Answer answer = look_up(line, kCalibration, place_of({x}));
    const bool on_a_side =
        std::abs(answer.seconds - 12) < 0.1 || std::abs(answer.seconds - 1) < 0.01;
    EXPECT_TRUE(on_a_side) << x << ": " << answer.seconds;
    EXPECT_LE(answer.low, 1) << x;
    EXPECT_GE(answer.high, 12) << x;
  }
  EXPECT_NEAR(look_up(line, kCalibration, place_of({1540})).seconds, 12, 0.1);
  EXPECT_NEAR(look_up(line, kCalibration, place_of({2040})).seconds, 1, 0.01);
}

TEST(LookUp, ACurveIsNotACliff) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kFive, [](double x) { return x; });
  EXPECT_NEAR(look_up(line, kCalibration, place_of({3})).seconds, 3, 0.02);
}

/// The cliffs of the shipped MoE tables: rows whose measured neighbours along num_tokens differ
/// more than 4x from the trend's view, on a surface with other lines.
TEST(LookUp, CliffsOfTheShippedMoeTablesAreNotSmeared) {
  const TableRule& rule = *find_table_rule("moe");
  const MeasurementTable table =
      make_measurement_table(rule, load_csv("bench/measurements/h200/aiconfigurator/moe.csv"));
  // trtllm, EP16, power_law_1.01: 835.9 us at 1536 tokens, 94.4 us at 2048.
  const MeasurementGroup* group =
      find_group(table, {"trtllm", "bfloat16", "power_law_1.01", "2048", "512", "8", "256"});
  ASSERT_NE(group, nullptr);
  const Surface& surface = group->surfaces[0];
  EXPECT_NEAR(look_up(surface, kCalibration, place_of({16, 1536})).seconds, 835.949e-6, 1e-9);
  EXPECT_NEAR(look_up(surface, kCalibration, place_of({16, 2048})).seconds, 94.438e-6, 1e-9);
  for (double tokens : {1600.0, 1792.0, 2000.0}) {
    const Answer answer = look_up(surface, kCalibration, place_of({16, tokens}));
    // On one side or the other, with the trend's growth of a third at most; the geometric middle
    // would be 281 us.
    const bool on_a_side = answer.seconds > 600e-6 || answer.seconds < 130e-6;
    EXPECT_TRUE(on_a_side) << tokens << ": " << answer.seconds;
    EXPECT_LT(answer.low, 130e-6) << tokens;
    EXPECT_GT(answer.high, 600e-6) << tokens;
  }
}

TEST(LookUp, FindsRowsByTheirExactPlaceOnly) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kFive, [](double) { return 1.0; });
  EXPECT_EQ(find_row(line, place_of({8})), 3U);
  EXPECT_EQ(find_row(line, place_of({8.01})), std::nullopt);
}

}  // namespace
}  // namespace windtunnel
