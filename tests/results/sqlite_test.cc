#include "simulator/results/sqlite.h"

#include <gtest/gtest.h>

#include <limits>

#include "simulator/base/error.h"
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

TEST(SqlFile, RefusalsAreSqlitesOwn) {
  const TemporaryFolder folder;
  SqlFile file(folder.path / "a.db");
  try {
    file.execute("CREATE TABEL t (a)");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()), "results database: near \"TABEL\": syntax error");
  }
  EXPECT_THROW(file.insert("nowhere (a)", {std::int64_t{1}}), UsageError);
  EXPECT_THROW(SqlFile("/dev/null/no"), UsageError);
}

}  // namespace
}  // namespace windtunnel
