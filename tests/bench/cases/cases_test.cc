#include "bench/cases/cases.h"

#include <gtest/gtest.h>

#include <set>

#include "bench/device.h"

namespace windtunnel::bench {
namespace {

TEST(Cases, NamesDifferAndWorkIsKnown) {
  std::set<std::string> names;
  std::vector<Case> all = cases();
  const std::vector<Case> others = yardsticks();
  all.insert(all.end(), others.begin(), others.end());
  for (const Case& item : all) {
    EXPECT_TRUE(names.insert(case_name(item)).second) << case_name(item);
    EXPECT_GT(work(item.shape).bytes.value, 0) << case_name(item);
    EXPECT_EQ(item.shape.operation, item.tiny.operation);
    EXPECT_EQ(item.shape.dtype, item.tiny.dtype);
    EXPECT_LT(item.tiny.m * item.tiny.n, 20000) << "tiny must be quick on the model";
  }
}

TEST(Cases, EveryKernelOfOursIsRightOnTheModel) {
  for (const Case& item : cases()) {
    const ModelResult result = run_on_model(item);
    EXPECT_EQ(result.launched.failure, "") << case_name(item);
    EXPECT_EQ(result.wrong, "") << case_name(item);
    EXPECT_GT(result.launched.switches, 0U) << case_name(item);
  }
}

TEST(Cases, WhatNobodyWroteIsWrong) {
  for (const Case& item : cases()) {
    if (item.data == Data::kZeros) continue;  // the model's fresh memory
    EXPECT_NE(check_nothing_on_model(item), "") << case_name(item);
  }
}

TEST(Cases, WhatNoKernelDoesIsSaid) {
  EXPECT_EQ(run_on_model(yardsticks().front()).wrong, "no kernel of this operation");
}

}  // namespace
}  // namespace windtunnel::bench
