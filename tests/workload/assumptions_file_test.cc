#include "simulator/workload/assumptions_file.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

/// A scenario on another GPU: V3's on 8 nodes of A800, in BF16.
class OnAnotherGpu : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  std::vector<Override> overrides(const std::string& gpu) const {
    const std::string root = std::filesystem::current_path().string();
    const auto cluster = folder_.write(
        "cluster.toml", "extends = \"" + root + "/topologies/h800-2048.toml\"\ngpu = \"" + root +
                            "/topologies/gpus/" + gpu + ".toml\"\n");
    return {{"cluster", cluster.string()}};
  }
};

TEST_F(OnAnotherGpu, SmsFollowTheGpu) {
  auto changed = overrides("a800");
  changed.emplace_back("precision", "bf16");
  const Assumption<int> alone = pretraining(changed).assumptions.sms_alone;
  EXPECT_EQ(alone.value, 108);
  EXPECT_EQ(alone.low, 88);
  EXPECT_EQ(alone.high, 108);
  const Assumption<int> shipped = pretraining().assumptions.sms_alone;
  EXPECT_EQ(shipped.value, 132);
  EXPECT_EQ(shipped.low, 112);
}

TEST_F(OnAnotherGpu, MoreCommunicationLeavesFewerSms) {
  EXPECT_EQ(pretraining({{"communication.sms", "24"}}).assumptions.sms_alone.low, 108);
}

TEST_F(OnAnotherGpu, ANumberStretchesTheRange) {
  const Assumption<int> alone =
      pretraining({{"assumptions.sms_alone.value", "100"}}).assumptions.sms_alone;
  EXPECT_EQ(alone.value, 100);
  EXPECT_EQ(alone.low, 100);
  EXPECT_EQ(alone.high, 132);
}

TEST_F(OnAnotherGpu, Fp8NeedsTensorCoresThatHaveIt) {
  const std::string error = message_of([&] { pretraining(overrides("a100")); });
  EXPECT_NE(error.find("pretrain.toml:9:13: error: NVIDIA A100 SXM4 80 GB has no FP8 tensor cores"),
            std::string::npos)
      << error;
  EXPECT_NE(error.find("accepted: \"bf16\", or a cluster of GPUs with an fp8_peak"),
            std::string::npos)
      << error;
}

}  // namespace
}  // namespace windtunnel
