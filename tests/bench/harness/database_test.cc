#include "bench/harness/database.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "simulator/base/error.h"
#include "tests/base/temporary_folder.h"
#include "tests/bench/invented.h"
#include "tests/results/first_row.h"

namespace windtunnel::bench {
namespace {

TEST(Database, KeepsEveryRunWithEverySample) {
  const TemporaryFolder folder;
  const auto file = folder.path / "results.db";
  std::vector<Result> results{
      invented_result(rows_shape(Operation::kRmsNorm, Dtype::kBf16, 4096, 7168), 30),
      invented_result(gemm_shape(1, 2, 3), 5)};
  results[1].collected = {.samples = {}, .throttled = 4, .notes = {"a", "b'; DROP TABLE run"}};
  append_to_database(file, invented_run(), results);
  append_to_database(file, invented_run(Regime::kSustained), results);

  EXPECT_EQ(first_row(file, "SELECT count(*), min(gpu), min(driver) FROM run"), "2|h200|invented");
  EXPECT_EQ(first_row(file, "SELECT regime FROM run WHERE id = 2"), "sustained");
  EXPECT_EQ(first_row(file, "SELECT kernel, m, n, data, median_ns FROM result WHERE id = 1"),
            "rms_norm/bf16/windtunnel|4096|7168|uniform|30000.0");
  EXPECT_EQ(first_row(file, "SELECT code FROM result WHERE id = 1"), "c0de");
  EXPECT_EQ(first_row(file, "SELECT count(*), min(ns), max(mhz) FROM sample WHERE result = 1"),
            "11|29700.0|1980.0");
  EXPECT_EQ(first_row(file, "SELECT median_ns, throttled, notes FROM result WHERE id = 2"),
            "|4|a; b'; DROP TABLE run");
}

TEST(Database, WhatIsNoDatabaseIsSaid) {
  const TemporaryFolder folder;
  const auto file = folder.write("text", std::string(5000, 'x'));
  EXPECT_THROW(append_to_database(file, invented_run(), {}), UsageError);
  EXPECT_THROW(append_to_database(folder.path / "none/results.db", invented_run(), {}), UsageError);
}

}  // namespace
}  // namespace windtunnel::bench
