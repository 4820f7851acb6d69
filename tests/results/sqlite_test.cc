#include "simulator/results/sqlite.h"

#include <gtest/gtest.h>

#include <limits>

#include "simulator/base/error.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/results/first_row.h"

namespace windtunnel {
namespace {

TEST(SqlFile, KeepsNumbersTextsAndNothing) {
  const TemporaryFolder folder;
  const auto path = folder.path / "a.db";
  SqlFile file(path);
  file.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b REAL, c TEXT)");
  EXPECT_EQ(file.insert("t (a, b, c)", {std::int64_t{7}, 0.5, std::string("x'y")}), 1);
  EXPECT_EQ(file.insert("t (b)", {std::numeric_limits<double>::quiet_NaN()}), 2);
  EXPECT_EQ(first_row(path, "SELECT a, b, c FROM t WHERE id = 1"), "7|0.5|x'y");
  EXPECT_EQ(first_row(path, "SELECT b IS NULL FROM t WHERE id = 2"), "1");
}

TEST(SqlFile, RefusalsAreSqlitesOwnWithTheFile) {
  const TemporaryFolder folder;
  SqlFile file(folder.path / "a.db");
  EXPECT_EQ(folder.without_folder(message_of([&] { file.execute("CREATE TABEL t (a)"); })),
            "results database `a.db`: near \"TABEL\": syntax error");
  EXPECT_THROW(file.insert("nowhere (a)", {std::int64_t{1}}), UsageError);
}

TEST(SqlFile, WhatIsNoDatabaseAndWhatCannotBeOneAreNamed) {
  const TemporaryFolder folder;
  const auto json = folder.write("base.json", "{\"benchmarks\": []}\n");
  EXPECT_EQ(folder.without_folder(message_of([&] { SqlFile(json).execute("CREATE TABLE t (a)"); })),
            "results database `base.json`: file is not a database; accepted: a file that "
            "`windtunnel import` or a benchmark made");
  EXPECT_EQ(message_of([] { SqlFile file("/dev/null/no"); }),
            "results database `/dev/null/no`: unable to open database file; accepted: a file in a "
            "folder that exists and may be written to");
}

}  // namespace
}  // namespace windtunnel
