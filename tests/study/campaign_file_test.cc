#include <gtest/gtest.h>

#include "simulator/base/toml_file.h"
#include "simulator/study/campaign.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

class CampaignFile : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  static std::string shipped(const std::string& name) {
    return std::filesystem::absolute("scenarios/" + name).string();
  }

  std::filesystem::path written(const std::string& stages) const {
    return folder_.write("c.toml", "name = \"c\"\nkind = \"campaign\"\n" + stages);
  }

  static std::string stage(const std::string& scenario) {
    return "[[stages]]\nname = \"s\"\nscenario = \"" + scenario + "\"\n";
  }

  std::string rejection(const std::string& stages) const {
    const auto file = written(stages);
    return folder_.without_folder(message_of([&] { load_campaign(file, {}); }));
  }
};

TEST_F(CampaignFile, ReadsItsStagesInOrder) {
  const Campaign campaign = load_campaign("scenarios/deepseek-v3/training.toml", {});
  ASSERT_EQ(campaign.stages.size(), 4U);
  EXPECT_EQ(campaign.stages[0].name, "pre-training");
  EXPECT_EQ(std::get<Scenario>(campaign.stages[2].plan).batch.sequence_length, 131072);
  EXPECT_EQ(std::get<Scenario>(campaign.stages[3].plan).kind, ScenarioKind::kFineTuning);
  EXPECT_FALSE(campaign.changed);
  EXPECT_EQ(campaign.files.size(), 1U);
}

TEST_F(CampaignFile, NeedsAStageThatTrains) {
  EXPECT_EQ(rejection(""),
            "c.toml:1:1: error: campaign lacks the key `stages`\n"
            "   1 | name = \"c\"\n"
            "     | ^\n"
            "  accepted: stages = a list, each item a table with name, scenario (in the order in "
            "which they run)\n");
  const std::string pair = rejection(stage(shipped("deepseek-v3/overlapped_pair.toml")));
  EXPECT_NE(pair.find("c.toml:5:12: error: an overlapped pair is no stage of a run"),
            std::string::npos)
      << pair;
}

TEST_F(CampaignFile, ShowsAMistakeOfAStageAndWhoNamedIt) {
  const std::string missing = rejection(stage("nowhere.toml"));
  EXPECT_NE(missing.find("can't read `nowhere.toml`"), std::string::npos) << missing;
  EXPECT_NE(missing.find("c.toml:5:12: note: for this stage"), std::string::npos) << missing;
  folder_.write("bad.toml", "extends = \"" + shipped("deepseek-v3/pretrain.toml") +
                                "\"\n[parallelism]\npipeline = 7\n");
  const std::string bad = rejection(stage("bad.toml"));
  EXPECT_NE(bad.find("bad.toml:3:12: error: 7 pipeline ranks"), std::string::npos) << bad;
  EXPECT_NE(bad.find("c.toml:5:12: note: for this stage"), std::string::npos) << bad;
}

TEST_F(CampaignFile, SetReachesItsStages) {
  const auto file = written(stage(shipped("deepseek-v3/pretrain.toml")));
  const Campaign campaign = load_campaign(file, {{"stages.0.name", "first"}});
  EXPECT_EQ(campaign.stages[0].name, "first");
  EXPECT_TRUE(campaign.changed);
}

}  // namespace
}  // namespace windtunnel
