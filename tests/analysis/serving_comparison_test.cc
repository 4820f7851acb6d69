#include "simulator/analysis/serving_comparison.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

double quantity_of(const char* name, const ServingProjection& projection = small_deployment()) {
  return serving_quantity(name, projection)->value;
}

TEST(ServingQuantity, IsReadFromTheProjection) {
  EXPECT_EQ(quantity_of("memory_total"), 70e9);
  EXPECT_EQ(quantity_of("memory_fits"), 1);
  EXPECT_EQ(quantity_of("memory_gpus"), 8);
  EXPECT_EQ(quantity_of("memory_checkpoint"), 688e9);
  EXPECT_EQ(quantity_of("kv_bytes_per_token"), 70272);
  EXPECT_EQ(quantity_of("tpot_s"), 0.02);
  EXPECT_EQ(serving_quantity("tpot_s", small_deployment())->high, 0.03);
  EXPECT_EQ(quantity_of("mtp_speedup"), 1);
  EXPECT_FALSE(serving_quantity("gpu_hours", small_deployment()));
}

TEST(ServingQuantity, OneUnitThatDoesNotFitIsEnough) {
  ServingProjection projection = small_deployment();
  projection.memory.push_back(projection.memory.front());
  projection.memory.back().fits = false;
  projection.memory.back().total = {90e9};
  EXPECT_EQ(quantity_of("memory_fits", projection), 0);
  EXPECT_EQ(quantity_of("memory_total", projection), 90e9);
}

PublishedFile one_figure(const std::string& quantity) {
  return {.scenario = {"s", {}},
          .model = "M",
          .figures = {{.quantity = {quantity, {nullptr, 1, 1}},
                       .unit = "x",
                       .value = 10,
                       .tolerance = 0.1,
                       .reason = {},
                       .source = "here"}}};
}

TEST(ServingComparison, SetsAFigureBesideItsProjection) {
  const auto rows = compare_serving(one_figure("memory_gpus"), small_deployment(), false);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_DOUBLE_EQ(rows[0].error.value(), -0.2);
  EXPECT_TRUE(fails(rows[0]));
  EXPECT_EQ(rows[0].provenance, "computed from the architecture and the assumptions");
  EXPECT_FALSE(compare_serving(one_figure("tpot_s"), small_deployment(), true)[0].comparable);
}

TEST(ServingComparison, WhatIsNotThereIsAnError) {
  ServingProjection projection = small_deployment();
  projection.rates.reset();
  const std::string message =
      message_of([&] { compare_serving(one_figure("tpot"), projection, false); });
  EXPECT_NE(message.find("unknown quantity `tpot`"), std::string::npos) << message;
  EXPECT_NE(message.find("memory_total, memory_fits"), std::string::npos) << message;
  EXPECT_EQ(message.find("ttft_s"), std::string::npos) << message;
}

}  // namespace
}  // namespace windtunnel
