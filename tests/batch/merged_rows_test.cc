#include "simulator/batch/merged_rows.h"

#include <gtest/gtest.h>

#include "simulator/base/text_file.h"
#include "simulator/batch/shard_file.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/batch/small_batch.h"

namespace windtunnel {
namespace {

class MergedShards : public testing::Test {
 protected:
  const TemporaryFolder folder;
  const Batch batch = small_batch(20);

  std::filesystem::path shard(const std::string& name, const std::vector<std::int64_t>& ids) const {
    std::string text = head_line({.batch = batch.head, .share = {0, 1}});
    for (const auto id : ids) text += row_line(batch.head, id, batch.evaluate(id));
    return folder.write(name, text);
  }

  std::string problem(const std::vector<std::filesystem::path>& files) const {
    return folder.without_folder(message_of([&] { merge_shards(files); }));
  }
};

TEST_F(MergedShards, StandInTheOrderOfTheirIds) {
  const MergedRows rows = merge_shards({shard("a", {5, 1}), shard("b", {4, 1, 0})});
  EXPECT_EQ(rows.head, batch.head);
  EXPECT_EQ(rows.missing, 16);
  std::string all;
  for_each_row(rows, [&](std::int64_t id, std::string_view text) {
    all += std::to_string(id) + ": " + std::string(text) + "\n";
  });
  EXPECT_EQ(all, "0: 0,0,0,\n1: odd,1,0.5,\n4: 4,16,2,\n5: odd,25,2.5,\n");
}

TEST_F(MergedShards, SayWhichIdsAreMissing) {
  EXPECT_EQ(missing_text(merge_shards({shard("a", {0, 1, 2, 6, 8, 9, 10, 11, 12, 13, 14})})),
            "3 to 5, 7, 15 to 19");
  EXPECT_EQ(missing_text(merge_shards({shard("b", {1, 3, 5, 7, 9, 11, 13, 15, 17})})),
            "0, 2, 4, 6, 8, 10, 12, 14 and 3 more");
}

TEST_F(MergedShards, RowsThatDifferAreRefused) {
  const auto first = shard("a", {0, 1});
  const auto second = folder.write("b", head_line({.batch = batch.head, .share = {0, 1}}) +
                                            row_line(batch.head, 0, batch.evaluate(0)) +
                                            row_line(batch.head, 1, {"odd", "1", "0.75", ""}));
  EXPECT_EQ(problem({first, second}),
            "b:3:1: error: row 1 is another in `a`\n"
            "   3 | 1,odd,1,0.75,\n"
            "     | ^\n"
            "  accepted: 1,odd,1,0.5,\n");
}

TEST_F(MergedShards, WhatStandsBehindAllRowsIsRefused) {
  const Batch two = small_batch(2);
  const std::string whole = head_line({.batch = two.head, .share = {0, 1}}) +
                            row_line(two.head, 0, two.evaluate(0)) +
                            row_line(two.head, 1, two.evaluate(1));
  EXPECT_EQ(problem({folder.write("a", whole)}), "no error");
  EXPECT_EQ(problem({folder.write("a", whole + "garbage")}),
            "a:4:1: error: the file ends in a broken line, which is no row\n"
            "   4 | garbage\n"
            "     | ^\n"
            "  accepted: nothing behind line 3: the shard has all its 2 rows\n");
}

TEST_F(MergedShards, ATornLineIsPassedOverAndNoted) {
  const auto half = shard("a", {0, 1, 2});
  const std::string text = read_text_file(half);
  const auto torn = folder.write("a", text.substr(0, text.size() - 5));
  EXPECT_EQ(folder.without_folder(missing_text(merge_shards({torn}))),
            "2 to 19\na:4: the file ends in a broken line");
  EXPECT_EQ(merge_shards({torn, shard("b", {2})}).missing, 17);
}

TEST_F(MergedShards, OtherBatchesAndEmptyFilesAreRefused) {
  const auto first = shard("a", {0});
  const Batch other = small_batch(20, "other");
  const auto second = folder.write("b", head_line({.batch = other.head, .share = {0, 1}}));
  EXPECT_NE(problem({first, second}).find("error: this shard is of another batch than `a`"),
            std::string::npos);
  EXPECT_NE(problem({first, folder.write("c", "")}).find("c:1:1: error: this shard is empty"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
