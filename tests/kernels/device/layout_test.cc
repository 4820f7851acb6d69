// Layouts and conversions, checked at compile time where they can be and by brute force else.
#include "kernels/device/layout.h"

#include <cmath>
#include <set>
#include <utility>

#include "gtest/gtest.h"

namespace windtunnel::device {
namespace {

static_assert(swizzled(0x480, Swizzle::k128) == 0x490);
static_assert(swizzled(0x480, Swizzle::k32) == 0x490);
static_assert(swizzled(0x500, Swizzle::k32) == 0x500);
static_assert(swizzled(0x500, Swizzle::k64) == 0x520);
static_assert(swizzled(0x7ff, Swizzle::kNone) == 0x7ff);
// PTX ISA: address, leading and stride in units of 16 bytes at bits 0, 16 and 32; the layout above.
static_assert(encode({0x1230, 16, 1024, Swizzle::k128}) == 0x4000004000010123U);
static_assert(encode({0x10, 128, 256, Swizzle::kNone}) == 0x0000001000080001U);
static_assert(decode(encode({0x420, 32, 512, Swizzle::k64})).swizzle == Swizzle::k64);

TEST(Layout, SwizzlesAreBijectionsWithinTheirPeriod) {
  for (const Swizzle swizzle : {Swizzle::kNone, Swizzle::k32, Swizzle::k64, Swizzle::k128}) {
    std::set<u32> seen;
    const u32 period = swizzle_period(swizzle);
    for (u32 i = 0; i < period; ++i) seen.insert(swizzled(period + i, swizzle));
    EXPECT_EQ(seen.size(), period);
    EXPECT_EQ(*seen.begin(), period);
    EXPECT_EQ(*seen.rbegin(), 2 * period - 1);
  }
}

TEST(Layout, EightRowsOfATileLieInDifferentBanks) {
  const MatrixDescriptor d = decode(tile_descriptor(1024));
  for (u32 k = 0; k < 64; k += 8) {
    std::set<u32> chunks;
    for (u32 row = 0; row < 8; ++row) {
      chunks.insert(operand_address(d, Major::kK, row, k, 2) / 16 % 8);
    }
    EXPECT_EQ(chunks.size(), 8U);
  }
}

TEST(Layout, FragmentsHoldEveryElementOnce) {
  std::set<std::pair<int, int>> c;
  std::set<std::pair<int, int>> a;
  std::set<std::pair<int, int>> a8;
  for (int thread = 0; thread < 128; ++thread) {
    for (int i = 0; i < 32; ++i) {
      const Cell2 at = accumulator_cell(thread, i);
      c.insert({at.row, at.column});
    }
    for (int i = 0; i < 4; ++i) {
      for (int part = 0; part < 4; ++part) {
        const Cell2 wide = a_fragment_cell(thread, i, part % 2);
        a.insert({wide.row, wide.column});
        const Cell2 narrow = a_fragment_cell_e4m3(thread, i, part);
        a8.insert({narrow.row, narrow.column});
      }
    }
  }
  EXPECT_EQ(c.size(), 64U * 64U);
  EXPECT_EQ(a.size(), 64U * 16U);
  EXPECT_EQ(a8.size(), 64U * 32U);
  EXPECT_EQ(a8.rbegin()->second, 31);
}

TEST(Types, E4m3RoundsToTheNearestAndSaturates) {
  for (u32 i = 0; i < 256; ++i) {
    const float value = to_float(e4m3{static_cast<u8>(i)});
    if (value == value) {
      EXPECT_EQ(to_e4m3(value).bits, i);
    }
  }
  for (float value = -450; value < 450; value += 0.0137F) {
    float nearest = 1000;
    for (u32 i = 0; i < 256; ++i) {
      const float other = to_float(e4m3{static_cast<u8>(i)});
      if (std::fabs(other - value) < std::fabs(nearest - value)) nearest = other;
    }
    EXPECT_EQ(std::fabs(to_float(to_e4m3(value)) - value), std::fabs(nearest - value)) << value;
  }
  EXPECT_EQ(to_float(to_e4m3(1e9F)), 448);
  EXPECT_EQ(to_float(to_e4m3(-1e9F)), -448);
  // Halfway to the even one: 17 between 16 and 18, 19 between 18 and 20.
  EXPECT_EQ(to_float(to_e4m3(17)), 16);
  EXPECT_EQ(to_float(to_e4m3(19)), 20);
  EXPECT_NE(to_float(to_e4m3(NAN)), to_float(to_e4m3(NAN)));
}

TEST(Types, Bf16RoundsToNearestEven) {
  EXPECT_EQ(to_bf16(1.0F).bits, 0x3f80);
  EXPECT_EQ(to_float(to_bf16(1.0F + 0x1p-8F)), 1.0F);
  EXPECT_EQ(to_float(to_bf16(1.0F + 0x1.8p-7F)), 1.0F + 0x1p-6F);
  EXPECT_EQ(to_bf16(NAN).bits, 0x7fff);
  EXPECT_EQ(unpack_bf16(pack_bits(to_bf16(2), to_bf16(-3))).y, -3);
}

}  // namespace
}  // namespace windtunnel::device
