// Plans searched in shards, as a person does on machines that know nothing of each other.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

class PlanShards : public testing::Test {
 protected:
  const TemporaryFolder folder;

  std::string in(const std::string& name) const { return folder.path / name; }
  std::string text(const std::string& name) const { return read_text_file(in(name)); }

  std::string shard(const std::string& share) const {
    const std::string file = in(share.substr(0, share.find('/')) + ".shard");
    EXPECT_EQ(run_program({"plan", kSmallPlan, "--shard", share, "-o", file}).code, 0);
    return file;
  }

  static std::multiset<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::multiset<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.insert(line);
    return lines;
  }
};

TEST_F(PlanShards, ThreeGiveTheSameBytesAsOneThread) {
  const Ran alone = run_program(
      {"plan", kSmallPlan, "--threads", "1", "--json", in("alone.json"), "-o", in("alone.toml")});
  ASSERT_EQ(alone.code, 0) << alone.err;
  const Ran merged =
      run_program({"plan", kSmallPlan, "--json", in("merged.json"), "-o", in("merged.toml"),
                   "--from", shard("0/3"), shard("1/3"), shard("2/3")});
  ASSERT_EQ(merged.code, 0) << merged.err;
  EXPECT_EQ(merged.out, alone.out);
  EXPECT_EQ(text("merged.json"), text("alone.json"));
  EXPECT_EQ(text("merged.toml"), text("alone.toml"));
  EXPECT_EQ(merged.err.find("missing"), std::string::npos) << merged.err;
  const Ran some =
      run_program({"plan", kSmallPlan, "--json", in("some.json"), "--from", in("1.shard")});
  ASSERT_EQ(some.code, 0) << some.err;
  EXPECT_NE(some.err.find("shards 0, 2 of 3 are missing: what they would answer is found here"),
            std::string::npos)
      << some.err;
  EXPECT_EQ(text("some.json"), text("alone.json"));
}

TEST_F(PlanShards, OneGoesOnWhereItStopped) {
  const std::string file = shard("1/2");
  const std::string whole = read_text_file(file);
  const std::string half = whole.substr(0, whole.find('\n', whole.size() / 2) - 3);
  folder.write("1.shard", half);
  const Ran cut = run_program({"plan", kSmallPlan, "--from", file});
  EXPECT_EQ(cut.code, 0);
  EXPECT_NE(cut.err.find("1.shard ends in a broken line"), std::string::npos) << cut.err;
  shard("1/2");
  const std::string again = read_text_file(file);
  EXPECT_EQ(lines_of(again), lines_of(whole));
  const std::string kept = half.substr(0, half.rfind('\n') + 1);
  EXPECT_EQ(again.substr(0, kept.size()), kept);
}

TEST_F(PlanShards, AnInterruptedOneKeepsItsAnswers) {
  const std::string file = in("v3.shard");
  Started stopped({WINDTUNNEL_PROGRAM, "plan", "scenarios/plans/v3-h800.toml", "--shard", "1/2",
                   "-o", file, "--threads", "2"});
  ASSERT_TRUE(has_lines(file, 5));
  EXPECT_EQ(stopped.end(SIGINT), 130);
  const Ran other = run_program({"plan", kSmallPlan, "--from", file});  // reads all its lines
  EXPECT_NE(other.err.find("these are answers about other plans"), std::string::npos) << other.err;
}

TEST_F(PlanShards, WhatIsNoShardOfThesePlansIsRefused) {
  const std::string file = shard("0/2");
  const auto refused = [&](const std::string& message) {
    const Ran ran = run_program({"plan", kSmallPlan, "--from", file});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("0.shard:"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find(message), std::string::npos) << ran.err;
  };
  std::string rows = read_text_file(file);
  const std::size_t second = rows.find('\n', rows.find('\n') + 1) + 1;
  rows[second] = rows[second] == '1' ? '2' : '1';
  folder.write("0.shard", rows);
  refused("error: this line is broken: its checksum is another");
  folder.write("0.shard", "");
  refused("error: this shard is empty");
  folder.write("0.shard", "name = \"a plan\"\n");
  refused("error: this is no shard");
  const Ran own = run_program({"plan", kSmallPlan, "--shard", "0/2", "-o", file});
  EXPECT_EQ(own.code, 2);
  EXPECT_EQ(text("0.shard"), "name = \"a plan\"\n");
  const Ran other = run_program({"plan", "scenarios/plans/v3-h800.toml", "--from", shard("1/2")});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("these are answers about other plans"), std::string::npos) << other.err;
}

