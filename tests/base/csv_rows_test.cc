#include "simulator/base/csv_rows.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"

namespace windtunnel {
namespace {

std::shared_ptr<const SourceFile> file(const std::string& text) {
  return std::make_shared<const SourceFile>(SourceFile{"t.csv", text});
}

/// Cells in brackets, a line a row.
std::string rows_of(const std::string& text) {
  const auto source = file(text);  // the cells point into it
  std::string shown;
  for (const auto& row : csv_rows(source)) {
    for (const CsvCell& cell : row) shown += "[" + std::string(cell.text) + "]";
    shown += "\n";
  }
  return shown;
}

TEST(CsvRows, SplitsAtCommasAndLineEnds) {
  EXPECT_EQ(rows_of("a,b\n1,2"), "[a][b]\n[1][2]\n");
  EXPECT_EQ(rows_of("a,b\r\n1,\r\n"), "[a][b]\n[1][]\n");
  EXPECT_EQ(rows_of(",\n"), "[][]\n");
}

TEST(CsvRows, AnEndingCommaIsFollowedByAnEmptyCell) { EXPECT_EQ(rows_of("a,"), "[a][]\n"); }

TEST(CsvRows, LeavesOutCommentsAndBlankLines) {
  EXPECT_EQ(rows_of("# title, here\n\na\n\r\n#\n1\n\n"), "[a]\n[1]\n");
  EXPECT_EQ(rows_of(""), "");
}

TEST(CsvRows, QuotesKeepCommasLinesAndQuotes) {
  EXPECT_EQ(rows_of("\"a,b\",\"c\nd\"\n\"e\"\"f\",\"\"\r\n"), "[a,b][c\nd]\n[e\"\"f][]\n");
}

TEST(CsvRows, RejectsAnOpenQuoteAndTextAfterAQuote) {
  EXPECT_EQ(message_of([] { csv_rows(file("a\n\"b\n")); }),
            "t.csv:2:1: error: this quote is never closed\n"
            "   2 | \"b\n"
            "     | ^\n"
            "  accepted: a cell that ends with a quote\n");
  EXPECT_EQ(message_of([] { csv_rows(file("a,\"b\"c\n")); }),
            "t.csv:1:6: error: text after a quoted cell\n"
            "   1 | a,\"b\"c\n"
            "     |      ^\n"
            "  accepted: a comma or the end of the line; a quote inside quotes is doubled\n");
}

TEST(CsvRows, RejectsNulBytesAndInvalidUtf8) {
  EXPECT_EQ(message_of([] { csv_rows(file(std::string("a\n1\0", 4))); }),
            "t.csv:2:2: error: a NUL byte\n"
            "   2 | 1\\x00\n"
            "     |  ^\n"
            "  accepted: a table of comma-separated values, in UTF-8\n");
  EXPECT_EQ(message_of([] { csv_rows(file("\xC3\xA4\xFF")); }),
            "t.csv:1:2: error: this is not valid UTF-8\n"
            "   1 | \xC3\xA4\\xff\n"
            "     |  ^\n"
            "  accepted: a table of comma-separated values, in UTF-8\n");
}

TEST(SourceAt, CountsLinesAndCharacters) {
  const Source source = source_at(file("a\n\xC3\xA4,b"), 5);  // the b, third character
  EXPECT_EQ(source.line, 2);
  EXPECT_EQ(source.column, 3);
}

}  // namespace
}  // namespace windtunnel
