#include "simulator/hardware/published_all_to_all.h"

#include <gtest/gtest.h>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

AllToAllPrice h800_price(int ranks, std::int64_t tokens, std::int64_t hidden = 7168,
                         int ranks_per_node = 8, int sms = 20) {
  const AllToAllShape shape = {ranks, ranks_per_node, tokens, hidden, 8, 256, sms};
  return published_all_to_all(shipped(), shipped_gpu("h800"), shape).value();
}

TEST(PublishedAllToAll, Ep64AtThePublishedSettings) {
  // 4096 tokens x 4 nodes x 7168 x (1 + 4/128) bytes at 51 GB/s; two bytes a value at 50 GB/s.
  const AllToAllPrice price = h800_price(64, 4096);
  EXPECT_NEAR(price.dispatch.time.value, 4096.0 * 4 * 7392 / 51e9, 1e-9);
  EXPECT_NEAR(price.combine.time.value, 4096.0 * 4 * 14336 / 50e9, 1e-9);
  EXPECT_EQ(price.dispatch.provenance.basis, Basis::kMeasured);
  EXPECT_FALSE(price.dispatch.provenance.outside_range);
  // The first release had 46 and 45 GB/s: inside the interval.
  EXPECT_GE(price.dispatch.high.value, 4096.0 * 4 * 7392 / 46e9 * 0.999);
  EXPECT_LT(price.dispatch.low, price.dispatch.time);
}

TEST(PublishedAllToAll, InANodeTheBytesGoToRanks) {
  // 5.29465 distinct ranks of 8 at 153 GB/s.
  EXPECT_NEAR(h800_price(8, 4096).dispatch.time.value, 4096 * 5.29465 * 7392 / 153e9, 1e-8);
}

TEST(PublishedAllToAll, OtherTokensAreEstimatedAlongTheSiblingsCurve) {
  const Price full = h800_price(64, 4096).dispatch, half = h800_price(64, 2048).dispatch;
  const Price one = h800_price(64, 1).dispatch;
  EXPECT_EQ(half.provenance.basis, Basis::kEstimated);
  EXPECT_FALSE(half.provenance.outside_range);
  EXPECT_GT(half.time / full.time, 0.45);
  EXPECT_LT(half.time / full.time, 0.6);
  EXPECT_GT(one.time.value, 20e-6);  // a latency, not a 4096th
  EXPECT_LT(one.time.value, 300e-6);
}

TEST(PublishedAllToAll, HalfTheHiddenSizeIsHalfTheBytes) {
  EXPECT_NEAR(h800_price(64, 4096, 3584).dispatch.time / h800_price(64, 2048).dispatch.time, 1,
              1e-9);
}

TEST(PublishedAllToAll, RanksBetweenTwoPublishedOnesAreInBetweenAndEstimated) {
  const auto rate = [](int ranks) {
    const double nodes = expected_groups(ranks / 8, 256, 8, 4);
    return 4096 * nodes * 7392 / h800_price(ranks, 4096).dispatch.time.value;
  };
  EXPECT_LT(rate(24), rate(32));  // 43 GB/s at 16 ranks, 58 at 32
  EXPECT_GT(rate(24), rate(16));
  EXPECT_EQ(h800_price(24, 4096).dispatch.provenance.basis, Basis::kEstimated);
}

TEST(PublishedAllToAll, OtherSettingsAreOutside) {
  EXPECT_TRUE(h800_price(256, 4096).dispatch.provenance.outside_range);
  EXPECT_TRUE(h800_price(4, 4096).dispatch.provenance.outside_range);
  EXPECT_TRUE(h800_price(64, 4096, 7168, 4).dispatch.provenance.outside_range);
  EXPECT_TRUE(h800_price(64, 4096, 7168, 8, 8).dispatch.provenance.outside_range);
}

TEST(PublishedAllToAll, OnlyForGpusWithPublishedBandwidths) {
  const AllToAllShape shape = {64, 8, 4096, 7168, 8, 256, 20};
  EXPECT_FALSE(published_all_to_all(shipped(), shipped_gpu("h100"), shape));
}

}  // namespace
}  // namespace windtunnel
