#include "simulator/study/set_validation.h"

#include <gtest/gtest.h>

#include "simulator/study/step.h"
#include "simulator/workload/stages.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

constexpr const char* kTemplate = "scenarios/gpt/a100-node.toml";

/// The shipped GPT with the micro-batches of each row.
class ValidatedRuns : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  PublishedSet set_of(const std::string& rows) const {
    folder_.write("runs.csv", "micro,seconds\n" + rows);
    return load_published_set(folder_.write(
        "set.toml", "scenario = \"" + std::filesystem::absolute(kTemplate).string() +
                        "\"\nruns = \"runs.csv\"\nmodel = \"GPT\"\nsource = \"here\"\n"
                        "column = \"seconds\"\nunit = \"1 s\"\ntarget = 0.5\n[[keys]]\n"
                        "key = \"batch.micro_batch\"\nproduct = [\"micro\"]\n"));
  }
};

TEST_F(ValidatedRuns, EachRowIsItsScenariosFoldedStep) {
  const Scenario once = load_scenario(kTemplate, {{"batch.micro_batch", "4"}});
  const double expected = folded_step_time(once, shipped_prices(), main_schedule(once), 4).value;
  const ValidatedSet set = validate_set(set_of("2,1.0\n4,2.0\n"), shipped_prices(), 2);
  ASSERT_EQ(set.runs.size(), 2U);
  EXPECT_EQ(set.runs[1].projected, expected);
  EXPECT_EQ(set.runs[1].published, 2.0);
  EXPECT_DOUBLE_EQ(set.runs[1].error.value(), expected / 2.0 - 1);
  EXPECT_EQ(set.runs[1].set, "GPT");
  EXPECT_EQ(set.summary.runs, 2);
  EXPECT_EQ(set.summary.statement.target, 0.5);
  EXPECT_GE(set.files.size(), 5U);  // set, table, scenario, model, cluster
}

TEST_F(ValidatedRuns, AreTheSameOnAnyNumberOfThreads) {
  const PublishedSet set = set_of("1,1\n2,1\n4,1\n8,1\n");
  const ValidatedSet one = validate_set(set, shipped_prices(), 1);
  const ValidatedSet four = validate_set(set, shipped_prices(), 4);
  ASSERT_EQ(one.runs.size(), 4U);
  ASSERT_EQ(four.runs.size(), 4U);
  for (std::size_t i = 0; i < one.runs.size(); ++i) {
    EXPECT_EQ(one.runs[i].projected, four.runs[i].projected);
  }
}

TEST_F(ValidatedRuns, ARowThatMakesNoScenarioIsNamed) {
  const PublishedSet set = set_of("2,1\n3,1\n");
  const std::string message =
      folder_.without_folder(message_of([&] { validate_set(set, shipped_prices(), 1); }));
  EXPECT_NE(message.find("do not divide over 2 data ranks x 3 a micro-batch"), std::string::npos)
      << message;
  EXPECT_NE(message.find("runs.csv:3:1: note: in this run of a set"), std::string::npos) << message;
}

}  // namespace
}  // namespace windtunnel
