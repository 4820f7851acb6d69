#include "simulator/hardware/peer_price.h"

#include <gtest/gtest.h>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

std::optional<std::vector<Price>> dispatch(std::string_view gpu, const std::string& nodes,
                                           double tokens) {
  const auto source = find_source(shipped(), "deepep_normal", shipped_gpu(gpu));
  return shape_prices(shipped(), *source, {nodes}, {7168, 8, 256, 24, tokens});
}

TEST(PeerPrice, NodesThatOnlyH100WasMeasuredOnAnswerForH200) {
  // H100: 748.87 us and 1777 us on two nodes. In one node H200 is within a few percent of it.
  const auto prices = dispatch("h200", "2", 4096);
  ASSERT_TRUE(prices);
  ASSERT_EQ(prices->size(), 2U);
  EXPECT_NEAR(prices->at(0).time.value / 748.87e-6, 1, 0.05);
  EXPECT_NEAR(prices->at(1).time.value / 1777e-6, 1, 0.05);
  EXPECT_EQ(prices->at(0).provenance.basis, Basis::kScaled);
  EXPECT_NE(prices->at(0).provenance.source.find("measured on h100"), std::string::npos);
  EXPECT_LE(prices->at(0).low, prices->at(0).time);
  EXPECT_GE(prices->at(0).high, prices->at(0).time);
}

TEST(PeerPrice, AnotherDesignIsNoPeer) {
  const auto source = find_source(shipped(), "gemm", shipped_gpu("a100"));
  EXPECT_FALSE(peer_prices(shipped(), *source, {"fp8_block"}, {1, 256, 256}));
}

TEST(PeerPrice, AShapeThatThePeerWasNotMeasuredAtHasNone) {
  const auto source = find_source(shipped(), "gemm", shipped_gpu("h200"));
  EXPECT_FALSE(peer_prices(shipped(), *source, {"bfloat16"}, {3, 257, 255}));
}

TEST(PeerPrice, AHoleOfOneGpuTakesTheOthersTimeAndTheRatioAroundIt) {
  // Measured on H200 only.
  const auto h200 = find_source(shipped(), "moe_deepep", shipped_gpu("h200"));
  const auto h100 = find_source(shipped(), "moe_deepep", shipped_gpu("h100"));
  std::size_t holes = 0;
  for (const MeasurementGroup& group : h200->stored->table.groups) {
    const MeasurementGroup* other = find_group(h100->stored->table, group.categories);
    if (other == nullptr) continue;
    const Surface& surface = group.surfaces[0];
    for (std::size_t row = 0; row < surface.rows(); ++row) {
      if (find_row(other->surfaces[0], surface.place(row))) continue;
      ++holes;
      std::vector<double> axes;
      for (double at : surface.place(row)) axes.push_back(std::round(std::exp2(at)));
      const auto prices = shape_prices(shipped(), *h100, group.categories, axes);
      ASSERT_TRUE(prices);
      EXPECT_EQ(prices->front().provenance.basis, Basis::kScaled);
      // H100's memory is slower: a little more than on H200, at most by the ratio of 4.8 to 3.35.
      const double ratio = prices->front().time.value / surface.seconds[row];
      EXPECT_GT(ratio, 0.95);
      EXPECT_LT(ratio, 1.5);
    }
  }
  EXPECT_EQ(holes, 1U);
}

}  // namespace
}  // namespace windtunnel
