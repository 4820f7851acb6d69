#include <gtest/gtest.h>

#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

class MergeCommand : public testing::Test {
 protected:
  const TemporaryFolder folder;
  const std::filesystem::path spec = write_grid(folder);

  std::string in(const std::string& name) const { return folder.path / name; }

  std::string shard(const std::string& share) const {
    const std::string file = in(share.substr(0, share.find('/')) + ".shard");
    EXPECT_EQ(run_program({"sweep", spec, "--shard", share, "-o", file}).code, 0);
    return file;
  }
};

TEST_F(MergeCommand, MissingPointsAreListedAndLeftOutOnlyOnRequest) {
  const std::string only = shard("1/60");
  const Ran refused = run_program({"merge", only, "-o", in("a.csv")});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.err,
            "windtunnel: 118 of 120 points are missing: 0, 2 to 60, 62 to 119 (--partial merges "
            "without them)\n");
  EXPECT_FALSE(std::filesystem::exists(in("a.csv")));
  const Ran partial = run_program({"merge", only, "-o", "-", "--partial"});
  EXPECT_EQ(partial.code, 0);
  EXPECT_EQ(partial.err.find("windtunnel: warning: 118 of 120"), 0U) << partial.err;
  EXPECT_NE(partial.out.find("\n61,"), std::string::npos);
}

TEST_F(MergeCommand, ABrokenShardIsRefusedWithItsLine) {
  const std::string file = shard("0/60");
  std::string text = read_text_file(file);
  const std::size_t row = text.find("\n60,") + 1;
  text[row + 5] = text[row + 5] == '9' ? '8' : '9';
  folder.write("0.shard", text);
  const Ran ran = run_program({"merge", file, "-o", in("a.csv"), "--partial"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("error: this line is broken: its checksum is another"), std::string::npos)
      << ran.err;
  EXPECT_NE(ran.err.find("0.shard:"), std::string::npos);
  EXPECT_NE(ran.err.find(" | 60,"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(in("a.csv")));
  EXPECT_EQ(run_program({"sweep", spec, "--shard", "0/60", "-o", file}).code, 2);
}

TEST_F(MergeCommand, GarbageBehindAWholeShardIsRefusedAndACutSaid) {
  const std::string file = shard("0/60");
  const std::string text = read_text_file(file);
  folder.write("0.shard", text + "garbage");
  const Ran garbage = run_program({"merge", file, "-o", in("a.csv"), "--partial"});
  EXPECT_EQ(garbage.code, 2);
  EXPECT_NE(garbage.err.find("0.shard:4:1: error: the file ends in a broken line"),
            std::string::npos)
      << garbage.err;
  folder.write("0.shard", text.substr(0, text.size() - 9));
  const Ran cut = run_program({"merge", file, "-o", in("a.csv")});
  EXPECT_EQ(cut.code, 2);
  EXPECT_NE(cut.err.find("119 of 120 points are missing: "), std::string::npos) << cut.err;
  EXPECT_NE(cut.err.find("0.shard:3: the file ends in a broken line\n(--partial"),
            std::string::npos)
      << cut.err;
  EXPECT_FALSE(std::filesystem::exists(in("a.csv")));
  EXPECT_EQ(run_program({"sweep", spec, "--shard", "0/60", "-o", file}).code, 0);
  EXPECT_EQ(read_text_file(file), text);
}

TEST_F(MergeCommand, ShardsOfDifferentSweepsAreRefused) {
  const std::string first = shard("0/60");
  folder.write("grid.toml", read_text_file(spec) + "# another\n");
  const std::string second = shard("1/60");
  const Ran ran = run_program({"merge", first, second, "-o", in("a.csv"), "--partial"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("error: this shard is of another batch than `"), std::string::npos)
      << ran.err;
}

TEST_F(MergeCommand, AFileThatIsNoShardIsRefused) {
  const Ran ran = run_program({"merge", spec, "-o", in("a.csv")});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("grid.toml:1:1: error: this is no shard"), std::string::npos) << ran.err;
  EXPECT_EQ(run_program({"merge", in("none"), "-o", in("a.csv")}).code, 2);
  EXPECT_EQ(run_program({"merge", "-o", in("a.csv")}).code, 2);
}

}  // namespace
}  // namespace windtunnel
