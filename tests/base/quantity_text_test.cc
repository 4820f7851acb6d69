#include "simulator/base/quantity_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <regex>

namespace windtunnel {
namespace {

TEST(ParseQuantity, ReadsEveryDimension) {
  EXPECT_EQ(parse_quantity<BytesPerSecond>("400 GB/s")->value, 400e9);
  EXPECT_EQ(parse_quantity<BytesPerSecond>("400 Gbit/s")->value, 50e9);
  EXPECT_EQ(parse_quantity<Tokens>("14.8 T")->value, 14.8e12);
  EXPECT_EQ(parse_quantity<Tokens>("4096 tokens")->value, 4096.0);
  EXPECT_EQ(parse_quantity<Tokens>("2 M tokens")->value, 2e6);
  EXPECT_EQ(parse_quantity<Bytes>("80 GB")->value, 80e9);
  EXPECT_EQ(parse_quantity<Bytes>("64 GiB")->value, 68719476736.0);   // 64 * 2^30
  EXPECT_EQ(parse_quantity<Bytes>("3 TiB")->value, 3298534883328.0);  // 3 * 2^40
  EXPECT_EQ(parse_quantity<Seconds>("2 us")->value, 2 * 1e-6);
  EXPECT_EQ(parse_quantity<Seconds>("1.5 h")->value, 5400.0);
  EXPECT_EQ(parse_quantity<FlopsPerSecond>("989.4 TFLOPS")->value, 989.4 * 1e12);
  EXPECT_EQ(parse_quantity<FlopsPerSecond>("1 PFLOP/s")->value, 1e15);
  EXPECT_EQ(parse_quantity<Flops>("3 ZFLOP")->value, 3e21);
  EXPECT_EQ(parse_quantity<Dollars>("2 USD")->value, 2.0);
  EXPECT_EQ(parse_quantity<Dollars>("5.576 M USD")->value, 5.576e6);
}

// What the pattern takes is what the parser takes.
TEST(DimensionPattern, AgreesWithTheParser) {
  for (const Dimension dimension : {Dimension::kBytes, Dimension::kTokens, Dimension::kDollars,
                                    Dimension::kSeconds, Dimension::kFlopsPerSecond}) {
    const std::regex pattern(dimension_pattern(dimension, true));
    for (const char* text :
         {"80 GB",      "80GB",      "80  GB",   "-1e-3 s",    ".5 s",    "1. s",
          "1e+3 s",     "14.8 T",    "5 tokens", "2 M tokens", "2 M USD", "2 USD",
          "990 TFLOPS", "1 PFLOP/s", "",         " ",          "80",      "GB",
          "80 gb",      "80 GB ",    " 80 GB",   "8,0 GB",     "0x10 GB", "inf GB",
          "+1 s",       "1 s s",     "1 e3 s",   "- 1 s",      ". s",     "1e s"}) {
      EXPECT_EQ(std::regex_search(text, pattern), parse_quantity(text, dimension).has_value())
          << text;
    }
  }
  EXPECT_FALSE(
      std::regex_search("-1 s", std::regex(dimension_pattern(Dimension::kSeconds, false))));
}

TEST(ParseQuantity, AcceptsAMissingBlankAndANegativeNumber) {
  EXPECT_EQ(parse_quantity<Bytes>("80GB")->value, 80e9);
  EXPECT_EQ(parse_quantity<Seconds>("-1e-3 s")->value, -1e-3);
}

TEST(ParseQuantity, RejectsEverythingElse) {
  for (const char* text :
       {"", " ", "80", "banana", "GB", "10^30 T", "1e400 GB", "inf GB", "nan GB", "80 gb", "80 Gb",
        "80 GB/s", "80 GB ", " 80 GB", "8,0 GB", "0x10 GB", "1e300 TB1", "80 GB\n"}) {
    EXPECT_EQ(parse_quantity<Bytes>(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_quantity<Bytes>("1e308 GB"), std::nullopt);  // infinite in bytes
  EXPECT_EQ(parse_quantity<Seconds>("80 GB"), std::nullopt);
}

TEST(QuantityText, PicksAReadableUnit) {
  EXPECT_EQ(quantity_text(BytesPerSecond{400e9}), "400 GB/s");
  EXPECT_EQ(quantity_text(Tokens{14.8e12}), "14.8 T");
  EXPECT_EQ(quantity_text(Tokens{4096}), "4096 tokens");
  EXPECT_EQ(quantity_text(Seconds{2e-6}), "2 us");
  EXPECT_EQ(quantity_text(Seconds{1e-3}), "1 ms");
  EXPECT_EQ(quantity_text(Seconds{1e-15}), "0.001 ps");
  EXPECT_EQ(quantity_text(Seconds{0}), "0 s");
  EXPECT_EQ(quantity_text(FlopsPerSecond{989.4e12}), "989.4 TFLOPS");
  EXPECT_EQ(quantity_text(Dollars{-3}), "-3 USD");
}

RC_GTEST_PROP(QuantityText, IsReadBackToSixDigits, ()) {
  const auto dimension = static_cast<Dimension>(*rc::gen::inRange(0, 7));
  const double value = std::pow(10.0, *rc::gen::inRange(-12, 18)) * *rc::gen::inRange(1, 1000000);
  const auto read = parse_quantity(quantity_text(value, dimension), dimension);
  RC_ASSERT(read.has_value());
  // %.6g is off by at most half of the sixth digit, 5e-6 of the value.
  RC_ASSERT(std::abs(*read / value - 1) < 5.1e-6);
}

RC_GTEST_PROP(DimensionExample, IsAccepted, ()) {
  const auto dimension = static_cast<Dimension>(*rc::gen::inRange(0, 7));
  const std::string example = dimension_example(dimension);
  RC_ASSERT(parse_quantity(example.substr(1, example.size() - 2), dimension).has_value());
  RC_ASSERT(!dimension_name(dimension).empty());
}

TEST(DimensionUnits, ListsWhatIsAccepted) {
  EXPECT_EQ(dimension_units(Dimension::kSeconds), "ps, ns, us, ms, s, min, h, days");
}

}  // namespace
}  // namespace windtunnel
