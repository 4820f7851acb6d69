#include "simulator/hardware/all_to_all_price.h"

#include <gtest/gtest.h>

#include <stdexcept>

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

TEST(AllToAllPrice, DistinctGroupsOfRandomExperts) {
  // Two groups of two experts, two drawn: both in the same group in 2 of 6 draws.
  EXPECT_NEAR(expected_groups(2, 4, 2, 4), 2 - 2.0 / 6, 1e-12);
  EXPECT_NEAR(expected_groups(8, 256, 8, 8), 5.29465, 1e-5);  // 8 (1 - C(224,8) / C(256,8))
  EXPECT_EQ(expected_groups(1, 256, 8, 4), 1);
  // Node-limited: the four best nodes, each met; fewer experts than nodes meet fewer.
  EXPECT_EQ(expected_groups(8, 256, 8, 4), 4);
  EXPECT_EQ(expected_groups(8, 256, 2, 4), 2);
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

TEST(AllToAllPrice, UnmeasuredNodesAreEstimatedAndOutside) {
  const Price price = all_to_all_price(shipped(), shipped_gpu("h100"), v3_shape(24, 4096)).dispatch;
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  EXPECT_TRUE(price.provenance.outside_range);
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
