#include "reports/compare/result_store.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/results/first_row.h"

namespace windtunnel {
namespace {

ResultSet stored(const std::string& hash, double seconds) {
  ResultSet set{};
  set.format = "nvbench";
  set.hash = hash;
  set.commit = "in file";
  set.device = "NVIDIA H200";
  set.benchmarks = {{.name = "it's",
                     .seconds = {seconds, 3 * seconds},
                     .mhz = {1, 2},
                     .code = "c",
                     .failure = ""},
                    {.name = "broken", .seconds = {}, .mhz = {}, .code = "", .failure = "no GPU"}};
  return set;
}

TEST(ResultStore, KeepsEverySampleAndFindsTheSeriesAgain) {
  const TemporaryFolder folder;
  const auto file = folder.path / "r.db";
  EXPECT_EQ(import_results(file, stored("1", 1e-6), "", ""), 1);
  EXPECT_EQ(import_results(file, stored("2", 2e-6), "def", "2026-01-02"), 2);
  EXPECT_EQ(import_results(file, stored("2", 2e-6), "", ""), std::nullopt);  // the same file
  EXPECT_EQ(first_row(file, "SELECT count(*), max(mhz) FROM imported_sample"), "4|2.0");
  EXPECT_EQ(first_row(file, "SELECT failure, median_ns FROM imported WHERE id = 2"), "no GPU|");
  const auto all = read_history(file, "");
  ASSERT_EQ(all.size(), 1U);  // what is broken has no times
  EXPECT_EQ(all[0].benchmark, "it's");
  EXPECT_EQ(all[0].device, "NVIDIA H200");
  ASSERT_EQ(all[0].points.size(), 2U);
  EXPECT_EQ(all[0].points[0].commit, "in file");
  EXPECT_NEAR(all[0].points[0].seconds, 2e-6, 1e-18);
  EXPECT_EQ(all[0].points[1].commit, "def");
  EXPECT_EQ(all[0].points[1].date, "2026-01-02");
}

// Two runs of commit abcd1, one of abcd2 on another GPU, one of 99.
TEST(ResultStore, ARunIsReadByItsNumberOrItsCommit) {
  const TemporaryFolder folder;
  const auto file = folder.path / "r.db";
  import_results(file, stored("1", 1e-6), "abcd1", "");
  import_results(file, stored("2", 2e-6), "abcd1", "");
  ResultSet other = stored("3", 5e-6);
  other.device = "NVIDIA H100";
  other.benchmarks[0].mhz.clear();
  import_results(file, other, "abcd2", "");
  import_results(file, stored("4", 7e-6), "99", "");
  const ResultSet both = read_run(file, "abcd1");
  ASSERT_EQ(both.benchmarks.size(), 2U);
  EXPECT_EQ(both.benchmarks[0].name, "it's");
  ASSERT_EQ(both.benchmarks[0].seconds.size(), 4U);
  EXPECT_NEAR(both.benchmarks[0].seconds[3], 6e-6, 1e-18);
  EXPECT_EQ(both.benchmarks[0].mhz, (std::vector<double>{1, 2, 1, 2}));
  EXPECT_EQ(both.benchmarks[0].code, "c");
  EXPECT_EQ(both.benchmarks[1].failure, "no GPU");
  EXPECT_EQ(both.device, "NVIDIA H200");
  EXPECT_EQ(read_run(file, "2").benchmarks[0].seconds.size(), 2U);
  EXPECT_TRUE(read_run(file, "3").benchmarks[0].mhz.empty());
  EXPECT_EQ(read_run(file, "abcd2").commit, "abcd2");
  EXPECT_NE(message_of([&] {
              read_run(file, "abcd");
            }).find("run 1 (NVIDIA H200, ) and run 3 (NVIDIA H100, )"),
            std::string::npos);
  for (const char* none : {"5", "abc", "abcd3", "99", ""}) {
    EXPECT_NE(message_of([&] { read_run(file, none); }).find("a run's number or a commit"),
              std::string::npos)
        << none;
  }
}

TEST(ResultStore, WhatIsNotThereIsSaid) {
  const TemporaryFolder folder;
  const auto file = folder.path / "r.db";
  EXPECT_EQ(folder.without_folder(message_of([&] { read_history(file, ""); })),
            "no results database `r.db`: `windtunnel import` makes one");
  import_results(file, stored("1", 1e-6), "", "");
  EXPECT_NE(message_of([&] { read_history(file, "nothing"); }).find("contains `nothing`"),
            std::string::npos);
  const auto text = folder.write("text", std::string(5000, 'x'));
  EXPECT_NE(message_of([&] { import_results(text, stored("1", 1), "", ""); }).find("database"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
