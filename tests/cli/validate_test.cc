#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

std::size_t published_figures() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("scenarios/published")) {
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) count += line == "[[figures]]" ? 1 : 0;
  }
  return count;
}

TEST(ValidateCommand, PassesWhatIsWithinItsTolerance) {
  const Ran ran = run_program({"validate", "--json", "-", "--progress", "never"});
  EXPECT_EQ(ran.code, 0) << ran.out;
  EXPECT_EQ(ran.err, "");
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json.at("schema"), "windtunnel/validation");
  ASSERT_EQ(json.at("rows").size(), published_figures() + 338U);
  for (const auto& row : json.at("rows")) {
    EXPECT_TRUE(row.at("comparable").get<bool>() || !row.at("reason").get<std::string>().empty())
        << row;
  }
  ASSERT_EQ(json.at("sets").size(), 1U);
  for (const char* key : {"runs", "median_absolute_error", "p90_absolute_error", "worst"}) {
    EXPECT_TRUE(json.at("sets")[0].contains(key)) << key;
  }
  for (const char* key : {"model", "quantity", "published", "projected", "low", "high", "error",
                          "tolerance", "provenance", "source", "comparable"}) {
    EXPECT_TRUE(json.at("rows")[0].contains(key)) << key;
  }
}

TEST(ValidateCommand, PrintsTheRowsThatAreAskedFor) {
  const Ran ran = run_program({"validate", "--filter", "USD"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("usd"), std::string::npos);
  EXPECT_EQ(ran.out.find("parameters"), std::string::npos);
}

TEST(ValidateCommand, FailsWithOneWhereAFigureIsMissed) {
  const TemporaryFolder root;
  for (const char* name : {"bench", "topologies"}) {
    std::filesystem::create_directory_symlink(std::filesystem::absolute(name), root.path / name);
  }
  root.write("scenarios/published/p.toml",
             "scenario = \"" + std::filesystem::absolute(kPair).string() +
                 "\"\nmodel = \"M\"\n[[figures]]\nquantity = \"parameters\"\nunit = \"1\"\n"
                 "value = 1.0\ntolerance = 0.1\nsource = \"here\"\n");
  const Ran ran = run_program({"validate"}, {"WINDTUNNEL_ROOT=" + root.path.string()});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.out.find("1 outside tolerance"), std::string::npos) << ran.out;
}

TEST(ValidateCommand, AFilterThatMatchesNothingIsAMistake) {
  const Ran ran = run_program({"validate", "--filter", "zzz", "--progress", "never"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "windtunnel: no published figure whose model or quantity contains `zzz`\n");
}

TEST(ValidateCommand, PrintsALineASetAndItsRunsWhereTheyAreAskedFor) {
  const Ran line = run_program({"validate", "--filter", "vtrain", "--progress", "never"});
  EXPECT_EQ(line.code, 0);
  EXPECT_NE(line.out.find("(vTrain): 338 runs, median |error| "), std::string::npos) << line.out;
  EXPECT_EQ(line.out.find("line 4:"), std::string::npos);
  const Ran runs = run_program({"validate", "--filter", "vtrain", "--runs", "--progress", "never"});
  EXPECT_NE(runs.out.find("step_s of line 4:"), std::string::npos) << runs.out.substr(0, 1000);
}

TEST(ValidateCommand, ASetOutsideItsToleranceFails) {
  const TemporaryFolder root;
  for (const char* name : {"bench", "topologies"}) {
    std::filesystem::create_directory_symlink(std::filesystem::absolute(name), root.path / name);
  }
  root.write("scenarios/published/sets/r.csv", "micro,seconds\n2,1000\n");
  root.write("scenarios/published/sets/s.toml",
             "scenario = \"" + std::filesystem::absolute("scenarios/gpt/a100-node.toml").string() +
                 "\"\nruns = \"r.csv\"\nmodel = \"M\"\nsource = \"here\"\n"
                 "column = \"seconds\"\nunit = \"1 s\"\ntolerance = 0.1\n[[keys]]\n"
                 "key = \"batch.micro_batch\"\nproduct = [\"micro\"]\n");
  const Ran ran = run_program({"validate"}, {"WINDTUNNEL_ROOT=" + root.path.string()});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.out.find("outside 10 %"), std::string::npos) << ran.out;
  root.write("scenarios/published/sets/r.csv", "micro,seconds\n0,1000\n");
  const Ran bad =
      run_program({"validate", "--progress", "never"}, {"WINDTUNNEL_ROOT=" + root.path.string()});
  EXPECT_EQ(bad.code, 2);
  EXPECT_NE(bad.err.find("r.csv:2:1: error: 0 is no count"), std::string::npos) << bad.err;
}

}  // namespace
}  // namespace windtunnel
