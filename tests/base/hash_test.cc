#include "simulator/base/hash.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(ContentHash, IsXxh3Of128Bits) {
  // The published test vector: XXH3_128bits of nothing, seed 0.
  EXPECT_EQ(content_hash(""), "99aa06d3014798d86001c324468d497f");
}

TEST(ContentHash, TellsContentsApart) {
  EXPECT_NE(content_hash("a"), content_hash("b"));
  EXPECT_NE(content_hash(std::string_view("a\0", 2)), content_hash("a"));
  EXPECT_EQ(content_hash("abc").size(), 32u);
}

}  // namespace
}  // namespace windtunnel
