#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

class SweepCommand : public testing::Test {
 protected:
  const TemporaryFolder folder;
  const std::filesystem::path spec = write_grid(folder);

  std::string in(const std::string& name) const { return folder.path / name; }
  std::string text(const std::string& name) const { return read_text_file(in(name)); }

  Ran sweep(std::vector<std::string> more) const {
    more.insert(more.begin(), {"sweep", spec});
    return run_program(more);
  }
};

TEST_F(SweepCommand, ThreadsAndShardsGiveTheSameBytes) {
  EXPECT_EQ(sweep({"--threads", "1", "-o", in("one.db"), "--csv", in("one.csv")}).code, 0);
  EXPECT_EQ(sweep({"--threads", "2", "-o", in("two.db"), "--csv", in("two.csv")}).code, 0);
  std::vector<std::string> merge{"merge", "-o", in("three.db"), "--csv", in("three.csv")};
  for (const std::string shard : {"0", "1", "2"}) {
    EXPECT_EQ(sweep({"--shard", shard + "/3", "-o", in(shard)}).code, 0);
    merge.push_back(in(shard));
  }
  std::swap(merge[merge.size() - 1], merge[merge.size() - 3]);
  EXPECT_EQ(run_program(merge).code, 0);
  const std::string rows = text("one.csv");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 121);
  EXPECT_EQ(rows.substr(0, rows.find('\n')),
            "id,run.tokens,batch.micro_batch,parallelism.tensor,step.time_s,run.gpu_hours,"
            "memory.fits,error");
  EXPECT_NE(rows.find("\n4,1 B,3,1,,,,32 sequences do not divide"), std::string::npos);
  EXPECT_EQ(text("two.csv"), rows);
  EXPECT_EQ(text("three.csv"), rows);
  EXPECT_EQ(text("two.db"), text("one.db"));
  EXPECT_EQ(text("three.db"), text("one.db"));
  EXPECT_FALSE(std::filesystem::exists(in("one.db.part0")));
}

TEST_F(SweepCommand, AKilledOneGoesOnWhereItWas) {
  ASSERT_EQ(sweep({"-o", in("whole.csv")}).code, 0);
  Started killed({WINDTUNNEL_PROGRAM, "sweep", spec, "--threads", "2", "-o", in("a.csv")});
  ASSERT_TRUE(has_lines(in("a.csv.part0"), 20));
  EXPECT_EQ(killed.end(SIGKILL), -1);
  EXPECT_FALSE(std::filesystem::exists(in("a.csv")));
  const std::string kept = text("a.csv.part0");
  EXPECT_GE(std::count(kept.begin(), kept.end(), '\n'), 20);
  EXPECT_EQ(sweep({"-o", in("a.csv")}).code, 0);
  EXPECT_EQ(text("a.csv"), text("whole.csv"));
}

TEST_F(SweepCommand, AnInterruptedOneKeepsWhatIsDone) {
  Started stopped({WINDTUNNEL_PROGRAM, "sweep", spec, "--threads", "1", "-o", in("a.csv")});
  ASSERT_TRUE(has_lines(in("a.csv.part0"), 10));
  EXPECT_EQ(stopped.end(SIGINT), 130);
  const std::string kept = text("a.csv.part0");
  EXPECT_EQ(kept.back(), '\n');
  EXPECT_GE(std::count(kept.begin(), kept.end(), '\n'), 10);
  EXPECT_EQ(sweep({"-o", in("a.csv")}).code, 0);
  ASSERT_EQ(sweep({"-o", in("whole.csv")}).code, 0);
  EXPECT_EQ(text("a.csv"), text("whole.csv"));
}

TEST_F(SweepCommand, RowsOfAFileThatChangedMeanwhileAreRefused) {
  folder.write(
      "base.toml",
      "extends = \"" + std::filesystem::absolute("scenarios/gpt/a100-node.toml").string() + "\"\n");
  const std::string grid = read_text_file(spec);
  folder.write("grid.toml", "scenario = \"base.toml\"\n" + grid.substr(grid.find('\n') + 1));
  Started edited({WINDTUNNEL_PROGRAM, "sweep", spec, "--threads", "1", "-o", in("a.csv")});
  ASSERT_TRUE(has_lines(in("a.csv.part0"), 10));
  folder.write("base.toml", text("base.toml") + "# edited\n");
  EXPECT_EQ(edited.wait(), 2);
  EXPECT_FALSE(std::filesystem::exists(in("a.csv")));
  EXPECT_FALSE(std::filesystem::exists(in("a.csv.part0")));
  EXPECT_TRUE(std::filesystem::exists(in("a.csv.part0.mixed")));
  EXPECT_EQ(sweep({"-o", in("a.csv")}).code, 0);
}

TEST_F(SweepCommand, RowsOfAChangedSpecificationAreNotMixedIn) {
  ASSERT_EQ(sweep({"--shard", "0/100", "-o", in("s")}).code, 0);
  const std::string before = text("s");
  folder.write("grid.toml", read_text_file(spec) + "# another\n");
  const Ran ran = sweep({"--shard", "0/100", "-o", in("s")});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("error: these are rows of another batch, `grid` of 120 points"),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(text("s"), before);
}

TEST_F(SweepCommand, ADryRunOnlyCounts) {
  const Ran ran = sweep({"--dry-run", "--threads", "2", "-o", in("a.db")});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out.find("grid\n120 points of "), 0U) << ran.out;
  EXPECT_NE(ran.out.find("          20  run.tokens\n           3  batch.micro_batch\n"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find(" on 2 threads\n"), std::string::npos) << ran.out;
  EXPECT_EQ(sweep({"--dry-run", "--shard", "1/7"}).out.find("grid\n17 points in this shard"), 0U);
  EXPECT_FALSE(std::filesystem::exists(in("a.db.part0")));
}

TEST_F(SweepCommand, ProgressSaysHowLongTheRestTakes) {
  const Ran ran = sweep({"--progress", "always", "-o", in("a.csv")});
  EXPECT_NE(ran.err.find("windtunnel sweep: 50 %, "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find(" s left\n"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("windtunnel sweep: 100 %\n"), std::string::npos) << ran.err;
}

TEST_F(SweepCommand, WhatCannotBeHadIsSaidSo) {
  folder.write("grid.toml", "scenario = \"" +
                                std::filesystem::absolute("scenarios/gpt/a100-node.toml").string() +
                                "\"\n[[axes]]\nkey = \"parallelism.tensor\"\nvalues = [3, 5]\n");
  const Ran none = sweep({"-o", in("none.csv")});
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(none.err,
            "windtunnel: not one of the 2 points can be simulated. The first: 3 tensor ranks x 2 "
            "others do not divide 8 GPUs\n");
  const std::string rows = text("none.csv");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 3);
  EXPECT_EQ(sweep({"--shard", "3/3"}).err,
            "windtunnel: --shard 3/3: expected i/n, such as 0/3 to 2/3\n");
  EXPECT_EQ(sweep({"--shard", "x"}).code, 2);
  EXPECT_EQ(run_program({"sweep", in("nowhere.toml")}).code, 2);
  EXPECT_EQ(sweep({"-o", "/dev/null/a.db"}).code, 2);
}

}  // namespace
}  // namespace windtunnel
