#include "simulator/workload/parallelism/degrees.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "tests/model/models.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

/// The first line of the error, or nothing.
std::string problem(const Degrees& degrees) {
  Scenario scenario = pretraining();
  scenario.parallelism = degrees;
  const Node root = parse_toml(
      "[parallelism]\npipeline = 0\nexpert = 0\ntensor = 0\ncontext = 0\nzero_stage = 0\n"
      "expert_tensor = 0\nsequence_parallel = 0\nshard_group = 0\n",
      "f");
  try {
    check_degrees(root, scenario);
  } catch (const ConfigError& error) {
    const std::string whole = error.what();
    return whole.substr(0, whole.find('\n'));
  }
  return "";
}

Degrees degrees(int pipeline, int expert, int tensor) {
  return {.pipeline = pipeline,
          .expert = expert,
          .expert_tensor = 1,
          .tensor = tensor,
          .sequence_parallel = tensor > 1,
          .context = 1,
          .zero_stage = 1,
          .shard_group = {}};
}

TEST(CheckDegrees, TakesWhatDividesTheCluster) {
  EXPECT_EQ(problem(degrees(16, 64, 1)), "");
  EXPECT_EQ(problem(degrees(1, 256, 1)), "");
}

TEST(CheckDegrees, PointsAtTheDegreeThatDoesNot) {
  EXPECT_EQ(problem(degrees(15, 64, 1)),
            "f:2:12: error: 15 pipeline ranks do not divide 2048 GPUs");
  EXPECT_EQ(problem(degrees(16, 48, 1)),
            "f:3:10: error: 48 expert ranks do not divide 128 data-parallel ranks");
  EXPECT_EQ(problem(degrees(1, 512, 1)),
            "f:3:10: error: 256 experts cannot be divided over 512 GPUs");
  EXPECT_EQ(problem(degrees(16, 64, 3)),
            "f:4:10: error: 3 tensor ranks x 16 others do not divide 2048 GPUs");
}

/// V3's degrees but for what `change` sets.
template <typename Change>
std::string changed(const Change& change) {
  Degrees all = degrees(16, 64, 1);
  change(all);
  return problem(all);
}

TEST(CheckDegrees, TakesGpusThatShareALayer) {
  EXPECT_EQ(problem(degrees(16, 64, 8)), "");
  EXPECT_EQ(changed([](Degrees& d) { d.context = 8; }), "");
  EXPECT_EQ(changed([](Degrees& d) { d.expert_tensor = 2; }), "");
  EXPECT_EQ(changed([](Degrees& d) { d.zero_stage = 3, d.shard_group = 8; }), "");
}

TEST(CheckDegrees, SaysWhatOfTheModelDoesNotDivide) {
  EXPECT_EQ(changed([](Degrees& d) { d.expert_tensor = 3; }),
            "f:3:10: error: 64 x 3 expert ranks do not divide a pipeline rank's 128 GPUs");
  EXPECT_EQ(changed([](Degrees& d) { d.expert = 2, d.expert_tensor = 64; }), "");
  EXPECT_EQ(changed([](Degrees& d) { d.tensor = 2; }),
            "f:8:21: error: tensor ranks would all dispatch the same tokens to their experts");
  EXPECT_EQ(changed([](Degrees& d) { d.shard_group = 8; }),
            "f:9:15: error: parameters are sharded from zero_stage 3 on");
  EXPECT_EQ(changed([](Degrees& d) { d.zero_stage = 3, d.shard_group = 5; }),
            "f:9:15: error: 128 data ranks cannot be divided over 5 GPUs");
  EXPECT_EQ(changed([](Degrees& d) { d.context = 3; }),
            "f:5:11: error: 3 context ranks x 16 others do not divide 2048 GPUs");
}

// Llama 8B has 32 heads and 8 key heads: 16 GPUs share them by holding each key head twice.
TEST(CheckDegrees, CopiesKeyHeadsThatAreFewerThanTheGpus) {
  Scenario scenario = pretraining();
  scenario.model = llama_8b();
  scenario.parallelism = degrees(16, 1, 16);
  const Node root = parse_toml("[parallelism]\ntensor = 0\ncontext = 0\n", "f");
  EXPECT_NO_THROW(check_degrees(root, scenario));
  scenario.parallelism.tensor = 64;
  EXPECT_THROW(check_degrees(root, scenario), ConfigError);
}

}  // namespace
}  // namespace windtunnel
