#include "simulator/hardware/all_to_all_price.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "simulator/hardware/shape_price.h"
#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

AllToAllShape v3_shape(int ranks, std::int64_t tokens) {
  return {.expert_ranks = ranks,
          .ranks_per_node = 8,
          .tokens = tokens,
          .hidden = 7168,
          .top_k = 8,
          .experts = 256,
          .sms = 20};
}

TEST(AllToAllPrice, OnH100ItIsTheTablesOwnTimeWithoutWaiting) {
  const AllToAllPrice price = all_to_all_price(shipped(), shipped_gpu("h100"), v3_shape(64, 4096));
  // deepep_normal: 5516 us and 4461 us on 8 nodes with 20 SMs; its notify columns say 994 and 8048.
  EXPECT_DOUBLE_EQ(price.dispatch.time.value, 5516e-6);
  EXPECT_DOUBLE_EQ(price.combine.time.value, 4461e-6);
  EXPECT_EQ(price.dispatch.provenance.basis, Basis::kMeasured);
}

TEST(AllToAllPrice, MoreSmsThanWereTriedChangeNothing) {
  AllToAllShape many = v3_shape(8, 4096);
  many.sms = 132;
  AllToAllShape most = many;
  most.sms = 24;
  const Gpu& gpu = shipped_gpu("h100");
  EXPECT_EQ(all_to_all_price(shipped(), gpu, many).dispatch.time,
            all_to_all_price(shipped(), gpu, most).dispatch.time);
}

TEST(AllToAllPrice, H200TakesTheNodesOfItsPeer) {
  const Price h100 = all_to_all_price(shipped(), shipped_gpu("h100"), v3_shape(32, 4096)).dispatch;
  const Price h200 = all_to_all_price(shipped(), shipped_gpu("h200"), v3_shape(32, 4096)).dispatch;
  EXPECT_EQ(h100.time, h200.time);
  EXPECT_EQ(h200.provenance.basis, Basis::kScaled);
}

TEST(AllToAllPrice, OnH800ItIsWhatThePriceCommandSays) {
  for (const std::int64_t tokens : {4096, 4097, 1000}) {
    const AllToAllPrice price =
        all_to_all_price(shipped(), shipped_gpu("h800"), v3_shape(64, tokens));
    const auto asked = known_shape_prices(shipped(), "deepep_normal", shipped_gpu("h800"), {"8"},
                                          {7168, 8, 256, 20, static_cast<double>(tokens)});
    EXPECT_EQ(price.dispatch.time, asked[0].time);
    EXPECT_EQ(price.combine.high, asked[1].high);
    EXPECT_EQ(price.combine.provenance.source, asked[1].provenance.source);
  }
}

TEST(AllToAllPrice, NodesBetweenTwoMeasuredOnesAreInBetweenAndEstimated) {
  for (const char* gpu : {"h100", "h800"}) {
    const auto price = [&](int ranks) {
      return all_to_all_price(shipped(), shipped_gpu(gpu), v3_shape(ranks, 4096)).dispatch;
    };
    EXPECT_GT(price(24).time, std::min(price(16).time, price(32).time)) << gpu;
    EXPECT_LT(price(24).time, std::max(price(16).time, price(32).time)) << gpu;
    EXPECT_EQ(price(24).provenance.basis, Basis::kEstimated);
    EXPECT_FALSE(price(24).provenance.outside_range);
  }
}

TEST(AllToAllPrice, OtherNodesThanWereMeasuredAreEstimatedAndOutside) {
  const auto dispatch = [](std::string_view gpu, int ranks, int ranks_per_node) {
    AllToAllShape shape = v3_shape(ranks, 4096);
    shape.ranks_per_node = ranks_per_node;
    return all_to_all_price(shipped(), shipped_gpu(gpu), shape).dispatch;
  };
  for (const Price& price : {dispatch("h100", 128, 8), dispatch("h800", 256, 8),
                             dispatch("h800", 32, 4), dispatch("h800", 4, 8)}) {
    EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
    EXPECT_TRUE(price.provenance.outside_range);
  }
  EXPECT_EQ(dispatch("h800", 128, 8).provenance.basis, Basis::kMeasured);
  // Four ranks: 4 (1 - C(192,8) / C(256,8)) = 3.6142 distinct ones instead of 5.2947.
  EXPECT_NEAR(dispatch("h800", 4, 8).time / dispatch("h800", 8, 8).time, 3.6142 / 5.29465, 1e-4);
}

TEST(AllToAllPrice, SizesMustBePositive) {
  AllToAllShape shape = v3_shape(8, 4096);
  shape.tokens = 0;
  EXPECT_THROW(all_to_all_price(shipped(), shipped_gpu("h800"), shape), std::invalid_argument);
}

TEST(AllToAllPrice, AGpuWithoutMeasurementsIsAnError) {
  EXPECT_THROW(all_to_all_price(shipped(), shipped_gpu("a100"), v3_shape(8, 4096)),
               std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel
