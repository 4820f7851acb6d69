#include "kernels/shapes/units.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

TEST(Quantity, AddsAndScalesLikeANumber) {
  EXPECT_EQ(Seconds{2} + Seconds{3}, Seconds{5});
  EXPECT_EQ(Bytes{5} - Bytes{3}, Bytes{2});
  EXPECT_EQ(3 * Flops{2}, Flops{6});
  EXPECT_EQ(Flops{2} * 3, Flops{6});
  EXPECT_EQ(Tokens{6} / 3, Tokens{2});
  EXPECT_EQ(Dollars{6} / Dollars{3}, 2.0);
  EXPECT_LT(Seconds{1}, Seconds{2});
  Seconds total{1};
  total += Seconds{2};
  EXPECT_EQ(total, Seconds{3});
}

TEST(Quantity, RatesTurnAmountsIntoTimesAndBack) {
  // 80 GB at 40 GB/s take 2 s.
  EXPECT_EQ(Bytes{80e9} / BytesPerSecond{40e9}, Seconds{2});
  EXPECT_EQ(Bytes{80e9} / Seconds{2}, BytesPerSecond{40e9});
  EXPECT_EQ(BytesPerSecond{40e9} * Seconds{2}, Bytes{80e9});
  EXPECT_EQ(Flops{1e12} / FlopsPerSecond{5e11}, Seconds{2});
  EXPECT_EQ(Flops{1e12} / Seconds{2}, FlopsPerSecond{5e11});
  EXPECT_EQ(FlopsPerSecond{5e11} * Seconds{2}, Flops{1e12});
}

TEST(Picoseconds, RoundToTheNearest) {
  EXPECT_EQ(to_picoseconds(Seconds{1e-12}), Picoseconds{1});
  EXPECT_EQ(to_picoseconds(Seconds{1.4e-12}), Picoseconds{1});
  EXPECT_EQ(to_picoseconds(Seconds{1.6e-12}), Picoseconds{2});
  EXPECT_EQ(to_picoseconds(Seconds{1}), Picoseconds{1'000'000'000'000});
}

RC_GTEST_PROP(Picoseconds, SurviveTheWayThroughSeconds, ()) {
  // Below 2^50 ps (19 minutes) a double of seconds is finer than half a picosecond.
  const Picoseconds time{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50)};
  RC_ASSERT(to_picoseconds(to_seconds(time)) == time);
}

TEST(Picoseconds, AddAndSubtractExactly) {
  Picoseconds time{std::int64_t{1} << 60};
  time += Picoseconds{1};
  EXPECT_EQ(time - Picoseconds{std::int64_t{1} << 60}, Picoseconds{1});
  EXPECT_EQ(Picoseconds{1} + Picoseconds{2}, Picoseconds{3});
}

TEST(Work, AddsBothParts) {
  const Work sum = Work{.flops = {1}, .bytes = {2}} + Work{.flops = {10}, .bytes = {20}};
  EXPECT_EQ(sum.flops, Flops{11});
  EXPECT_EQ(sum.bytes, Bytes{22});
}

}  // namespace
}  // namespace windtunnel
