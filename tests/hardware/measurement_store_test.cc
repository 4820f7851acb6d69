#include "simulator/hardware/measurement_store.h"

#include <gtest/gtest.h>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

TEST(MeasurementStore, ATableIsReadOnceAndStaysWhereItIs) {
  const StoredTable* once = find_table(shipped(), "h100", "mlp");
  ASSERT_NE(once, nullptr);
  EXPECT_EQ(once, find_table(shipped(), "h100", "mlp"));
  const MeasurementStore copy = shipped();
  EXPECT_EQ(once, find_table(copy, "h100", "mlp"));
}

TEST(MeasurementStore, WhatWasNotMeasuredIsNotThere) {
  EXPECT_EQ(find_table(shipped(), "h800", "gemm"), nullptr);
  EXPECT_EQ(find_table(shipped(), "h100", "no_such_table"), nullptr);
  EXPECT_EQ(find_published(shipped(), "h800", "deepgemm", "none"), nullptr);
  EXPECT_EQ(find_manifest(shipped(), "h800", "none"), nullptr);
}

TEST(MeasurementStore, ATableHasACalibrationForEachOfItsValues) {
  const StoredTable* table = find_table(shipped(), "h100", "deepep_low_latency");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->calibrations.size(), 2U);
  for (const Calibration& calibration : table->calibrations) {
    EXPECT_LT(calibration.low, 0);
    EXPECT_GT(calibration.high, 0);
  }
}

TEST(MeasurementStore, PublishedTablesKeepTheirManifest) {
  const CsvTable* dense = find_published(shipped(), "h800", "deepgemm", "dense");
  ASSERT_NE(dense, nullptr);
  EXPECT_EQ(dense->row_count(), 54U);  // 18 shapes at three dates
  EXPECT_EQ(find_manifest(shipped(), "h800", "deepgemm")->licence, "MIT (recalled, unchecked)");
}

TEST(MeasurementStore, KnowsWhichGpusHaveATable) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(gpus_with_table(shipped(), "gemm"), (Ids{"a100", "h100", "h200"}));
  EXPECT_EQ(gpus_with_table(shipped(), "quantize"), (Ids{"h100", "h200"}));
}

}  // namespace
}  // namespace windtunnel
