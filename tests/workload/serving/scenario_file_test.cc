#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "simulator/workload/scenario_kind.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/serving/deployments.h"

namespace windtunnel {
namespace {

TEST(ServingFile, TheReportsUnitsAreReadWhole) {
  const ServingScenario scenario = v3_units();
  EXPECT_EQ(scenario.model.name, "DeepSeek-V3");
  EXPECT_EQ(scenario.framework, Framework::kVllm);
  EXPECT_EQ(scenario.weights, WeightFormat::kFp8);
  EXPECT_EQ(scenario.cache, CacheFormat::kFp8);
  EXPECT_EQ(groups_of(scenario.unit), 80);
  ASSERT_TRUE(scenario.prefill_unit);
  EXPECT_EQ(groups_of(*scenario.prefill_unit), 8);
  EXPECT_EQ(&prompt_unit(scenario), &*scenario.prefill_unit);
  EXPECT_EQ(gpu_count(scenario), 320 + 10 * 32);
  EXPECT_EQ(queries_of(scenario), 2);
  EXPECT_EQ(scenario.assumptions.mtp_acceptance.value, 0.85);
  EXPECT_FALSE(scenario.changed);
}

TEST(ServingFile, EveryShippedDeploymentIsRead) {
  int read = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("scenarios")) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("serve", 0) != 0) continue;
    EXPECT_EQ(scenario_family(entry.path(), {}), ScenarioFamily::kServing) << name;
    EXPECT_FALSE(load_serving(entry.path(), {}).name.empty());
    ++read;
  }
  EXPECT_GE(read, 19);
}

TEST(ServingFile, ListsEveryFileItWasReadFrom) {
  std::vector<std::string> names;
  for (const auto& file : v3_units().files) names.push_back(file.filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"deepseek-v3.toml", "h800-2048.toml",
                                             "serve-h200.toml", "serve-units.toml"}));
}

TEST(ServingFile, SetChangesAKeyAndSaysSo) {
  const ServingScenario scenario = v3_on_h200({{"batching.requests", "16"}});
  EXPECT_EQ(scenario.batching.requests, 16);
  EXPECT_TRUE(scenario.changed);
}

TEST(ServingFile, AMisspeltKeyIsShownWithItsPlace) {
  const TemporaryFolder folder;
  const std::string base = std::filesystem::absolute("scenarios/deepseek-v3/serve-h200.toml");
  const auto file = folder.write("a.toml", "extends = \"" + base + "\"\n[batching]\nrequest = 8\n");
  EXPECT_EQ(folder.without_folder(message_of([&] { load_serving(file, {}); })),
            "a.toml:3:1: error: unknown key `request` in batching, did you mean `requests`?\n"
            "   3 | request = 8\n"
            "     | ^\n"
            "  accepted: requests, chunk\n");
}

// 1 + a + a^2: a draft counts only when all before it did.
TEST(TokensPerIteration, IsTheExpectedRunOfAcceptedDrafts) {
  EXPECT_EQ(tokens_per_iteration(0, 0.9), 1);
  EXPECT_DOUBLE_EQ(tokens_per_iteration(1, 0.85), 1.85);
  EXPECT_DOUBLE_EQ(tokens_per_iteration(2, 0.5), 1.75);
  EXPECT_EQ(tokens_per_iteration(3, 1), 4);
}

}  // namespace
}  // namespace windtunnel
