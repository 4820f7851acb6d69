#include "reports/render/format.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

namespace windtunnel {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();
const double kInfinity = std::numeric_limits<double>::infinity();

TEST(Format, GpuHoursReadAsTheReportsOfTheFieldWriteThem) {
  EXPECT_EQ(format_gpu_hours(2.664e6), "2.664 M");
  EXPECT_EQ(format_gpu_hours(119e3), "119.0 K");
  EXPECT_EQ(format_gpu_hours(19073.4), "19,073");
  EXPECT_EQ(format_gpu_hours(842.4), "842");
  EXPECT_EQ(format_gpu_hours(1.5), "1.50");
  EXPECT_EQ(format_gpu_hours(0), "0");
}

TEST(Format, ATimeTakesTheUnitThatSuitsIt) {
  EXPECT_EQ(format_seconds({20.0456}), "20.05 s");
  EXPECT_EQ(format_seconds({0.0567}), "56.7 ms");
  EXPECT_EQ(format_seconds({2e-6}), "2.00 us");
  EXPECT_EQ(format_seconds({15e-9}), "15.0 ns");
  EXPECT_EQ(format_seconds({0}), "0 s");
}

// 9.996 rounds up into another decade: one decimal less is due.
TEST(Format, SignificantDigitsAreCountedAfterRounding) {
  EXPECT_EQ(format_significant(9.996, 3), "10.0");
  EXPECT_EQ(format_significant(0.012345, 3), "0.0123");
  EXPECT_EQ(format_significant(12345, 3), "12,300");
  EXPECT_EQ(format_significant(-1.5, 2), "-1.5");
}

TEST(Format, ShortDropsZerosThatSayNothing) {
  EXPECT_EQ(format_short(10, 3), "10");
  EXPECT_EQ(format_short(0.1, 3), "0.1");
  EXPECT_EQ(format_short(7.25, 3), "7.25");
  EXPECT_EQ(format_short(100, 3), "100");
}

TEST(Format, ThousandsAreSetApartAndMinusZeroIsZero) {
  EXPECT_EQ(format_fixed(1234567.891, 1), "1,234,567.9");
  EXPECT_EQ(format_fixed(-123456, 0), "-123,456");
  EXPECT_EQ(format_fixed(-0.04, 1), "0.0");
  EXPECT_EQ(format_signed(5, 1), "+5.0");
  EXPECT_EQ(format_signed(-5, 0), "-5");
  EXPECT_EQ(format_signed(0, 0), "0");
}

TEST(Format, CountsReadByTheirScale) {
  EXPECT_EQ(format_count(2048), "2,048");
  EXPECT_EQ(format_count(671e9), "671.0 B");
  EXPECT_EQ(format_count(14.8e12), "14.80 T");
  EXPECT_EQ(format_number_of(1, "shape"), "1 shape");
  EXPECT_EQ(format_number_of(0, "shape"), "0 shapes");
}

// 80e9 bytes = 74.5 GiB; 64 MiB = 0.0625 GiB.
TEST(Format, MemoryIsInGibibytes) {
  EXPECT_EQ(format_bytes({80e9}), "74.5 GiB");
  EXPECT_EQ(format_bytes({67108864}), "64.0 MiB");
  EXPECT_EQ(format_bytes({0}), "0.0 GiB");
}

TEST(Format, SharesAndChangesArePercent) {
  EXPECT_EQ(format_percent(0.1234), "12.3 %");
  EXPECT_EQ(format_change(0.012), "+1.2 %");
  EXPECT_EQ(format_change(-0.012), "-1.2 %");
  EXPECT_EQ(format_change(-0.0001), "+0.0 %");
}

TEST(Format, MoneyCarriesItsSignBeforeTheDollar) {
  EXPECT_EQ(format_dollars({5.328e6}), "$5.328 M");
  EXPECT_EQ(format_dollars({-842}), "-$842");
}

TEST(Format, AFigureIsShownInItsUnit) {
  EXPECT_EQ(format_figure(2.664e6, "H800 hours"), "2.664 M");
  EXPECT_EQ(format_quantity(2.664e6, "H800 hours"), "2.664 M H800 hours");
  EXPECT_EQ(format_quantity(0.0017, "s"), "1.70 ms");
  EXPECT_EQ(format_quantity(5.328e6, "USD"), "$5.328 M");
  EXPECT_EQ(format_quantity(80e9, "bytes"), "74.5 GiB");
  EXPECT_EQ(format_quantity(3.7, ""), "3.700");
}

TEST(Format, WhatIsNotFiniteIsNeverShownAsANumber) {
  for (const double value : {kNaN, kInfinity, -kInfinity}) {
    for (const std::string& text :
         {format_fixed(value, 1), format_significant(value, 3), format_short(value, 3),
          format_count(value), format_gpu_hours(value), format_seconds({value}),
          format_bytes({value}), format_percent(value), format_change(value),
          format_quantity(value, "s"), format_figure(value, "x")}) {
      EXPECT_EQ(text, "n/a");
    }
    EXPECT_EQ(format_coordinate(value), "0");
    EXPECT_EQ(share(value, 1), 0);
  }
}

TEST(Format, AShareOfNothingIsNothing) {
  EXPECT_EQ(share(1, 0), 0);
  EXPECT_EQ(share(1, 4), 0.25);
}

TEST(Format, CoordinatesCarryNoZerosThatSayNothing) {
  EXPECT_EQ(format_coordinate(12.04), "12");
  EXPECT_EQ(format_coordinate(12.26), "12.3");
  EXPECT_EQ(format_coordinate(-0.01), "0");
}

// "Ä" and "é" are two bytes each: characters are counted, and none is cut in two.
TEST(Format, AShortenedTextKeepsWholeCharacters) {
  EXPECT_EQ(shorten("short", 5), "short");
  EXPECT_EQ(shorten("longer text", 8), "longe...");
  EXPECT_EQ(shorten("Äéäöü", 5), "Äéäöü");
  EXPECT_EQ(shorten("Äéäöüß", 5), "Äé...");
}

RC_GTEST_PROP(Format, ThreeSignificantDigitsAreWithinHalfAPercent, (int mantissa, int exponent)) {
  const double value = mantissa * std::pow(10.0, exponent % 9);
  std::string text = format_significant(value, 3);
  std::erase(text, ',');
  RC_ASSERT(std::abs(std::stod(text) - value) <= std::abs(value) * 0.00501);
}

}  // namespace
}  // namespace windtunnel
