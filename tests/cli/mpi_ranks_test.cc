// The built program on four ranks of MPI, as a person starts it on a cluster.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "simulator/batch/shard_writer.h"
#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

const std::vector<std::string> kAsRoot = {
    "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
    "OMPI_MCA_btl_vader_single_copy_mechanism=none", "OMPI_MCA_mpi_yield_when_idle=1"};

class OnRanks : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string(WINDTUNNEL_MPI).empty() || std::string(WINDTUNNEL_MPIRUN).empty()) {
      GTEST_SKIP() << "no MPI here: libopenmpi-dev, openmpi-bin";
    }
    const Ran ran =
        run_command({WINDTUNNEL_MPIRUN, "--oversubscribe", "-np", "2", "true"}, kAsRoot);
    if (ran.code != 0) GTEST_SKIP() << "MPI starts nothing on this machine: " << ran.err;
  }

  std::string in(const std::string& name) const { return folder.path / name; }
  std::string text(const std::string& name) const { return read_text_file(in(name)); }

  /// Ids of the ranks that write below this folder.
  std::vector<pid_t> rank_ids() const {
    std::vector<pid_t> ids;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::ifstream in(entry.path() / "cmdline", std::ios::binary);
      const std::string line((std::istreambuf_iterator<char>(in)), {});
      const bool rank =
          line.starts_with(WINDTUNNEL_MPI) && line.find(folder.path.string()) != std::string::npos;
      if (rank) ids.push_back(std::stoi(entry.path().filename().string()));
    }
    return ids;
  }

  /// `command` on so many ranks.
  static std::vector<std::string> on_ranks(const std::string& count,
                                           const std::vector<std::string>& command) {
    std::vector<std::string> words{WINDTUNNEL_MPIRUN, "--oversubscribe", "-np", count,
                                   WINDTUNNEL_MPI};
    words.insert(words.end(), command.begin(), command.end());
    return words;
  }

  const TemporaryFolder folder;
};

class MpiSweep : public OnRanks {
 protected:
  /// Computes alone.db and alone.csv.
  void sweep_alone() const {
    EXPECT_EQ(run_program({"sweep", spec, "-o", in("alone.db"), "--csv", in("alone.csv")}).code, 0);
  }

  std::vector<std::string> ranks(const std::string& count,
                                 const std::vector<std::string>& more) const {
    std::vector<std::string> command{"sweep", spec};
    command.insert(command.end(), more.begin(), more.end());
    return on_ranks(count, command);
  }

  const std::filesystem::path spec = write_grid(folder, 70);
};

class MpiPlan : public OnRanks {
 protected:
  std::vector<std::string> ranks(const std::string& count, const std::string& document) const {
    return on_ranks(count, {"plan", spec, "--json", in(document), "-q"});
  }

  void plan_alone() const {
    EXPECT_EQ(run_program({"plan", spec, "--json", in("alone.json"), "--threads", "1"}).code, 0);
  }

  /// Some seconds of work: some of V3's plans.
  const std::filesystem::path spec = folder.write(
      "v3.toml", "name = \"V3\"\nscenario = \"" + std::filesystem::absolute(kPretrain).string() +
                     "\"\nobjective = \"gpu_hours\"\n[vary]\npipeline = [4, 8, 16]\n"
                     "schedule = [\"1f1b\", \"zb_v\", \"dualpipe\", \"dualpipev\"]\n"
                     "virtual_stages = [2]\nexpert = [32, 64]\nzero_stage = [1, 2]\n");
};

TEST_F(MpiSweep, FourRanksGiveTheSameBytesAsOneThread) {
  sweep_alone();
  const Ran ran =
      run_command(ranks("4", {"-o", in("ranks.db"), "--csv", in("ranks.csv")}), kAsRoot);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text("ranks.csv"), text("alone.csv"));
  EXPECT_EQ(text("ranks.db"), text("alone.db"));
  EXPECT_FALSE(std::filesystem::exists(in("ranks.db.part3")));
}

TEST_F(MpiSweep, RanksWithThreadsShareTheTickets) {
  sweep_alone();
  const Ran ran = run_command(ranks("2", {"--threads", "2", "-o", in("ranks.csv")}), kAsRoot);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text("ranks.csv"), text("alone.csv"));
}

TEST_F(MpiSweep, AKilledRankLosesOnlyItsChunk) {
  sweep_alone();
  Started killed(ranks("3", {"-o", in("ranks.csv")}), kAsRoot);
  for (const char* part : {"ranks.csv.part0", "ranks.csv.part1", "ranks.csv.part2"}) {
    ASSERT_TRUE(has_lines(in(part), 5)) << part;
  }
  const std::vector<pid_t> ids = rank_ids();
  ASSERT_EQ(ids.size(), 3U);
  ::kill(ids.back(), SIGKILL);
  EXPECT_NE(killed.wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(in("ranks.csv")));
  std::ptrdiff_t kept = 0;
  for (const char* part : {"ranks.csv.part0", "ranks.csv.part1", "ranks.csv.part2"}) {
    const std::string rows = text(part);
    kept += std::count(rows.begin(), rows.end(), '\n') - 1;
  }
  EXPECT_GE(kept, 12);
  // Another number of ranks goes on with all that the first ones left.
  const Ran ran = run_command(ranks("2", {"-o", in("ranks.csv")}), kAsRoot);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text("ranks.csv"), text("alone.csv"));
  EXPECT_FALSE(std::filesystem::exists(in("ranks.csv.part2")));
}

