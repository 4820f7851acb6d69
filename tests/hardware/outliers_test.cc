#include "simulator/hardware/outliers.h"

#include <gtest/gtest.h>

#include <iostream>

#include "simulator/base/csv_file.h"
#include "simulator/hardware/measurement_table.h"
#include "tests/hardware/small_surface.h"

namespace windtunnel {
namespace {

const std::vector<double> kXs = {1, 2, 4, 8, 16};
const std::vector<double> kYs = {1, 2, 4};

std::size_t rejected_count(const Surface& surface) {
  std::size_t count = 0;
  for (char usable : surface.usable) count += usable == 0;
  return count;
}

TEST(Outliers, ASpikeThatAllItsNeighboursContradictIsRejected) {
  const TableRule rule = small_rule(2);
  const Surface grid = small_surface(
      rule, kXs, kYs, [](double x, double y) { return x == 4 && y == 2 ? 3.2 : 1.0; });
  EXPECT_EQ(rejected_count(grid), 1U);
  EXPECT_EQ(grid.usable[2 * kYs.size() + 1], 0);
}

TEST(Outliers, LessThanThreeTimesOffIsKept) {
  const TableRule rule = small_rule(2);
  const Surface grid = small_surface(
      rule, kXs, kYs, [](double x, double y) { return x == 4 && y == 2 ? 2.8 : 1.0; });
  EXPECT_EQ(rejected_count(grid), 0U);
}

TEST(Outliers, TooFastIsAnOutlierAsWell) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kXs, [](double x) { return x == 4 ? 0.3 : 1.0; });
  EXPECT_EQ(rejected_count(line), 1U);
}

TEST(Outliers, TheEdgeOfACliffIsKept) {
  const TableRule rule = small_rule(2);
  const Surface grid =
      small_surface(rule, kXs, kYs, [](double x, double) { return x < 6 ? 12.0 : 1.0; });
  EXPECT_EQ(rejected_count(grid), 0U);
}

TEST(Outliers, WhereNeighboursDisagreeNothingIsRejected) {
  // 100 is far above both neighbours, which differ by 20 themselves.
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, {1, 2, 4}, [](double x) {
    return x == 1 ? 0.1 : x == 2 ? 100.0 : 2.0;
  });
  EXPECT_EQ(rejected_count(line), 0U);
}

TEST(Outliers, TheEndsOfALineHaveNoTwoSidesToContradictThem) {
  const TableRule rule = small_rule(1);
  const Surface line = small_line(rule, kXs, [](double x) { return x == 16 ? 50.0 : 1.0; });
  EXPECT_EQ(rejected_count(line), 0U);
}

TEST(Outliers, OfTheShippedTablesAreFew) {
  std::size_t total = 0, rows = 0;
  for (const TableRule& rule : table_rules()) {
    for (const char* gpu : {"a100", "h100", "h200"}) {
      const std::string file = std::string("bench/measurements/") + gpu + "/aiconfigurator/" +
                               std::string(rule.table) + ".csv";
      if (!std::filesystem::exists(file)) continue;
      const MeasurementTable table = make_measurement_table(rule, load_csv(file));
      for (const MeasurementGroup& group : table.groups) {
        for (const Surface& surface : group.surfaces) {
          rows += surface.rows();
          for (std::size_t row = 0; row < surface.rows(); ++row) {
            if (surface.usable[row]) continue;
            ++total;
            std::cout << file;
            for (const std::string& category : group.categories) std::cout << " " << category;
            for (double at : surface.place(row)) std::cout << " " << std::exp2(at);
            std::cout << ": " << surface.seconds[row] * 1e6 << " us, rejected\n";
          }
        }
      }
    }
  }
  EXPECT_GT(total, 20U);
  EXPECT_LT(total, rows / 1000);
}

}  // namespace
}  // namespace windtunnel
