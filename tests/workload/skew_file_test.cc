#include "simulator/workload/skew_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

class SkewFile : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  std::filesystem::path skewed(const std::string& text) const {
    const auto base = std::filesystem::absolute("scenarios/deepseek-v3/pretrain.toml").string();
    return folder_.write("a.toml", "extends = \"" + base + "\"\n" + text);
  }

  Scenario load(const std::string& text) const { return load_scenario(skewed(text), {}); }

  /// The first line of what loading says, without the folder's name.
  std::string rejection(const std::string& text) const {
    const auto file = skewed(text);
    const std::string all = folder_.without_folder(message_of([&] { load_scenario(file, {}); }));
    return all.substr(0, all.find('\n'));
  }

  /// A load file of V3's layers 3 to 61 with `experts` each.
  static std::string load_table(int experts) {
    std::string text = "layer,expert,load\n";
    for (int layer = 3; layer <= 61; ++layer) {
      for (int expert = 0; expert < experts; ++expert) {
        text += std::to_string(layer) + "," + std::to_string(expert) + "," +
                std::to_string(expert + 1) + "\n";
      }
    }
    return text;
  }
};

const std::string kZipf =
    "[skew.routing.zipf]\nvalue = 0.3\nlow = 0.1\nhigh = 0.5\nwhy = \"test\"\n";

TEST_F(SkewFile, AllOfItIsRead) {
  const Scenario scenario =
      load(kZipf +
           "[skew.eplb]\nredundant = 64\npolicy = \"global\"\n"
           "[skew.speed.deviation]\nvalue = 0.02\nlow = 0.0\nhigh = 0.03\nwhy = \"test\"\n"
           "[[skew.speed.stragglers]]\nrank = 7\nfactor = 1.05\n"
           "[skew.jitter]\nvalue = 0.01\nlow = 0.0\nhigh = 0.02\nwhy = \"test\"\n");
  EXPECT_EQ(scenario.skew.routing->zipf->high, 0.5);
  EXPECT_EQ(scenario.skew.eplb->redundant, 64);
  EXPECT_EQ(scenario.skew.eplb->policy, BalancerPolicy::kGlobal);
  EXPECT_EQ(scenario.skew.speed->deviation->value, 0.02);
  ASSERT_EQ(scenario.skew.speed->stragglers.size(), 1U);
  EXPECT_EQ(scenario.skew.speed->stragglers[0].factor, 1.05);
  EXPECT_EQ(scenario.skew.jitter->value, 0.01);
}

TEST_F(SkewFile, AMeasuredFileIsReadAndListedAmongTheInputs) {
  folder_.write("loads.csv", load_table(256));
  const Scenario scenario = load("[skew.routing]\nloads = \"loads.csv\"\n");
  const ExpertLoadFile& loads = *scenario.skew.routing->loads;
  EXPECT_EQ(loads.numbers.front(), 3);
  EXPECT_EQ(loads.layers.size(), 59U);
  EXPECT_EQ(loads.layers[58][255], 256);
  EXPECT_EQ(scenario.files.back().filename(), "loads.csv");
}

TEST_F(SkewFile, AFileOfAnotherModelIsRejected) {
  folder_.write("loads.csv", load_table(255));
  EXPECT_EQ(rejection("[skew.routing]\nloads = \"loads.csv\"\n"),
            "a.toml:3:9: error: the file has 255 experts in layer 3, the model 256");
  folder_.write("loads.csv", "layer,expert,load\n0,0,1\n");
  EXPECT_EQ(rejection("[skew.routing]\nloads = \"loads.csv\"\n"),
            "a.toml:3:9: error: the file has 1 layers, or others, than the 59 with experts of "
            "DeepSeek-V3");
  EXPECT_EQ(rejection("[skew.routing]\nloads = \"none.csv\"\n").find("a.toml:3:9: error: "), 0U);
}

std::string table_rejection(const std::string& rows) {
  const std::string all =
      message_of([&] { make_expert_loads(parse_csv("layer,expert,load\n" + rows, "loads.csv")); });
  return all.substr(0, all.find('\n'));
}

