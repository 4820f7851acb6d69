#include "simulator/base/suggestion.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

const std::vector<std::string> kWords = {"pipeline", "expert", "tensor", "batch"};

TEST(Closest, FindsInsertsDeletesReplacementsAndSwaps) {
  EXPECT_EQ(closest("pipelin", kWords), "pipeline");
  EXPECT_EQ(closest("pipeline_", kWords), "pipeline");
  EXPECT_EQ(closest("exbert", kWords), "expert");
  EXPECT_EQ(closest("tesnor", kWords), "tensor");
}

TEST(Closest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(closest("banana", kWords), "");
  EXPECT_EQ(closest("x", {"y", "z"}), "");  // one edit, but of one letter
  EXPECT_EQ(closest("", kWords), "");
  EXPECT_EQ(closest("batch", {}), "");
  EXPECT_EQ(closest(std::string(100000, 'a'), kWords), "");
}

TEST(Closest, TakesTheFirstOfEquals) { EXPECT_EQ(closest("abc", {"abd", "abe"}), "abd"); }

TEST(Closest, ASwapIsOneEdit) {
  // A third of three letters allows one edit; without swaps this would take two.
  EXPECT_EQ(closest("sm_", {"s_m"}), "s_m");
}

TEST(DidYouMean, IsTheEndOfASentence) {
  EXPECT_EQ(did_you_mean("pipelin", kWords), ", did you mean `pipeline`?");
  EXPECT_EQ(did_you_mean("banana", kWords), "");
}

}  // namespace
}  // namespace windtunnel
