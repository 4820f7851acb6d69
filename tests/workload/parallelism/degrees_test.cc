#include "simulator/workload/parallelism/degrees.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/base/toml_file.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

/// The first line of the error, or nothing.
std::string problem(const Degrees& degrees) {
  Scenario scenario = pretraining();
  scenario.parallelism = degrees;
  const Node root = parse_toml(
      "[parallelism]\npipeline = 0\nexpert = 0\ntensor = 0\ncontext = 0\nzero_stage = 0\n", "f");
  try {
    check_degrees(root, scenario);
  } catch (const ConfigError& error) {
    const std::string whole = error.what();
    return whole.substr(0, whole.find('\n'));
  }
  return "";
}

TEST(CheckDegrees, TakesWhatDividesTheCluster) {
  EXPECT_EQ(problem({.pipeline = 16, .expert = 64, .tensor = 1, .context = 1, .zero_stage = 1}),
            "");
  EXPECT_EQ(problem({.pipeline = 1, .expert = 256, .tensor = 1, .context = 1, .zero_stage = 1}),
            "");
}

TEST(CheckDegrees, PointsAtTheDegreeThatDoesNot) {
  EXPECT_EQ(problem({.pipeline = 15, .expert = 64, .tensor = 1, .context = 1, .zero_stage = 1}),
            "f:2:12: error: 15 pipeline ranks do not divide 2048 GPUs");
  EXPECT_EQ(problem({.pipeline = 16, .expert = 48, .tensor = 1, .context = 1, .zero_stage = 1}),
            "f:3:10: error: 48 expert ranks do not divide 128 data-parallel ranks");
  EXPECT_EQ(problem({.pipeline = 1, .expert = 512, .tensor = 1, .context = 1, .zero_stage = 1}),
            "f:3:10: error: 256 experts cannot be divided over 512 GPUs");
  EXPECT_EQ(problem({.pipeline = 16, .expert = 64, .tensor = 2, .context = 1, .zero_stage = 1}),
            "f:4:10: error: parallelism.tensor = 2 is not modelled");
}

}  // namespace
}  // namespace windtunnel
