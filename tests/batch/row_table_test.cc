#include "simulator/batch/row_table.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <sstream>

#include "simulator/base/text_file.h"
#include "simulator/batch/shard_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/batch/small_batch.h"

namespace windtunnel {
namespace {

class RowTable : public testing::Test {
 protected:
  const TemporaryFolder folder;
  const Batch batch = small_batch(8);

  MergedRows rows(std::vector<std::int64_t> ids) const {
    std::string text = head_line({.batch = batch.head, .share = {0, 1}});
    for (const auto id : ids) text += row_line(batch.head, id, batch.evaluate(id));
    return merge_shards({folder.write("shard" + std::to_string(ids.front()), text)});
  }

  /// Rows of a query, cells with their types.
  static std::string answer(const std::filesystem::path& file, const char* sql) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    std::string out;
    const auto add = [](void* text, int count, char** cells, char**) {
      for (int i = 0; i < count; ++i) {
        *static_cast<std::string*>(text) +=
            (i > 0 ? "|" : "") + std::string(cells[i] ? cells[i] : "NULL");
      }
      *static_cast<std::string*>(text) += "\n";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, sql, add, &out, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
    return out;
  }
};

TEST_F(RowTable, CsvHoldsTheRowsAsTheyWereWritten) {
  std::ostringstream out;
  write_rows_csv(out, rows({3, 2}));
  EXPECT_EQ(out.str(),
            "id,a.key,square,half,error\n2,2,4,1,\n"
            "3,\"x, \"\"y\"\"\",,,\"three of seven, is \"\"wrong\"\"\"\n");
}

TEST_F(RowTable, SqliteKnowsNumbersFromTexts) {
  const auto file = folder.path / "table.db";
  write_rows_sqlite(file, rows({0, 1, 3, 2}));
  EXPECT_EQ(answer(file,
                   "SELECT id, \"a.key\", typeof(\"a.key\"), square, half, typeof(half), error "
                   "FROM points"),
            "0|0|integer|0|0.0|real|NULL\n"
            "1|odd|text|1|0.5|real|NULL\n"
            "2|2|integer|4|1.0|real|NULL\n"
            "3|x, \"y\"|text|NULL|NULL|null|three of seven, is \"wrong\"\n");
  EXPECT_EQ(answer(file, "SELECT * FROM batch"), "small, \"quoted\"|0123abcd|8|4\n");
}

TEST_F(RowTable, TheOrderOfComputingLeavesNoTraceAndNothingStaysBeside) {
  write_rows_sqlite(folder.path / "a.db", rows({0, 1, 2, 3}));
  write_rows_sqlite(folder.path / "b.db", rows({3, 1, 0, 2}));
  EXPECT_EQ(read_text_file(folder.path / "a.db"), read_text_file(folder.path / "b.db"));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path)) {
    files += entry.path().string().find(".db") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(files, 2);
}

TEST_F(RowTable, SaysWhatItCannotWrite) {
  EXPECT_NE(message_of([&] {
              write_rows_sqlite("/dev/null/x.db", rows({0}));
            }).find("can't write `/dev/null/x.db`"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              write_rows_csv(std::filesystem::path("/dev/null/x.csv"), rows({0}));
            }).find("can't write `/dev/null/x.csv`"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
