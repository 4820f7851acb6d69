#include <gtest/gtest.h>

#include "simulator/study/reinforcement.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

class ReinforcementFile : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  std::string rejection(const std::string& text) const {
    const auto shipped = std::filesystem::absolute("scenarios/deepseek-r1/zero.toml");
    const auto file = folder_.write("a.toml", "extends = \"" + shipped.string() + "\"\n" + text);
    return folder_.without_folder(message_of([&] { load_reinforcement(file, {}); }));
  }
};

TEST_F(ReinforcementFile, IsReadWithBothItsScenarios) {
  const Reinforcement plan = load_reinforcement("scenarios/deepseek-r1/zero.toml", {});
  EXPECT_EQ(plan.steps, 10400);
  EXPECT_EQ(plan.lengths.size(), 2U);
  EXPECT_EQ(gpu_count(plan.training.cluster), 512);
  EXPECT_EQ(gpu_count(plan.serving), 512);
  EXPECT_GT(plan.files.size(), 5U);
}

TEST_F(ReinforcementFile, MistakesAreShownWithTheirPlace) {
  EXPECT_EQ(rejection("rollout = 1000\n"),
            "a.toml:2:11: error: 1000 answers fill no whole steps of 512\n"
            "   2 | rollout = 1000\n"
            "     |           ^\n"
            "  accepted: a multiple of 512\n");
  const std::string order =
      rejection("[[lengths]]\nstep = 5\ntokens = 1\n[[lengths]]\nstep = 1\ntokens = 1\n");
  EXPECT_NE(order.find("error: no lengths in the order of their steps"), std::string::npos)
      << order;
  const std::string range = rejection("[assumptions.length_scale]\nlow = 5.0\n");
  EXPECT_NE(range.find("error: the range ends below its start"), std::string::npos) << range;
  const auto pair = std::filesystem::absolute("scenarios/deepseek-v3/overlapped_pair.toml");
  const std::string kind = rejection("training = \"" + pair.string() + "\"\n");
  EXPECT_NE(kind.find("error: samples on 512 GPUs, training has 64"), std::string::npos) << kind;
}

}  // namespace
}  // namespace windtunnel
