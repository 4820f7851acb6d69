#include "reports/render/degrees.h"

#include <gtest/gtest.h>

#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(Degrees, DegreesOfOneAreLeftOut) {
  EXPECT_EQ(degrees(sample_projection({4, 10}).scenario),
            "pipeline 4, expert 64, data 128, ZeRO-1, dualpipe, 10 micro-batches");
  EXPECT_EQ(degrees(empty_projection().scenario), "1f1b, 0 micro-batches");
  ScenarioSummary several = empty_projection().scenario;
  several.virtual_stages = 2;
  EXPECT_EQ(degrees(several), "1f1b, v 2, 0 micro-batches");
}

}  // namespace
}  // namespace windtunnel
