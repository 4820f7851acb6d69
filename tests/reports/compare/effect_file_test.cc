#include "reports/compare/effect_file.h"

#include <gtest/gtest.h>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(EffectFile, TheLastThatMatchesCounts) {
  const TemporaryFolder folder;
  const auto path = folder.write(
      "e.toml",
      "[[effect]]\nbenchmark = \"gemm/*\"\nminimum = 0.05\nreason = \"shared machine\"\n"
      "[[effect]]\nbenchmark = \"gemm/fp8/*\"\nminimum = 0.01\nreason = \"what we sell\"\n");
  const auto effects = load_effects(path);
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_EQ(minimum_effect_of(effects, "gemm/bf16/m:8", 0.02), 0.05);
  EXPECT_EQ(minimum_effect_of(effects, "gemm/fp8/m:8", 0.02), 0.01);
  EXPECT_EQ(minimum_effect_of(effects, "cast", 0.02), 0.02);
}

TEST(EffectFile, NeedsAShareAndAReason) {
  const TemporaryFolder folder;
  const auto bare = folder.write("a.toml", "[[effect]]\nbenchmark = \"x\"\nminimum = 0.05\n");
  EXPECT_NE(message_of([&] { load_effects(bare); }).find("reason"), std::string::npos);
  const auto percent =
      folder.write("b.toml", "[[effect]]\nbenchmark = \"x\"\nminimum = 5\nreason = \"percent\"\n");
  EXPECT_NE(message_of([&] { load_effects(percent); }).find("minimum"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
