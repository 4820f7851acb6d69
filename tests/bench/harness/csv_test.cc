#include "bench/harness/csv.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace windtunnel::bench {
namespace {

TEST(Csv, CellsAreFoundByTheirColumns) {
  const auto rows = parse_csv("# why\na,b\n1.5,x\n,y\n", "t");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(number(rows[0], "a", 0), 1.5);
  EXPECT_EQ(number(rows[1], "a", 7), 7);
  EXPECT_EQ(rows[1].at("b"), "y");
}

std::string error_of(const std::string& text, const std::string& column) {
  try {
    for (const Row& row : parse_csv(text, "t.csv")) number(row, column, 0);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Csv, MistakesAreNamed) {
  EXPECT_EQ(error_of("a,b\n1\n", "a"), "t.csv:2: 1 cells under 2 columns");
  EXPECT_EQ(error_of("a\nx\n", "a"), "column a: `x` is no number");
  EXPECT_EQ(error_of("a\n1x\n", "a"), "column a: `1x` is no number");
  EXPECT_EQ(error_of("a\n1\n", "c"), "no column `c`");
}

}  // namespace
}  // namespace windtunnel::bench
