#include "simulator/profile/kineto_time.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(KinetoTime, WholeAndDecimalMicrosecondsAreExact) {
  EXPECT_EQ(parse_microseconds("1740380581123456"), 1740380581123456000);  // a real absolute time
  EXPECT_EQ(parse_microseconds("1740380581123456.789"), 1740380581123456789);
  EXPECT_EQ(parse_microseconds("0"), 0);
  EXPECT_EQ(parse_microseconds("12.3"), 12300);
  EXPECT_EQ(parse_microseconds("12.3456"), 12346);
  EXPECT_EQ(parse_microseconds("12.9999"), 13000);
  EXPECT_EQ(parse_microseconds("-0.5"), -500);
  EXPECT_EQ(parse_microseconds("-3.25"), -3250);
  EXPECT_EQ(parse_microseconds("1.5e3"), 1500000);
}

TEST(KinetoTime, WhatIsNoTimeIsNothing) {
  for (const char* text : {"", "NaN", "nan", "Infinity", "-Infinity", "abc", "1e400", "1e30", "1.",
                           "1.x", "12 ", "99999999999999999999", "9223372036854775807", "--1"}) {
    EXPECT_FALSE(parse_microseconds(text)) << text;
  }
}

}  // namespace
}  // namespace windtunnel
