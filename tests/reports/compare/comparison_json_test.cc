#include "reports/compare/comparison_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/compare/sample_comparison.h"

namespace windtunnel {
namespace {

TEST(ComparisonJson, HasTheFieldsOfTheInterface) {
  const auto json =
      nlohmann::json::parse(render_comparison_json(sample_comparison(), {"0.1", "abc"}));
  EXPECT_EQ(json["schema"], "windtunnel/comparison");
  EXPECT_EQ(json["version"], 1);
  EXPECT_EQ(json["inputs"][1]["path"], "new.json");
  const auto& row = json["rows"][1];
  EXPECT_EQ(row["benchmark"], "gemm/bf16");
  EXPECT_EQ(row["base_s"], 1e-4);
  EXPECT_EQ(row["ratio"], 1.05);
  EXPECT_EQ(row["low"], 1.04);
  EXPECT_EQ(row["high"], 1.06);
  EXPECT_EQ(row["p"], 4e-5);
  EXPECT_EQ(row["verdict"], "REGRESSED");
  EXPECT_EQ(row["cycles"]["ratio"], 1.048);
  EXPECT_EQ(row["confirming_ratio"], 1.06);
  EXPECT_TRUE(json["rows"][4]["ratio"].is_null());
  EXPECT_EQ(json["counts"]["undecided"], 2);
}

}  // namespace
}  // namespace windtunnel
