#include "simulator/hardware/price.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

Price price_of(double seconds, Basis basis, const std::string& source, bool outside) {
  return {.time = {seconds},
          .low = {seconds / 2},
          .high = {seconds * 2},
          .provenance = Provenance(basis, source, outside)};
}

TEST(Price, ASumWeighsEachPartByItsTime) {
  const Price total =
      sum({price_of(1, Basis::kMeasured, "a", false), price_of(5, Basis::kScaled, "b", false),
           price_of(4, Basis::kEstimated, "c", false)});
  EXPECT_DOUBLE_EQ(total.time.value, 10);
  EXPECT_DOUBLE_EQ(total.low.value, 5);
  EXPECT_DOUBLE_EQ(total.high.value, 20);
  EXPECT_EQ(total.provenance.basis, Basis::kScaled);
  EXPECT_EQ(total.provenance.source, "b");
  EXPECT_DOUBLE_EQ(total.provenance.shares.measured, 0.1);
  EXPECT_DOUBLE_EQ(total.provenance.shares.scaled, 0.5);
  EXPECT_DOUBLE_EQ(total.provenance.shares.estimated, 0.4);
}

TEST(Price, ASumKeepsAShortPartsOutsideRange) {
  const Price total = sum({price_of(9, Basis::kMeasured, "long", false),
                           price_of(1, Basis::kEstimated, "short", true)});
  EXPECT_TRUE(total.provenance.outside_range);
  EXPECT_EQ(total.provenance.source, "long; outside the measured range: short");
  // What takes no time was not asked.
  const Price none = sum({price_of(9, Basis::kMeasured, "long", false),
                          price_of(0, Basis::kEstimated, "short", true)});
  EXPECT_FALSE(none.provenance.outside_range);
}

TEST(Price, SharesOfSumsAreSummed) {
  const Price half =
      sum({price_of(1, Basis::kMeasured, "a", false), price_of(1, Basis::kEstimated, "b", false)});
  const Price total = sum({times(half, 2), price_of(4, Basis::kMeasured, "c", false)});
  EXPECT_DOUBLE_EQ(total.provenance.shares.measured, 0.75);
  EXPECT_DOUBLE_EQ(total.provenance.shares.estimated, 0.25);
}

TEST(Price, AMovedPriceRestsOnTheWeakerBasis) {
  const Price traced = price_of(2, Basis::kMeasured, "a", true);
  const Price there = moved(traced, 1.5, Basis::kScaled, "elsewhere");
  EXPECT_DOUBLE_EQ(there.high.value, 6);
  EXPECT_EQ(there.provenance.basis, Basis::kScaled);
  EXPECT_EQ(there.provenance.source, "a; elsewhere");
  EXPECT_TRUE(there.provenance.outside_range);
  EXPECT_DOUBLE_EQ(there.provenance.shares.scaled, 1);
  EXPECT_EQ(moved(traced, 1, Basis::kEstimated, "nowhere").provenance.basis, Basis::kMeasured);
}

}  // namespace
}  // namespace windtunnel
