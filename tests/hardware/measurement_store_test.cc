#include "simulator/hardware/measurement_store.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
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
  EXPECT_EQ(published_origin(shipped(), "h800", "none", "none"), "none");
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
  EXPECT_EQ(published_origin(shipped(), "h800", "deepgemm", "dense"),
            "DeepGEMM at the commit of the row, deepseek-ai/DeepGEMM@a6d97a1, 55ab91f, 989c9e3 "
            "(column commit)");
}

TEST(MeasurementStore, AFileWithoutARowIsAnError) {
  const TemporaryFolder folder;
  folder.write("h100/aiconfigurator/gemm.csv", "dtype,m,n,k,latency_us\n");
  folder.write("h800/deepgemm/dense.csv", "dtype,m,n,k,latency_us\n");
  const auto store = open_measurements(folder.path, shipped().gpus);
  EXPECT_EQ(folder.without_folder(message_of([&] { find_table(store, "h100", "gemm"); })),
            "h100/aiconfigurator/gemm.csv:1:1: error: no measurement stands here\n"
            "   1 | dtype,m,n,k,latency_us\n"
            "     | ^\n"
            "  accepted: a header and at least one row\n");
  EXPECT_NE(message_of([&] {
              find_published(store, "h800", "deepgemm", "dense");
            }).find("dense.csv:1:1: error: no measurement stands here"),
            std::string::npos);
}

TEST(MeasurementStore, KnowsWhichGpusHaveATable) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(gpus_with_table(shipped(), "gemm"), (Ids{"a100", "h100", "h200"}));
  EXPECT_EQ(gpus_with_table(shipped(), "quantize"), (Ids{"h100", "h200"}));
  EXPECT_EQ(gpus_with_table(shipped(), "mla_prefill"), Ids{"h800"});
  EXPECT_EQ(gpus_with_table(shipped(), "none"), Ids{});
}

}  // namespace
}  // namespace windtunnel
