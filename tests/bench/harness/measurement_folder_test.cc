#include "bench/harness/measurement_folder.h"

#include <gtest/gtest.h>

#include "simulator/hardware/manifest.h"
#include "tests/base/temporary_folder.h"
#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

const KernelShape kCast = rows_shape(Operation::kCast, Dtype::kBf16, 4096, 7168);

TEST(MeasurementFolder, HoldsTheTablesThatPricesAreMadeOf) {
  const std::vector<Result> results{invented_result(gemm_shape(4096, 4096, 7168), 300, "cublaslt"),
                                    invented_result(kCast, 25)};
  const auto files = measurement_files(invented_run(), results);
  EXPECT_EQ(files.size(), 6U);
  EXPECT_EQ(files.at("h200/cublaslt/gemm.csv"),
            "dtype,m,n,k,latency_us\nbfloat16,4096,4096,7168,300.000\n");
  EXPECT_EQ(files.at("h200/windtunnel/quantize.csv"),
            "op,dtype,m,k,latency_us\ncast_1x128,fp8,4096,7168,25.000\n");
  EXPECT_EQ(files.at("h200/windtunnel/kernels.csv"),
            "operation,dtype,m,n,k,groups,latency_us,noise,samples,mhz\n"
            "cast,bf16,4096,7168,0,1,25.000,0.0100,11,1980\n");
}

TEST(MeasurementFolder, TheManifestIsOneThatTheSimulatorReads) {
  const TemporaryFolder folder;
  auto run = invented_run(Regime::kSustained);
  run.machine.driver = "a \"quoted\\\" one\n";
  const std::vector<Result> results{invented_result(kCast, 25)};
  EXPECT_EQ(write_files(folder.path, measurement_files(run, results)), 3U);
  const Manifest manifest = load_manifest(folder.path / "h200/windtunnel-sustained");
  EXPECT_EQ(manifest.gpu, "h200");
  EXPECT_EQ(manifest.date, "2001-02-03");
  EXPECT_EQ(manifest.driver, "a \"quoted\\\" one ");
  EXPECT_EQ(manifest.samples, "11 to 11; the median");
  EXPECT_EQ(manifest.clocks, "SM 1980 to 1980 MHz, default 1980");
  ASSERT_EQ(manifest.tables.size(), 2U);
  EXPECT_EQ(manifest.tables[1].name.value, "quantize");
}

TEST(MeasurementFolder, OnlyRightResultsOnUniformDataAreKept) {
  std::vector<Result> results{invented_result(kCast, 25), invented_result(kCast, 25),
                              invented_result(kCast, 20, "windtunnel", Data::kZeros)};
  results[0].wrong = "row 1";
  results[1].collected.samples.clear();
  EXPECT_TRUE(measurement_files(invented_run(), results).empty());
  auto unknown = invented_run();
  unknown.machine.gpu = "";
  const std::vector<Result> right{invented_result(kCast, 25)};
  EXPECT_TRUE(measurement_files(unknown, right).empty());
}

}  // namespace
}  // namespace windtunnel::bench
