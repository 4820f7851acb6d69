#include <gtest/gtest.h>

#include "reports/compare/result_file.h"

namespace windtunnel {
namespace {

TEST(WindtunnelResults, OurDocumentKeepsEverySampleWithItsClock) {
  const ResultSet set = read_results(parse_json(
      R"({"schema": "windtunnel/bench", "version": 1, "commit": "abc", "date": "2026-01-01",
          "regime": "burst", "device": "NVIDIA H200", "driver": "580", "cuda": "13.0",
          "results": [
            {"name": "gemm/bf16/windtunnel/m:1/data:uniform", "wrong": "", "code": "cafe",
             "samples": {"ns": [1000, 1100], "mhz": [1980, 1970]}},
            {"name": "b", "wrong": "3 of 4", "samples": {"ns": [], "mhz": []}}]})",
      "w.json"));
  EXPECT_EQ(set.format, "windtunnel");
  EXPECT_EQ(set.device, "NVIDIA H200");
  EXPECT_EQ(set.regime, "burst");
  ASSERT_EQ(set.benchmarks.size(), 2U);
  EXPECT_NEAR(set.benchmarks[0].seconds[1], 1.1e-6, 1e-18);
  EXPECT_EQ(set.benchmarks[0].mhz[1], 1970);
  EXPECT_EQ(set.benchmarks[0].code, "cafe");
  EXPECT_EQ(set.benchmarks[1].failure, "wrong: 3 of 4");
}

TEST(WindtunnelResults, CollectivesAreNamedByWhatTheyMove) {
  const ResultSet set = read_results(parse_json(
      R"({"schema": "windtunnel/collectives", "results": [
          {"operation": "all_to_all_v", "skew": "zipf", "bytes": 1048576, "wrong": "",
           "samples": {"ns": [5]}}]})",
      "w.json"));
  EXPECT_EQ(set.benchmarks.at(0).name, "all_to_all_v/zipf/bytes:1048576");
  EXPECT_EQ(set.regime, "collectives");
  EXPECT_TRUE(set.benchmarks[0].mhz.empty());
}

}  // namespace
}  // namespace windtunnel