TEST_F(MpiSweep, ARankThatCannotWriteEndsAll) {
  std::filesystem::create_directory(in("ranks.csv.part1"));
  const Ran ran = run_command(ranks("2", {"-o", in("ranks.csv")}), kAsRoot);
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("windtunnel: rank "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("Is a directory"), std::string::npos) << ran.err;
}

TEST_F(MpiSweep, RanksOfDifferentSweepsEnd) {
  std::vector<std::string> words = ranks("1", {"-o", in("a.csv")});
  for (const std::string& word : ranks("1", {"-o", in("b.csv")})) {
    if (word == WINDTUNNEL_MPIRUN) words.emplace_back(":");
    if (word != WINDTUNNEL_MPIRUN && word != "--oversubscribe") words.push_back(word);
  }
  const Ran ran = run_command(words, kAsRoot);
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("not all ranks have the same arguments and files"), std::string::npos)
      << ran.err;
}

TEST_F(MpiPlan, FourRanksGiveTheSameBytesAsOneThread) {
  plan_alone();
  const Ran ran = run_command(ranks("4", "ranks.json"), kAsRoot);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text("ranks.json"), text("alone.json"));
  EXPECT_FALSE(std::filesystem::exists(in("ranks.json.part0")));
  EXPECT_FALSE(std::filesystem::exists(in("ranks.json.part3")));
}

TEST_F(MpiPlan, AKilledRankLosesOnlyWhatItWasAsked) {
  plan_alone();
  Started killed(ranks("3", "ranks.json"), kAsRoot);
  for (const char* part : {"ranks.json.part0", "ranks.json.part1", "ranks.json.part2"}) {
    ASSERT_TRUE(has_lines(in(part), 2)) << part;
  }
  const std::vector<pid_t> ids = rank_ids();
  ASSERT_EQ(ids.size(), 3U);
  ::kill(ids.back(), SIGKILL);
  EXPECT_NE(killed.wait(), 0);
  EXPECT_FALSE(std::filesystem::exists(in("ranks.json")));
  const Ran ran = run_command(ranks("2", "ranks.json"), kAsRoot);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text("ranks.json"), text("alone.json"));
  EXPECT_FALSE(std::filesystem::exists(in("ranks.json.part2")));
}

TEST_F(MpiPlan, ARankThatCannotKeepAnswersEndsAll) {
  const ShardWriter elsewhere(in("ranks.json.part1"));
  const Ran ran = run_command(ranks("2", "ranks.json"), kAsRoot);
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("windtunnel: rank 1: "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("is being written by another process"), std::string::npos) << ran.err;
}

TEST_F(MpiPlan, ADocumentThatCannotBeWrittenEndsAll) {
  const Ran ran = run_command(
      on_ranks("2", {"plan", kSmallPlan, "-q", "--json", in("none/a.json"), "-o", in("a.toml")}),
      kAsRoot);
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("none/a.json"), std::string::npos) << ran.err;
}

TEST_F(MpiPlan, AMistakeInTheFileIsSaidOnce) {
  folder.write("v3.toml", "name = \"V3\"\nwrong = 1\n");
  const Ran ran = run_command(ranks("3", "ranks.json"), kAsRoot);
  EXPECT_EQ(ran.code, 2) << ran.err;
  const std::size_t said = ran.err.find("v3.toml:1:1: error: ");
  ASSERT_NE(said, std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find("v3.toml:1:1: error: ", said + 1), std::string::npos) << ran.err;
}

TEST_F(MpiPlan, RanksWithDifferentArgumentsEnd) {
  std::vector<std::string> words = on_ranks("1", {"plan", kSmallPlan, "-q", "--top", "1"});
  words.insert(words.end(), {":", "-np", "1", WINDTUNNEL_MPI, "plan", kSmallPlan, "-q"});
  const Ran ran = run_command(words, kAsRoot);
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("not all ranks have the same arguments and files"), std::string::npos)
      << ran.err;
}

TEST_F(MpiPlan, RanksTakeWhatShardsHaveFoundAndDeploymentsAreTheSame) {
  const std::string serving = "scenarios/plans/r1-serving.toml";
  ASSERT_EQ(run_program({"plan", serving, "--json", in("alone.json")}).code, 0);
  for (const char* share : {"0/2", "1/2"}) {
    const std::string file = in(std::string(share).substr(0, 1) + ".shard");
    ASSERT_EQ(run_program({"plan", serving, "--shard", share, "-o", file}).code, 0);
  }
  const Ran merged = run_program(
      {"plan", serving, "--json", in("merged.json"), "--from", in("0.shard"), in("1.shard")});
  ASSERT_EQ(merged.code, 0) << merged.err;
  EXPECT_EQ(text("merged.json"), text("alone.json"));
  const Ran ran = run_command(
      on_ranks("3", {"plan", serving, "-q", "--json", in("ranks.json"), "--from", in("0.shard")}),
      kAsRoot);
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(text("ranks.json"), text("alone.json"));
}

}  // namespace
}  // namespace windtunnel
