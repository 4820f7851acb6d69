#include "simulator/hardware/shape_price.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

Price gemm(std::string_view gpu, const std::string& dtype, const std::vector<double>& axes) {
  return known_shape_prices(shipped(), "gemm", shipped_gpu(gpu), {dtype}, axes).front();
}

TEST(ShapePrice, AMeasuredShapeIsMeasured) {
  const Price price = gemm("h100", "bfloat16", {1, 256, 256});
  EXPECT_DOUBLE_EQ(price.time.value, 3.003e-6);
  EXPECT_EQ(price.provenance.basis, Basis::kMeasured);
  EXPECT_EQ(price.provenance.source, "TensorRT-LLM 1.3.0rc20, ai-dynamo/aiconfigurator@095f58a");
}

TEST(ShapePrice, ASiblingsTimeCarriesOverAndIsScaled) {
  const Price h100 = gemm("h100", "bfloat16", {512, 4096, 7168});
  const Price h800 = gemm("h800", "bfloat16", {512, 4096, 7168});
  EXPECT_EQ(h100.time, h800.time);
  EXPECT_EQ(h800.provenance.basis, Basis::kScaled);
  EXPECT_NE(h800.provenance.source.find("measured on h100"), std::string::npos);
  EXPECT_EQ(gemm("a100", "bfloat16", {512, 4096, 7168}).time,
            gemm("a800", "bfloat16", {512, 4096, 7168}).time);
}

// The A100 behind PCIe has the SXM4's chip and 1.555 of its 2.039 TB/s: as fast, or that much
// slower.
TEST(ShapePrice, ASlowerMemoryOfASiblingEndsTheInterval) {
  const Price own = gemm("a100", "bfloat16", {4096, 4096, 4096});
  const Price behind = gemm("a100-pcie", "bfloat16", {4096, 4096, 4096});
  EXPECT_EQ(behind.time.value, own.time.value);
  EXPECT_DOUBLE_EQ(behind.high.value, own.high.value * 2.039 / 1.555);
  EXPECT_EQ(behind.provenance.basis, Basis::kScaled);
  EXPECT_EQ(gemm("a800", "bfloat16", {4096, 4096, 4096}).high.value, own.high.value);
}

TEST(ShapePrice, BetweenMeasuredShapesTheIntervalIsWider) {
  const Price exact = gemm("h100", "bfloat16", {1, 256, 256});
  const Price between = gemm("h100", "bfloat16", {1, 300, 300});
  EXPECT_EQ(between.provenance.basis, Basis::kMeasured);
  EXPECT_NE(between.provenance.source.find("between measured shapes"), std::string::npos);
  EXPECT_FALSE(between.provenance.outside_range);
  EXPECT_GT(between.high / between.low, exact.high / exact.low);
}

TEST(ShapePrice, OutsideTheRangeIsSaid) {
  const Price price = gemm("h100", "bfloat16", {4096, 129280, 7168});
  EXPECT_TRUE(price.provenance.outside_range);
  EXPECT_NE(price.provenance.source.find("outside the measured range"), std::string::npos);
  // The rate of the largest measured n, 65536, within a tenth.
  const Price edge = gemm("h100", "bfloat16", {4096, 65536, 7168});
  EXPECT_NEAR(price.time / edge.time, 129280.0 / 65536, 0.2);
  EXPECT_GT(price.high / price.low, 1.1);
}

TEST(ShapePrice, APublishedShapeOfH800ComesFromItsAuthors) {
  const Price price = gemm("h800", "fp8_block", {4096, 4096, 7168});
  EXPECT_EQ(price.provenance.basis, Basis::kMeasured);
  EXPECT_NE(price.provenance.source.find("DeepGEMM"), std::string::npos);
  EXPECT_LT(price.low, price.time);
  EXPECT_GT(price.high, price.time);
}

TEST(ShapePrice, AnotherTableContinuesWhatTheAskedOneLacks) {
  // H100's FlashMLA rows have an FP8 cache, InferSim's of H800 one in BF16: 292.023 us.
  const std::vector<double> axes = {128, 128, 4096};
  const auto price = [&](std::string_view gpu) {
    return known_shape_prices(shipped(), "mla_decode_flashmla", shipped_gpu(gpu),
                              {"bfloat16", "bfloat16"}, axes)
        .front();
  };
  EXPECT_DOUBLE_EQ(price("h800").time.value, 292.023e-6);
  EXPECT_EQ(price("h800").provenance.basis, Basis::kMeasured);
  EXPECT_NE(price("h800").provenance.source.find("InferSim"), std::string::npos);
  EXPECT_EQ(price("h100").provenance.basis, Basis::kScaled);
  EXPECT_THROW(price("h200"), std::invalid_argument);
}

TEST(ShapePrice, CategoriesThatWereNeverMeasuredHaveNoPrice) {
  const auto source = find_source(shipped(), "gemm", shipped_gpu("h100"));
  ASSERT_TRUE(source);
  EXPECT_FALSE(shape_prices(shipped(), *source, {"int4"}, {1, 256, 256}));
  EXPECT_THROW(gemm("h100", "int4", {1, 256, 256}), std::invalid_argument);
}

TEST(ShapePrice, WithoutMeasurementsThereIsNoSource) {
  EXPECT_FALSE(find_source(shipped(), "quantize", shipped_gpu("a800")));
  EXPECT_THROW(known_shape_prices(shipped(), "quantize", shipped_gpu("a800"), {}, {}),
               std::invalid_argument);
}

TEST(ShapePrice, CollectivesOfH800MoveByTheLinks) {
  const std::vector<double> axes = {8, 134217728};
  const std::vector<std::string> op = {"all_gather", "half"};
  const Price h100 = known_shape_prices(shipped(), "nccl", shipped_gpu("h100"), op, axes).front();
  const Price h800 = known_shape_prices(shipped(), "nccl", shipped_gpu("h800"), op, axes).front();
  EXPECT_NEAR(h800.time / h100.time, 2.25, 0.05);
  EXPECT_EQ(h800.provenance.basis, Basis::kScaled);
}

}  // namespace
}  // namespace windtunnel
