#include "reports/render/verdict.h"

#include <gtest/gtest.h>

#include <limits>

namespace windtunnel {
namespace {

ComparisonRow row(const char* name, double error, std::optional<double> tolerance,
                  bool comparable = true) {
  return {.model = "m",
          .quantity = name,
          .unit = "s",
          .published = 1,
          .projected = 1 + error,
          .low = std::nullopt,
          .high = std::nullopt,
          .error = error,
          .tolerance = tolerance,
          .provenance = "",
          .source = "",
          .comparable = comparable,
          .reason = ""};
}

TEST(Verdict, TheToleranceItselfIsStillWithin) {
  EXPECT_EQ(verdict(row("a", 0.1, 0.1)), Verdict::kWithin);
  EXPECT_EQ(verdict(row("a", -0.1, 0.1)), Verdict::kWithin);
  EXPECT_EQ(verdict(row("a", -0.1001, 0.1)), Verdict::kOutside);
}

TEST(Verdict, OnlyAComparableFigureWithAToleranceCanFail) {
  EXPECT_EQ(verdict(row("a", 9, std::nullopt)), Verdict::kNoTolerance);
  EXPECT_EQ(verdict(row("a", 9, 0.1, false)), Verdict::kNotComparable);
}

TEST(Verdict, AnErrorThatIsNotANumberFails) {
  EXPECT_EQ(verdict(row("a", std::numeric_limits<double>::quiet_NaN(), 0.1)), Verdict::kOutside);
}

TEST(Verdict, WordsNameTheTolerance) {
  EXPECT_EQ(verdict_words(row("a", 0.2, 0.1)), "outside 10 %");
  EXPECT_EQ(verdict_words(row("a", 0, 0.001)), "within 0.1 %");
  EXPECT_EQ(verdict_words(row("a", 0, std::nullopt)), "no tolerance");
  EXPECT_EQ(verdict_words(row("a", 0, 0.1, false)), "not comparable");
}

TEST(Verdict, FailuresComeFirstTheLargestErrorLeading) {
  const std::vector<ComparisonRow> sorted = failures_first(
      {row("apart", 5, 0.1, false), row("fine", 0.01, 0.1), row("bad", 0.2, 0.1),
       row("untold", 3, std::nullopt), row("worse", -0.5, 0.1), row("finer", 0.001, 0.1)});
  std::string order;
  for (const ComparisonRow& it : sorted) order += it.quantity + " ";
  EXPECT_EQ(order, "worse bad fine finer untold apart ");
}

TEST(Verdict, RowsAreCountedByVerdict) {
  const std::vector<ComparisonRow> rows = {row("a", 0.2, 0.1), row("b", 0, 0.1), row("c", 0, 0.1)};
  EXPECT_EQ(count(rows, Verdict::kOutside), 1);
  EXPECT_EQ(count(rows, Verdict::kWithin), 2);
  EXPECT_EQ(count(rows, Verdict::kNoTolerance), 0);
}

}  // namespace
}  // namespace windtunnel
