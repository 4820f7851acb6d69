#include "simulator/base/csv_file.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(CsvTable, GivesCellsNumbersAndPlaces) {
  const CsvTable table = parse_csv("m,name,us\n8,\"a \"\"b\"\"\", 2.5\n4096.0,,-1e3\n", "t.csv");
  EXPECT_EQ(table.row_count(), 2u);
  EXPECT_EQ(table.column("us"), 2u);
  EXPECT_EQ(table.find_column("ms"), std::nullopt);
  EXPECT_EQ(table.cell(0, 1), "a \"b\"");
  EXPECT_EQ(table.number(0, 2), 2.5);
  EXPECT_EQ(table.number(1, 2), -1000.0);
  EXPECT_EQ(table.integer(1, 0), 4096);
  EXPECT_EQ(table.optional_number(1, 1), std::nullopt);
  EXPECT_EQ(table.source(1, 2).line, 3);
  EXPECT_EQ(table.source(1, 2).column, 9);
}

TEST(CsvTable, CellsOutliveTheFirstCopy) {
  auto first = std::make_unique<CsvTable>(parse_csv("a\n\"x\"\"y\"\nz\n", "t.csv"));
  const CsvTable second = *first;
  first.reset();
  EXPECT_EQ(second.cell(0, 0), "x\"y");
  EXPECT_EQ(second.cell(1, 0), "z");
}

TEST(CsvTable, PointsAtACellThatIsNoNumber) {
  const CsvTable table = parse_csv("m,us\n8,fast\n8,nan\n1e400,\n2.5,0x10\n", "t.csv");
  EXPECT_EQ(message_of([&] { table.number(0, 1); }),
            "t.csv:2:3: error: `fast` is not a number\n"
            "   2 | 8,fast\n"
            "     |   ^\n"
            "  accepted: a finite number in column `us`\n");
  EXPECT_EQ(message_of([&] { table.integer(3, 0); }),
            "t.csv:5:1: error: `2.5` is not a whole number\n"
            "   5 | 2.5,0x10\n"
            "     | ^\n"
            "  accepted: a whole number in column `m`\n");
  EXPECT_NE(message_of([&] { table.number(1, 1); }), "no error");
  EXPECT_NE(message_of([&] { table.number(2, 0); }), "no error");
  EXPECT_NE(message_of([&] { table.number(2, 1); }), "no error");
  EXPECT_NE(message_of([&] { table.number(3, 1); }), "no error");
}

TEST(CsvTable, SuggestsAColumn) {
  const CsvTable table = parse_csv("m,latency_us\n", "t.csv");
  EXPECT_EQ(message_of([&] { table.column("latency_ms"); }),
            "t.csv:1:1: error: there is no column `latency_ms`, did you mean `latency_us`?\n"
            "   1 | m,latency_us\n"
            "     | ^\n"
            "  accepted: a header with `latency_ms`; it has m, latency_us\n");
}

TEST(ParseCsv, RejectsRaggedRows) {
  EXPECT_EQ(message_of([] { parse_csv("a,b\n1,2\n3\n", "t.csv"); }),
            "t.csv:3:1: error: this row has 1 cells, the header has 2\n"
            "   3 | 3\n"
            "     | ^\n"
            "  accepted: a cell for each of a, b\n");
  EXPECT_EQ(message_of([] { parse_csv("a,b\n1,2,3\n", "t.csv"); }),
            "t.csv:2:5: error: this row has 3 cells, the header has 2\n"
            "   2 | 1,2,3\n"
            "     |     ^\n"
            "  accepted: a cell for each of a, b\n");
}

TEST(ParseCsv, RejectsAnEmptyFileAndABrokenHeader) {
  EXPECT_EQ(message_of([] { parse_csv("", "t.csv"); }),
            "t.csv:1:1: error: this table is empty\n"
            "   1 |\n"
            "     | ^\n"
            "  accepted: a header line with the names of the columns, then a line for each row\n");
  EXPECT_EQ(message_of([] { parse_csv("a,,b\n", "t.csv"); }),
            "t.csv:1:3: error: a column without a name\n"
            "   1 | a,,b\n"
            "     |   ^\n"
            "  accepted: a header line with the name of every column\n");
  EXPECT_EQ(message_of([] { parse_csv("a,b,a\n", "t.csv"); }),
            "t.csv:1:5: error: `a` is there twice\n"
            "   1 | a,b,a\n"
            "     |     ^\n"
            "  accepted: columns of different names\n");
}

TEST(LoadCsv, ReadsAFileOrPointsAtItsName) {
  const TemporaryFolder folder;
  EXPECT_EQ(load_csv(folder.write("t.csv",
                                  "\xEF\xBB\xBF"
                                  "a\n1\n"))
                .number(0, 0),
            1.0);
  EXPECT_EQ(folder.without_folder(message_of([&] { load_csv(folder.path / "no.csv"); })),
            "no.csv:1:1: error: can't read `no.csv`: No such file or directory\n"
            "   1 |\n"
            "     | ^\n"
            "  accepted: the path of a readable file\n");
}

RC_GTEST_PROP(ParseCsvOfAnything, IsATableOrAnError, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("a,b\"\n\r#1.\0\xC3\xA4\xFF", 13)));
  const std::string message = message_of([&] { parse_csv(text, "t.csv"); });
  RC_ASSERT(message == "no error" || message.starts_with("t.csv:"));
}

}  // namespace
}  // namespace windtunnel
