#include "simulator/batch/shard_file.h"

#include <gtest/gtest.h>

#include "simulator/base/text_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/batch/small_batch.h"

namespace windtunnel {
namespace {

class ShardFile : public testing::Test {
 protected:
  const Batch batch = small_batch();
  const ShardHead head{.batch = batch.head, .share = {1, 3}};
  const TemporaryFolder folder;

  std::string line(std::int64_t id) const { return row_line(batch.head, id, batch.evaluate(id)); }

  std::vector<std::int64_t> ids(const std::string& text) const {
    std::vector<std::int64_t> found;
    const auto file = folder.write("shard", text);
    read_shard(
        file, [&](const ShardHead& read) { EXPECT_EQ(read, head); },
        [&](const ShardRow& row) {
          EXPECT_EQ(text.substr(static_cast<std::size_t>(row.offset), row.text.size()), row.text);
          found.push_back(row.id);
        });
    return found;
  }

  std::string problem(const std::string& text) const {
    return folder.without_folder(message_of([&] { ids(text); }));
  }
};

TEST_F(ShardFile, IsReadBackInTheOrderWritten) {
  EXPECT_EQ(ids(head_line(head) + line(10) + line(1) + line(4)),
            (std::vector<std::int64_t>{10, 1, 4}));
  EXPECT_EQ(ids(head_line(head)), std::vector<std::int64_t>{});
}

TEST_F(ShardFile, ATornLastLineIsNoRow) {
  const std::string whole = head_line(head) + line(1);
  const std::string last = line(4);
  for (std::size_t cut = 0; cut < last.size(); ++cut) {
    EXPECT_EQ(ids(whole + last.substr(0, cut)), std::vector<std::int64_t>{1}) << cut;
  }
  EXPECT_EQ(ids(head_line(head).substr(0, 20)), std::vector<std::int64_t>{});
}

TEST_F(ShardFile, EveryChangedByteOfALineIsFound) {
  const std::string before = head_line(head) + line(1);
  const std::string row = line(4);
  for (std::size_t at = 0; at + 1 < row.size(); ++at) {
    std::string changed = row;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_NE(problem(before + changed + line(7)), "no error") << at;
  }
  const std::string first = head_line(head);
  for (std::size_t at = 0; at + 1 < first.size(); ++at) {
    std::string changed = first;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_NE(problem(changed + line(7)), "no error") << at;
  }
}

TEST_F(ShardFile, SaysWhichLineIsBrokenAndWhatHelps) {
  std::string row = line(4);
  row[2] = '9';
  const std::string shown = row.substr(0, row.find('\t')) + "    " + row.substr(row.find('\t') + 1);
  EXPECT_EQ(
      problem(head_line(head) + line(1) + row + line(7)),
      "shard:3:1: error: this line is broken: its checksum is another\n"
      "   3 | " +
          shown +
          "     | ^\n"
          "  accepted: the file as windtunnel wrote it; or delete it, and its rows are computed "
          "again\n");
}

TEST_F(ShardFile, ALineOfAnotherBatchOrShareIsNoLineOfThis) {
  const Batch other = small_batch(100, "another");
  EXPECT_NE(problem(head_line(head) + row_line(other.head, 4, other.evaluate(4)))
                .find("its checksum is another"),
            std::string::npos);
  EXPECT_NE(problem(head_line(head) + line(5)).find("accepted: 1 + k x 3, below 100"),
            std::string::npos);
  EXPECT_NE(problem(head_line(head) + line(100)).find("no id of this shard"), std::string::npos);
  EXPECT_NE(problem("id,a\n1,2\n").find("1:1: error: this is no shard"), std::string::npos);
}

TEST_F(ShardFile, AMissingFileIsSaidToBe) {
  const auto nothing = [](const auto&) {};
  EXPECT_NE(
      message_of([&] { read_shard(folder.path / "none", nothing, nothing); }).find("No such file"),
      std::string::npos);
  EXPECT_NE(message_of([&] { read_shard(folder.path, nothing, nothing); }).find("directory"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