TEST_F(SkewFile, EveryExpertStandsInTheTableOnce) {
  EXPECT_EQ(table_rejection("0,0,1\n0,0,2\n"),
            "loads.csv:3:3: error: this expert stands here twice");
  EXPECT_EQ(table_rejection("0,1,1\n"), "loads.csv:2:1: error: layer 0 lacks expert 0");
  EXPECT_EQ(table_rejection("0,0,-1\n"), "loads.csv:2:5: error: a negative load");
  EXPECT_EQ(table_rejection("0,0,0\n"), "loads.csv:2:1: error: layer 0 has no load at all");
  EXPECT_EQ(table_rejection("-1,0,0\n"), "loads.csv:2:1: error: no such number");
  EXPECT_EQ(table_rejection(""), "loads.csv:1:1: error: no loads");
}

TEST_F(SkewFile, PopularityIsDrawnOrRead) {
  EXPECT_EQ(rejection("[skew.routing]\n"), "a.toml:2:1: error: popularity is either drawn or read");
}

TEST_F(SkewFile, WithoutExpertsNoRoutingIsUneven) {
  EXPECT_EQ(rejection(kZipf + "[parallelism]\nexpert = 1\n"),
            "a.toml:2:1: error: no experts are divided among GPUs");
}

TEST_F(SkewFile, PlacesDivideOverTheGpus) {
  EXPECT_EQ(rejection(kZipf + "[skew.eplb]\nredundant = 30\npolicy = \"global\"\n"),
            "a.toml:8:13: error: 256 experts and 30 copies do not divide over 64 expert ranks");
  EXPECT_EQ(rejection("[skew.eplb]\nredundant = 64\npolicy = \"global\"\n"),
            "a.toml:2:1: error: experts are equally popular: nothing is to be balanced");
}

// 63 more of each of 256 experts, and a place more on each of 64 ranks.
TEST_F(SkewFile, AGpuHoldsAnExpertOnce) {
  const auto with = [&](int copies) {
    return kZipf + "[skew.eplb]\nredundant = " + std::to_string(copies) + "\npolicy = \"global\"\n";
  };
  EXPECT_EQ(load(with(63 * 256)).skew.eplb->redundant, 63 * 256);
  EXPECT_EQ(rejection(with(63 * 256 + 64)),
            "a.toml:8:13: error: 64 expert ranks with all 256 experts hold fewer copies");
}

// 128 expert ranks are 16 nodes, which do not divide V3's 8 groups.
TEST_F(SkewFile, NodesDivideTheGroupsOfExperts) {
  EXPECT_EQ(rejection(kZipf + "[skew.eplb]\nredundant = 128\npolicy = \"hierarchical\"\n"
                              "[parallelism]\nexpert = 128\n"),
            "a.toml:9:10: error: 16 nodes of an expert group do not divide 8 groups of experts");
}

TEST_F(SkewFile, StragglersAreGpusOfTheCluster) {
  const auto one = [](const std::string& rank) {
    return "[[skew.speed.stragglers]]\nrank = " + rank + "\nfactor = 1.05\n";
  };
  EXPECT_NE(rejection(one("2048")).find("GPU 2048 is not one of 2048"), std::string::npos);
  // A GPU that is faster than the others is none that they wait for.
  EXPECT_NE(rejection("[[skew.speed.stragglers]]\nrank = 5\nfactor = 0.9\n"), "");
  EXPECT_NE(rejection(one("5") + one("5")).find("GPU 5 stands here twice"), std::string::npos);
}

TEST_F(SkewFile, ARangeHoldsItsValue) {
  EXPECT_EQ(
      load_scenario(skewed(kZipf), {{"skew.routing.zipf.value", "0.9"}}).skew.routing->zipf->high,
      0.9);
  EXPECT_EQ(rejection("[skew.jitter]\nvalue = 0.01\nlow = 0.2\nhigh = 0.1\nwhy = \"test\"\n"),
            "a.toml:4:7: error: the range ends below its start");
}

}  // namespace
}  // namespace windtunnel
