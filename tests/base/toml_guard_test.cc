#include "simulator/base/toml_guard.h"

#include <gtest/gtest.h>

#include <string>

namespace windtunnel {
namespace {

std::string repeated(const std::string& piece, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

TEST(TooDeep, PointsAtTheBracketThatIsOneTooMany) {
  EXPECT_EQ(too_deep("x = " + repeated("[", kDeepestNesting)), std::nullopt);
  EXPECT_EQ(too_deep("x = " + repeated("[", kDeepestNesting + 1)), 4u + kDeepestNesting);
  EXPECT_EQ(too_deep("x = " + repeated("{a=[", 20)), 4u + 4 * 16);  // 32 brackets in 16 pieces
}

TEST(TooDeep, PointsAtTheDotThatIsOneTooMany) {
  EXPECT_EQ(too_deep(repeated("a.", kDeepestNesting - 1) + "a = 1"), std::nullopt);
  EXPECT_EQ(too_deep(repeated("a.", kDeepestNesting) + "a = 1"), 2u * kDeepestNesting - 1);
  EXPECT_EQ(too_deep("[" + repeated("'='.", kDeepestNesting) + "a]"), 4u * kDeepestNesting);
}

TEST(TooDeep, IgnoresStringsAndComments) {
  const std::string brackets = repeated("[", 100) + repeated(".", 100);
  for (const std::string& text :
       {"x = '" + brackets + "'", "x = \"\\\"" + brackets + "\"", "# " + brackets,
        "x = '''\n" + brackets + "'''", "x = \"\"\"\n\"" + brackets + "\"\"\"",
        "x = [[], []]\n" + repeated("y = [\"]\"]\n", 100)}) {
    EXPECT_EQ(too_deep(text), std::nullopt) << text;
  }
  EXPECT_TRUE(too_deep("# '\n" + brackets));          // a quote in a comment opens nothing
  EXPECT_TRUE(too_deep("x = 'a # b'\n" + brackets));  // nor does a hash in a text
  EXPECT_TRUE(too_deep("x = ''\n" + brackets));       // empty, not the start of three quotes
}

TEST(TooDeep, EndsOnUnfinishedTexts) {
  for (const char* text : {"\"", "'", "\"\\", "'''", "\"\"\"\\", "#", ""}) {
    EXPECT_EQ(too_deep(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace windtunnel
