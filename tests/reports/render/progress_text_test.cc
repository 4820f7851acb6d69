#include "reports/render/progress_text.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

ProgressText lines(double silence = 0, double least = 0) {
  return {"work", {.bar = false, .colour = false, .silence = {silence}, .least = {least}}};
}

ProgressText bar(bool colour = false) {
  return {"work", {.bar = true, .colour = colour, .silence = {0}, .least = {0}}};
}

TEST(ProgressText, OffATerminalIsALineAtEveryTenth) {
  ProgressText text = lines();
  std::string all;
  for (int i = 0; i <= 1000; ++i) all += text.update(i / 1000.0, {0});
  EXPECT_EQ(all,
            "work: 10 %\nwork: 20 %\nwork: 30 %\nwork: 40 %\nwork: 50 %\nwork: 60 %\n"
            "work: 70 %\nwork: 80 %\nwork: 90 %\nwork: 100 %\n");
  EXPECT_EQ(text.finish(), "");
}

TEST(ProgressText, SaysNothingOfWhatIsShort) {
  ProgressText text = lines(1);
  EXPECT_EQ(text.update(0.9, {0.99}), "");
  EXPECT_EQ(text.update(0.95, {1}), "work: 90 %\n");
}

// After 2 s of what will take 2 / 0.5 = 4 s, not of what will take 2 / 0.9.
TEST(ProgressText, SaysNothingOfWhatWillBeShort) {
  EXPECT_EQ(lines(1, 3).update(0.9, {2}), "");
  ProgressText text = lines(1, 3);
  EXPECT_EQ(text.update(0.5, {2}), "work: 50 %\n");
  EXPECT_EQ(text.update(0.99, {2.1}), "work: 90 %\n");
}

TEST(ProgressText, SkippedTenthsAreOneLineAndNothingGoesBack) {
  ProgressText text = lines();
  EXPECT_EQ(text.update(0.39, {0}), "work: 30 %\n");
  EXPECT_EQ(text.update(0.2, {0}), "");
  EXPECT_EQ(text.update(0.4, {0}), "work: 40 %\n");
  EXPECT_EQ(text.update(7, {0}), "work: 100 %\n");
}

TEST(ProgressText, OnATerminalABarRedrawsItselfAndGoes) {
  ProgressText text = bar();
  EXPECT_EQ(text.update(0.25, {0}),
            "\r\x1b[Kwork [##########..............................]  25 %");
  EXPECT_EQ(text.update(0.2501, {0}), "");
  EXPECT_EQ(text.update(0.1, {0}), "");
  EXPECT_NE(text.update(1, {0}), "");
  EXPECT_EQ(text.finish(), "\r\x1b[K");
  EXPECT_EQ(text.finish(), "");
  EXPECT_EQ(bar().finish(), "");
}

TEST(ProgressText, ColoursTheBarOnlyWhenAsked) {
  EXPECT_EQ(bar().update(0.5, {0}).find("\x1b[32m"), std::string::npos);
  EXPECT_NE(bar(true).update(0.5, {0}).find("\x1b[32m"), std::string::npos);
}

// A quarter was there at the start; half a share more took 2 s, the last quarter takes 1 s.
TEST(ProgressText, SaysHowLongTheRestTakesAtThePaceSoFar) {
  ProgressText text{"work",
                    {.bar = false, .colour = false, .silence = {0}, .least = {0}, .rest = true}};
  EXPECT_EQ(text.update(0.25, {1}), "work: 20 %\n");
  EXPECT_EQ(text.update(0.75, {3}), "work: 70 %, 1 s left\n");
  EXPECT_EQ(text.update(0.8, {603}), "work: 80 %, 4 min left\n");
  EXPECT_EQ(text.update(1, {700}), "work: 100 %\n");
}

}  // namespace
}  // namespace windtunnel
