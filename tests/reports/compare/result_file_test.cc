#include "reports/compare/result_file.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(ResultFile, WhatIsNoneOfTheFormatsIsRefused) {
  EXPECT_EQ(message_of([] { read_results(parse_json("{\"a\": 1}", "a.json")); }),
            "a.json:1:1: error: no file of benchmark results\n"
            "   1 | {\"a\": 1}\n"
            "     | ^\n"
            "  accepted: windtunnel-bench, windtunnel-collectives, Google Benchmark, nvbench or "
            "nccl-tests JSON\n");
  EXPECT_NE(message_of([] { read_results(parse_json("[]", "a.json")); }), "no error");
  EXPECT_NE(message_of([] {
              read_results(parse_json("{\"benchmarks\": []}", "a.json"));
            }).find("no benchmark is in it"),
            std::string::npos);
}

TEST(ResultFile, KnowsItsPathAndHash) {
  const TemporaryFolder folder;
  const auto path = folder.write("a.json", R"({"benchmarks": [{"name": "a", "real_time": 1}]})");
  const ResultSet set = load_results(path);
  EXPECT_EQ(set.path, path.string());
  EXPECT_EQ(set.hash.size(), 32U);
  EXPECT_EQ(set.format, "google_benchmark");
}

TEST(ResultFile, ASampleThatIsNoTimeMakesTheBenchmarkFail) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const BenchmarkSamples bad =
      checked({.name = "a", .seconds = {1, nan}, .mhz = {1, 2}, .code = "", .failure = ""});
  EXPECT_EQ(bad.failure, "sample 2 is no positive finite time");
  EXPECT_TRUE(bad.seconds.empty());
  EXPECT_EQ(checked({.name = "a", .seconds = {}, .mhz = {}, .code = "", .failure = ""}).failure,
            "no samples");
  // A broken clock leaves the times.
  const BenchmarkSamples half =
      checked({.name = "a", .seconds = {1, 2}, .mhz = {0, 1980}, .code = "", .failure = ""});
  EXPECT_EQ(half.seconds.size(), 2U);
  EXPECT_TRUE(half.mhz.empty());
}

}  // namespace
}  // namespace windtunnel
