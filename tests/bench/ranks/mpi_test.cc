// The built program on four ranks of MPI, as a person starts it on a cluster, and its reports.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/base/temporary_folder.h"
#include "tests/results/first_row.h"
#include "tests/cli/program.h"

namespace windtunnel::bench {
namespace {

constexpr const char* kProgram = WINDTUNNEL_COLLECTIVES;
constexpr const char* kMpirun = WINDTUNNEL_MPIRUN;

/// Root is what a container has, which may also forbid to read another process' memory; MPI's own
/// leaks are none of ours.
Ran run_mpi(std::vector<std::string> words) {
  words.insert(words.begin(), {kMpirun, "--oversubscribe", "-np"});
  return run_command(words, {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
                             "OMPI_MCA_btl_vader_single_copy_mechanism=none",
                             "OMPI_MCA_mpi_yield_when_idle=1", "ASAN_OPTIONS=detect_leaks=0"});
}

Ran run_ranks(int ranks, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{std::to_string(ranks), kProgram};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_mpi(words);
}

class MpiRanks : public testing::Test {
  void SetUp() override {
    if (std::string(kMpirun).empty()) GTEST_SKIP() << "no MPI here: libopenmpi-dev, openmpi-bin";
    const Ran ran = run_mpi({"2", "true"});
    if (ran.code != 0) GTEST_SKIP() << "MPI starts nothing on this machine: " << ran.err;
  }
};

TEST_F(MpiRanks, FourOfThemMeasureEverythingAndReportOnce) {
  const TemporaryFolder folder;
  const auto json = folder.path / "collectives.json";
  const auto file = folder.path / "results.db";
  const Ran ran = run_ranks(4, {"--over", "hosts", "--least", "2K", "--most", "64K", "--samples",
                                "3", "--json", json, "--database", file});
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_EQ(ran.out.find("hosts, host, MPI, 4 ranks on 1 node, "), 0U) << ran.out;
  EXPECT_EQ(ran.out.find("WRONG"), std::string::npos) << ran.out;
  std::ifstream stream(json);
  const auto document = nlohmann::json::parse(stream);
  EXPECT_EQ(document["ranks"], 4);
  std::set<std::string> names;
  for (const auto& result : document["results"]) {
    names.insert(result["operation"].get<std::string>() + result["skew"].get<std::string>());
    EXPECT_EQ(result["wrong"], "");
    EXPECT_EQ(result["samples"]["ns"].size(), 3U);
    EXPECT_GT(result["bus_gb_per_s"].get<double>(), 0);
  }
  EXPECT_EQ(names.size(), 9U);  // seven kinds, one of them with three skews
  EXPECT_EQ(first_row(file, "SELECT count(*) FROM run"), "1");
  EXPECT_EQ(first_row(file,
                      "SELECT count(DISTINCT operation), min(ranks), max(wrong) FROM "
                      "collective"),
            "7|4|");
}

TEST_F(MpiRanks, OneRankHasNobodyToExchangeWith) {
  const Ran alone = run_ranks(1, {"--over", "hosts"});
  EXPECT_EQ(alone.code, 3) << alone.err;
  EXPECT_NE(alone.err.find("nothing to measure on: one rank has nobody to exchange with"),
            std::string::npos)
      << alone.err;
}

TEST_F(MpiRanks, OtherArgumentsOnOneOfThemAreNoEndlessWait) {
  const Ran ran = run_mpi({"1", kProgram, "--over", "hosts", "--samples", "1", ":", "-np", "1",
                           kProgram, "--over", "hosts", "--samples", "2"});
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("not all ranks have the same arguments"), std::string::npos) << ran.err;
}

TEST_F(MpiRanks, AReportThatCannotBeWrittenEndsAllRanks) {
  const Ran ran = run_ranks(2, {"--over", "hosts", "--operations", "alltoall", "--most", "1K",
                                "--samples", "1", "--json", "/dev/null/no.json"});
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("can't write"), std::string::npos) << ran.err;
}

TEST(Collectives, WithoutGpusItSaysSoAndExitsWith3) {
  const Ran ran = run_command({kProgram}, {"CUDA_VISIBLE_DEVICES="});
  EXPECT_EQ(ran.code, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err.find("windtunnel-collectives: nothing to measure on: "), 0U) << ran.err;
}

TEST(Collectives, WrongUsageExitsWith2) {
  const Ran ran = run_command({kProgram, "--sizes"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.err,
            "windtunnel-collectives: The following argument was not expected: --sizes\n"
            "  see windtunnel-collectives --help\n");
}

}  // namespace
}  // namespace windtunnel::bench
