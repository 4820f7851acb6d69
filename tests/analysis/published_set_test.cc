#include "simulator/analysis/published_set.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

class PublishedSetFile : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  /// A set of runs with the keys given, over a table with the rows given.
  std::filesystem::path set_of(const std::string& keys, const std::string& rows,
                               const std::string& more = "") const {
    folder_.write("runs.csv", "gpus,layers,width,time\n" + rows);
    return folder_.write("set.toml",
                         "scenario = \"s.toml\"\nruns = \"runs.csv\"\nmodel = \"M\"\n"
                         "source = \"here\"\ncolumn = \"time\"\nunit = \"1 ms\"\n" +
                             more + keys);
  }

  std::string rejection(const std::filesystem::path& file) const {
    return folder_.without_folder(message_of([&] { set_runs(load_published_set(file)); }));
  }
};

std::string key(const std::string& name, const std::string& rest) {
  return "[[keys]]\nkey = \"" + name + "\"\n" + rest;
}

const std::string kGpus = key("cluster.gpus_per_node", "product = [\"gpus\"]\n");
const std::string kLayers =
    key("stages.layers", "product = [\"layers\"]\nover = [\"gpus\"]\nrepeat = \"gpus\"\n");
const std::string kWidth = key("model.dense.intermediate", "product = [\"width\"]\ntimes = 4\n");

TEST_F(PublishedSetFile, ARowBecomesTheKeysOfAScenario) {
  const auto runs =
      set_runs(load_published_set(set_of(kGpus + kLayers + kWidth, "2,24,1024,372.5\n")));
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].name, "line 2: 2,24,1024");
  EXPECT_DOUBLE_EQ(runs[0].measured.value, 0.3725);
  EXPECT_EQ(runs[0].changes, (std::vector<std::pair<std::string, std::string>>{
                                 {"cluster.gpus_per_node", "2"},
                                 {"stages.layers", "[12, 12]"},
                                 {"model.dense.intermediate", "4096"}}));
}

TEST_F(PublishedSetFile, AValueMayBeWrittenAroundTheNumber) {
  const auto runs = set_runs(load_published_set(set_of(
      kGpus + kWidth + key("model.layers", "product = [\"layers\"]\nwritten = '[{count = {}}]'\n"),
      "2,24,1024,1\n")));
  EXPECT_EQ(runs[0].changes.back().second, "[{count = 24}]");
}

TEST_F(PublishedSetFile, AnUnknownColumnIsShownWhereItIsNamed) {
  EXPECT_EQ(rejection(set_of(kGpus + kLayers + key("batch.sequences", "product = [\"widht\"]\n"),
                             "2,24,1024,1\n")),
            "set.toml:17:12: error: no column `widht` in the runs, did you mean `width`?\n"
            "  17 | product = [\"widht\"]\n"
            "     |            ^\n"
            "  accepted: gpus, layers, width, time\n");
}

TEST_F(PublishedSetFile, AColumnThatNothingUsesIsAMistake) {
  const auto file = set_of(kGpus + kLayers, "2,24,1024,1\n");
  EXPECT_NE(rejection(file).find("nothing uses the column `width` of the runs"), std::string::npos);
  const auto said = set_of(kGpus + kLayers, "2,24,1024,1\n", "unused = [\"width\"]\n");
  EXPECT_EQ(set_runs(load_published_set(said)).size(), 1U);
}

TEST_F(PublishedSetFile, CellsAreCountsThatDivideAndTimes) {
  const std::string keys = kGpus + kLayers + kWidth;
  EXPECT_NE(
      rejection(set_of(keys, "5,24,1024,1\n"))
          .find("runs.csv:2:3: error: `stages.layers`: 24 does not divide by the 5 of `gpus`"),
      std::string::npos);
  EXPECT_NE(rejection(set_of(keys, "0,24,1024,1\n")).find("runs.csv:2:1: error: 0 is no count"),
            std::string::npos);
  EXPECT_NE(rejection(set_of(keys, "2,24,1024,-1\n")).find("runs.csv:2:11: error: no time"),
            std::string::npos);
  EXPECT_NE(rejection(set_of(keys, "2,24,x,1\n")).find("runs.csv:2:6: error:"), std::string::npos);
  EXPECT_NE(rejection(set_of(keys, "2,24,100000000,1\n")).find("becomes too large"),
            std::string::npos);
  EXPECT_NE(rejection(set_of(keys, "")).find("the table has no runs"), std::string::npos);
  EXPECT_NE(rejection(set_of(keys, "2,24\n")).find("runs.csv:2"), std::string::npos);
}

TEST_F(PublishedSetFile, AMissingTableIsReportedWhereItIsNamed) {
  const auto file = set_of(kGpus, "2,24,1024,1\n");
  std::filesystem::remove(folder_.path / "runs.csv");
  EXPECT_NE(rejection(file).find("set.toml:2:8: error:"), std::string::npos) << rejection(file);
}

TEST(PublishedSets, TheShippedOneHas338Runs) {
  const auto sets = load_all_published_sets("scenarios/published/sets");
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(set_runs(sets[0]).size(), 338U);
  EXPECT_TRUE(load_all_published_sets("/nonexistent/folder").empty());
}

}  // namespace
}  // namespace windtunnel
