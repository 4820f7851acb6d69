#include "reports/render/profile_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/render/sample_profile.h"

namespace windtunnel {
namespace {

TEST(ProfileJson, HoldsThePromisedKeys) {
  const auto json = nlohmann::json::parse(
      render_profile_json(sample_profile(), {{"a.json", "00"}}, {"1.0", "abc"}));
  EXPECT_EQ(json.at("schema"), "windtunnel/trace_import");
  EXPECT_EQ(json.at("span_s"), 10e-3);
  EXPECT_EQ(json.at("compute_s"), 7e-3);
  EXPECT_EQ(json.at("communication_s"), 6e-3);
  EXPECT_EQ(json.at("communication_hidden_fraction"), 0.5);
  EXPECT_EQ(json.at("rank"), 3);
  EXPECT_EQ(json.at("streams").at(0).at("busy_s"), 7e-3);
  EXPECT_EQ(json.at("phases").at(0).at("kernel_time_s"), 1.5e-3);
  EXPECT_EQ(json.at("kernels").at(0).at("median_s"), 0.5e-3);
  EXPECT_EQ(json.at("kernels").at(0).at("grid"), "128x1x1");
  EXPECT_EQ(json.at("left_out").at("kernels_without_time").at("first_byte"), 777);
}

TEST(ProfileJson, WithoutCommunicationNothingIsHidden) {
  ProfileSummary summary = sample_profile();
  summary.hidden_fraction = std::nullopt;
  summary.rank = std::nullopt;
  const auto json = nlohmann::json::parse(render_profile_json(summary, {}, {"1.0", "abc"}));
  EXPECT_TRUE(json.at("communication_hidden_fraction").is_null());
  EXPECT_TRUE(json.at("rank").is_null());
}

}  // namespace
}  // namespace windtunnel