TEST_F(PlanShards, AnotherShareOfTheSameIsNotMixedIn) {
  const std::string file = shard("0/2");
  const std::string before = read_text_file(file);
  const Ran ran = run_program({"plan", kSmallPlan, "--shard", "1/2", "-o", file});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("0.shard is shard 0/2"), std::string::npos) << ran.err;
  EXPECT_EQ(read_text_file(file), before);
}

TEST_F(PlanShards, AShardShowsNoPlans) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--json", "-"}, {"--html", in("a.html")}, {"--mpi", "2"}}) {
    std::vector<std::string> words{"plan", kSmallPlan, "--shard", "0/2", "-o", in("a.shard")};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_EQ(run_program(words).code, 2);
    EXPECT_FALSE(std::filesystem::exists(in("a.shard")));
  }
  EXPECT_EQ(run_program({"plan", kSmallPlan, "--shard", "2/2"}).code, 2);
}

TEST_F(PlanShards, NothingThatIsReadIsOverwritten) {
  const std::string file = shard("0/2");
  const std::string rows = read_text_file(file);
  for (const char* option : {"-o", "--json", "--html"}) {
    const Ran ran = run_program({"plan", kSmallPlan, option, file, "--from", file});
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("it would be overwritten"), std::string::npos) << ran.err;
    EXPECT_EQ(read_text_file(file), rows);
  }
  EXPECT_EQ(run_program({"plan", kSmallPlan, "--json", in("a"), "--html", in("a")}).code, 2);
  EXPECT_EQ(run_program({"plan", kSmallPlan, "--shard", "0/2", "-o", "-"}).code, 2);
}

TEST_F(PlanShards, WithoutAPlanInTheLimitsTheyKeepTheirAnswersAllTheSame) {
  const auto spec =
      folder.write("spec.toml", "extends = \"" + std::filesystem::absolute(kSmallPlan).string() +
                                    "\"\n[limits]\ngpu_hours = 14.0\n");
  const Ran alone = run_program({"plan", spec, "--json", in("alone.json")});
  EXPECT_EQ(alone.code, 1) << alone.err;
  std::vector<std::string> words{"plan", spec, "--json", in("merged.json"), "--from"};
  for (const char* share : {"0/2", "1/2"}) {
    const std::string file = in(std::string(share).substr(0, 1) + ".shard");
    EXPECT_EQ(run_program({"plan", spec, "--shard", share, "-o", file}).code, 0);
    words.push_back(file);
  }
  EXPECT_EQ(run_program(words).code, 1);
  EXPECT_EQ(text("merged.json"), text("alone.json"));
}

TEST_F(PlanShards, ADeviceIsNoShard) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--shard", "0/2", "-o", "/dev/full"}, {"--from", "/dev/zero"}}) {
    std::vector<std::string> words{"plan", kSmallPlan};
    words.insert(words.end(), more.begin(), more.end());
    const Ran ran = run_program(words);
    EXPECT_EQ(ran.code, 2);
    EXPECT_NE(ran.err.find("not a regular file"), std::string::npos) << ran.err;
  }
}

TEST_F(PlanShards, MergeSaysWhoTakesThem) {
  const Ran ran = run_program({"merge", shard("0/2"), "-o", in("a.csv")});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("`plan SPEC --from` takes the shards"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(in("a.csv")));
}

}  // namespace
}  // namespace windtunnel
