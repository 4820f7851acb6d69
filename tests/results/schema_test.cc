#include "simulator/results/schema.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/base/temporary_folder.h"
#include "tests/results/first_row.h"

namespace windtunnel {
namespace {

TEST(Schema, TheSeriesHasEveryKindOfResult) {
  const TemporaryFolder folder;
  const auto path = folder.path / "a.db";
  SqlFile file(path);
  make_tables(file);
  make_tables(file);  // what is there stays
  file.execute("INSERT INTO run VALUES (1, 'd', 'h200', 'NVIDIA H200', '', '', 'c', 'burst', 1)");
  file.execute(
      "INSERT INTO result VALUES (1, 1, 'gemm/bf16/windtunnel', 'gemm', 'bf16', 'windtunnel', 8, 0,"
      " 7, 4, 'uniform', 1, 1, '', 0, 0, '', 5.0, 0.1, 'c0de')");
  file.execute("INSERT INTO sample VALUES (1, 0, 4.0, 1.0), (1, 1, 6.0, 1.0)");
  file.execute(
      "INSERT INTO collective VALUES (1, 1, 'all_reduce', 'balanced', 'mpi', 2, 1, 512, 1, 1.0, "
      "1.0, '', '', 7.0, 0.1)");
  file.execute("INSERT INTO imported VALUES (1, 1, 'nvbench', 'f', 'h', 'b', '', '', 9.0)");
  std::string all;
  for (const SqlRow& row : file.select("SELECT benchmark, samples, median_ns FROM series")) {
    all += std::get<std::string>(row[0]) + " " + std::to_string(std::get<std::int64_t>(row[1])) +
           " " + std::to_string(static_cast<int>(std::get<double>(row[2]))) + "\n";
  }
  EXPECT_EQ(all,
            "gemm/bf16/windtunnel/m:8/k:7/groups:4/data:uniform 2 5\n"
            "all_reduce/balanced/bytes:1024 0 7\nb 0 9\n");
  EXPECT_EQ(first_row(path, "SELECT count(*), sum(ns), min(code) FROM measured WHERE code > ''"),
            "2|10.0|c0de");
  EXPECT_EQ(first_row(path, "SELECT count(*), count(ns) FROM measured"), "4|2");
}

TEST(Schema, AnOlderDatabaseGetsWhatItLacks) {
  const TemporaryFolder folder;
  const auto path = folder.path / "a.db";
  SqlFile file(path);
  file.execute(
      "CREATE TABLE result (id INTEGER PRIMARY KEY, run, kernel, operation, dtype, implementation,"
      " m, n, k, groups, data, launches, buffer_sets, wrong, throttled, broken, notes, median_ns,"
      " noise)");
  file.execute("INSERT INTO result (run, kernel) VALUES (1, 'gemm')");
  make_tables(file);
  make_tables(file);
  EXPECT_EQ(first_row(path, "SELECT kernel, code FROM result"), "gemm|");
}

}  // namespace
}  // namespace windtunnel
