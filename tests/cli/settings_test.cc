#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(Settings, EveryOneIsAnInputOfTheDocument) {
  const Ran ran = run_program({"simulate", kPair, "--set", "name=one", "--set",
                               "assumptions.launch_gap.value=0 us", "--json", "-", "--quiet"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto document = nlohmann::json::parse(ran.out);
  const auto& inputs = document["inputs"];
  ASSERT_GT(inputs.size(), 2U);
  EXPECT_EQ(inputs[inputs.size() - 2]["path"], "--set name=one");
  EXPECT_EQ(inputs.back()["path"], "--set assumptions.launch_gap.value=0 us");
  EXPECT_EQ(inputs.back()["hash"].get<std::string>().size(), 32U);
}

TEST(Settings, WhatIsNoPairIsRefused) {
  const Ran ran = run_program({"simulate", kPair, "--set", "name"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("--set"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
