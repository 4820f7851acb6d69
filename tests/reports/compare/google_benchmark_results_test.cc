#include <gtest/gtest.h>

#include "reports/compare/result_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

ResultSet google(const std::string& rows) {
  return read_results(parse_json(
      R"({"context": {"host_name": "ci", "commit": "abc", "code": "cafe"}, "benchmarks": [)" +
          rows + "]}",
      "g.json"));
}

TEST(GoogleBenchmarkResults, RepetitionsAreSamplesAndAggregatesAreLeftOut) {
  const ResultSet set = google(
      R"({"name": "a/repeats:2", "run_name": "a/repeats:2", "run_type": "iteration",
          "real_time": 2, "time_unit": "us", "mhz": 1980},
         {"name": "a/repeats:2", "run_name": "a/repeats:2", "run_type": "iteration",
          "real_time": 3, "time_unit": "us", "mhz": 1981},
         {"name": "a/repeats:2_mean", "run_name": "a/repeats:2", "run_type": "aggregate",
          "aggregate_name": "mean", "real_time": 2.5, "time_unit": "us"},
         {"name": "b", "real_time": 4e6})");
  ASSERT_EQ(set.benchmarks.size(), 2U);
  EXPECT_EQ(set.benchmarks[0].name, "a/repeats:2");
  ASSERT_EQ(set.benchmarks[0].seconds.size(), 2U);
  EXPECT_NEAR(set.benchmarks[0].seconds[1], 3e-6, 1e-18);
  EXPECT_EQ(set.benchmarks[0].mhz, (std::vector{1980.0, 1981.0}));
  EXPECT_EQ(set.benchmarks[0].code, "cafe");
  EXPECT_NEAR(set.benchmarks[1].seconds[0], 4e-3, 1e-15);  // without a unit: ns
  EXPECT_EQ(set.device, "ci");
  EXPECT_EQ(set.commit, "abc");
}

TEST(GoogleBenchmarkResults, OfAggregatesOnlyTheMedianIsTheSample) {
  const ResultSet set = google(
      R"({"name": "a_mean", "run_name": "a", "run_type": "aggregate", "aggregate_name": "mean",
          "real_time": 9},
         {"name": "a_median", "run_name": "a", "run_type": "aggregate",
          "aggregate_name": "median", "real_time": 7})");
  ASSERT_EQ(set.benchmarks.size(), 1U);
  EXPECT_NEAR(set.benchmarks[0].seconds.at(0), 7e-9, 1e-20);
}

TEST(GoogleBenchmarkResults, ErrorsAndTokensThatAreNoTimesAreFailures) {
  const ResultSet set = google(
      R"({"name": "a", "error_occurred": true, "error_message": "no GPU"},
         {"name": "b", "skipped": true, "skip_message": "too small"},
         {"name": "c", "real_time": NaN}, {"name": "d", "real_time": -Infinity})");
  EXPECT_EQ(set.benchmarks[0].failure, "no GPU");
  EXPECT_EQ(set.benchmarks[1].failure, "too small");
  EXPECT_EQ(set.benchmarks[2].failure, "sample 1 is no positive finite time");
  EXPECT_EQ(set.benchmarks[3].failure, "sample 1 is no positive finite time");
}

TEST(GoogleBenchmarkResults, AMistakeIsShownInItsPlace) {
  EXPECT_NE(message_of([] {
              google("\n{\"name\": \"a\", \"real_time\": 1, \"time_unit\": \"h\"}");
            }).find("g.json:2:45: error: unknown time unit `h`"),
            std::string::npos);
  EXPECT_NE(message_of([] { google("{\"name\": \"a\"}"); }).find("error: no `real_time`"),
            std::string::npos);
  EXPECT_NE(message_of([] { google("{\"real_time\": 1}"); }).find("has no `name`"),
            std::string::npos);
  EXPECT_NE(message_of([] { google("{\"run_name\": \"a\"}"); }).find("error: no `real_time`"),
            std::string::npos);
  EXPECT_NE(message_of([] { google("7"); }).find("`benchmarks` has the wrong type"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
