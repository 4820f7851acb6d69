#include "simulator/workload/scenario_text.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "simulator/base/toml_file.h"

namespace windtunnel {
namespace {

ScenarioText shipped_text() {
  return decode(scenario_fields(), load_toml("scenarios/deepseek-v3/pretrain.toml"));
}

TEST(ScenarioText, NamesOtherFilesAsTheyAreWritten) {
  const ScenarioText text = shipped_text();
  EXPECT_EQ(text.model.value, "../models/deepseek-v3.toml");
  EXPECT_EQ(text.cluster.value, "../../topologies/h800-2048.toml");
  EXPECT_EQ(beside(text.model).lexically_normal(), "scenarios/models/deepseek-v3.toml");
}

// The words for SMs are numbers of no GPU yet.
TEST(ScenarioText, LeavesWhatDependsOnTheClusterOpen) {
  EXPECT_LT(shipped_text().assumptions.sms_alone.value, 1);
}

TEST(ScenarioText, EveryKeyIsExplained) {
  for (const FieldRow& row : describe(scenario_fields())) {
    const bool table = row.type.find("table") != std::string::npos;
    EXPECT_TRUE(table || !row.doc.empty()) << row.key;
  }
}

}  // namespace
}  // namespace windtunnel
