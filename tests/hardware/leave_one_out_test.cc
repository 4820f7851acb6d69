#include "simulator/hardware/leave_one_out.h"

#include <gtest/gtest.h>

#include "tests/hardware/small_surface.h"

namespace windtunnel {
namespace {

const std::vector<double> kSeven = {1, 2, 4, 8, 16, 32, 64};

TEST(LeaveOneOut, ARowDoesNotAnswerForItself) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kSeven, [](double x) { return x == 8 ? 2.0 : 1.0; });
  const auto all = leave_one_out(line);
  ASSERT_EQ(all.size(), 7U);
  // Its neighbours say 1, its own measurement 2.
  EXPECT_NEAR(all[3].answer.log_seconds, 0, 0.01);
  EXPECT_NEAR(all[3].log_measured, std::log(2.0), 1e-12);
}

TEST(LeaveOneOut, OutliersAreNeitherAskedNorUsed) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kSeven, [](double x) { return x == 8 ? 10.0 : 1.0; });
  const auto all = leave_one_out(line);
  EXPECT_EQ(all.size(), 6U);
  for (const LeftOut& left : all) EXPECT_NEAR(left.answer.log_seconds, 0, 1e-6);
}

TEST(LeaveOneOut, TheEndIsExtrapolated) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kSeven, [](double x) { return x; });
  const auto ends = leave_ends_out(line);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].answer.octaves_outside, 1);
  EXPECT_EQ(ends[0].row, 6U);
}

TEST(LeaveOneOut, FewRowsCantAnswer) {
  const TableRule rule = small_rule(1);
  EXPECT_TRUE(leave_one_out(small_line(rule, {1, 2}, [](double x) { return x; })).empty());
}

TEST(LeaveOneOut, EightyPercentOfNormalNoiseIsCovered) {
  // A jagged line: the calibration has to find out how jagged.
  const TableRule rule = small_rule(1);
  std::vector<double> xs;
  for (int i = 0; i < 200; ++i) xs.push_back(std::exp2(0.1 * i));
  const Surface line = small_line(rule, xs, [](double x) {
    return std::exp(0.2 * std::sin(1000 * x) + 0.1 * std::sin(77 * x));
  });
  const CalibratedTable table = calibrate({&line});
  EXPECT_EQ(table.accuracy.rows, 200U);
  EXPECT_NEAR(table.accuracy.coverage, 0.8, 0.03);
  EXPECT_GT(table.accuracy.median, 0.02);
  EXPECT_GT(table.accuracy.p90, table.accuracy.median);
  EXPECT_LT(table.calibration.low, 0);
  EXPECT_GT(table.calibration.high, 0);
}

}  // namespace
}  // namespace windtunnel
