#include "reports/render/plan_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/sample_plan.h"

namespace windtunnel {
namespace {

TEST(PlanJson, NamesEndInTheirUnit) {
  const auto document = nlohmann::json::parse(render_plan_json(sample_plan(), {"1", "c"}));
  EXPECT_EQ(document["schema"], "windtunnel/plan");
  EXPECT_EQ(document["version"], 1);
  EXPECT_EQ(document["limits"]["memory_bytes"], 80e9);
  EXPECT_TRUE(document["limits"]["gpu_hours"].is_null());
  EXPECT_EQ(document["front"][0]["takes"]["gpu_hours"], 2.5e6);
  EXPECT_EQ(document["front"][0]["takes"]["gpu_hours_low"], 2.25e6);
  EXPECT_FALSE(document["front"][0]["takes"].contains("memory_bytes_low"));
  EXPECT_EQ(document["rejected"][0]["plans"], 14400);
  EXPECT_EQ(document["marks"][0]["better_plans"], 2);
  EXPECT_EQ(document["satisfiable"], true);
}

TEST(PlanJson, WhatCannotBeKeptToIsSaid) {
  const auto document = nlohmann::json::parse(render_plan_json(impossible_plan(), {"1", "c"}));
  EXPECT_EQ(document["satisfiable"], false);
  EXPECT_EQ(document["nearest"][0]["limit"], "memory");
  EXPECT_EQ(document["nearest"][1]["limit"], "several");
}

}  // namespace
}  // namespace windtunnel
