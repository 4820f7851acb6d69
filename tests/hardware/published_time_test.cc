#include "simulator/hardware/published_time.h"

#include <gtest/gtest.h>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

std::optional<PublishedTime> gemm_time(std::string_view gpu, const std::vector<double>& axes) {
  return published_time(shipped(), *find_table_rule("gemm"), shipped_gpu(gpu), {"fp8_block"}, axes);
}

TEST(PublishedTime, TheLatestFigureOfTheAuthorsComesFirst) {
  // DeepGEMM, 2025-04-09: 1410 TFLOPS on 4096 x 4096 x 7168; InferSim has the same shape.
  const auto time = gemm_time("h800", {4096, 4096, 7168});
  ASSERT_TRUE(time);
  EXPECT_NEAR(time->seconds, 2.0 * 4096 * 4096 * 7168 / 1410e12, 1e-9);
  EXPECT_NE(time->origin.find("DeepGEMM"), std::string::npos);
  EXPECT_NE(time->origin.find("2025-04-09"), std::string::npos);
}

TEST(PublishedTime, WhatOnlyOthersRanComesFromThem) {
  const auto time = gemm_time("h800", {16, 1536, 7168});
  ASSERT_TRUE(time);
  EXPECT_NEAR(time->seconds, 16.443e-6, 1e-12);
  EXPECT_NE(time->origin.find("InferSim"), std::string::npos);
}

TEST(PublishedTime, OtherShapesTypesAndGpusHaveNone) {
  EXPECT_FALSE(gemm_time("h800", {4097, 4096, 7168}));
  EXPECT_FALSE(gemm_time("h100", {4096, 4096, 7168}));
  EXPECT_FALSE(published_time(shipped(), *find_table_rule("gemm"), shipped_gpu("h800"),
                              {"bfloat16"}, {4096, 4096, 7168}));
  EXPECT_FALSE(published_time(shipped(), *find_table_rule("mlp"), shipped_gpu("h800"), {}, {}));
}

TEST(PublishedTime, FlashMlaWithABf16CacheIsPublishedForH800) {
  const auto time = published_time(shipped(), *find_table_rule("mla_decode_flashmla"),
                                   shipped_gpu("h800"), {"bfloat16", "bfloat16"}, {128, 128, 4096});
  ASSERT_TRUE(time);
  EXPECT_NEAR(time->seconds, 292e-6, 1e-6);
}

}  // namespace
}  // namespace windtunnel
