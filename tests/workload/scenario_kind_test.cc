#include "simulator/workload/scenario_kind.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(ScenarioKind, OfShippedScenarios) {
  EXPECT_EQ(scenario_family("scenarios/deepseek-v3/pretrain.toml", {}), ScenarioFamily::kTraining);
  EXPECT_EQ(scenario_family("scenarios/deepseek-r1/sft.toml", {}), ScenarioFamily::kTraining);
  EXPECT_EQ(scenario_family("scenarios/deepseek-v3/serve-h200.toml", {}), ScenarioFamily::kServing);
  EXPECT_EQ(scenario_family("scenarios/deepseek-r1/zero.toml", {}), ScenarioFamily::kReinforcement);
  EXPECT_EQ(scenario_family("scenarios/deepseek-v3/training.toml", {}), ScenarioFamily::kCampaign);
  EXPECT_EQ(scenario_family("scenarios/deepseek-v3/pretrain.toml", {{"kind", "serving"}}),
            ScenarioFamily::kServing);
}

TEST(ScenarioKind, AnotherIsAnsweredWithAllThatAreKnown) {
  const TemporaryFolder folder;
  const auto said = [&](const std::string& text) {
    const auto file = folder.write("a.toml", text);
    return folder.without_folder(message_of([&] { scenario_family(file, {}); }));
  };
  EXPECT_EQ(
      said("name = \"x\"\nkind = \"campain\"\n"),
      "a.toml:2:8: error: unknown name `campain`, did you mean `campaign`?\n"
      "   2 | kind = \"campain\"\n"
      "     |        ^\n"
      "  accepted: one of \"pretraining\", \"fine_tuning\", \"overlapped_pair\", \"serving\", "
      "\"reinforcement\", \"campaign\"\n");
  EXPECT_NE(said("kind = 3\n").find("a.toml:1:8: error: "), std::string::npos);
  EXPECT_NE(said("name = \"x\"\n").find("lacks the key `kind`"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
