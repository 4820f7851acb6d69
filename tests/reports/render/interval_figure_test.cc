#include "reports/render/interval_figure.h"

#include <gtest/gtest.h>

#include "reports/render/format.h"
#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(IntervalFigure, SaysHowFarEachLiesFromTheFirst) {
  const Figure figure = interval_figure(
      "Hours", "GPU hours", {{"a", 100, 90, 110}, {"b", 150, 140, 170}}, format_gpu_hours, "i");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(figure.table.rows[0][3].text, "+0.0 %");
  EXPECT_EQ(figure.table.rows[1][3].text, "+50.0 %");
  EXPECT_EQ(figure.svg.find("logarithmic"), std::string::npos);
}

TEST(IntervalFigure, ValuesFarApartAreOnALogarithmicAxis) {
  const Figure figure = interval_figure(
      "Hours", "GPU hours", {{"a", 100, 90, 110}, {"b", 1e6, 0.9e6, 1.1e6}}, format_gpu_hours, "i");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_NE(figure.svg.find("GPU hours, logarithmic"), std::string::npos);
  EXPECT_NE(figure.svg.find(">1.000 M<"), std::string::npos);
}

TEST(IntervalFigure, OfNothingIsEmpty) {
  EXPECT_EQ(markup_problem(interval_figure("H", "q", {}, format_gpu_hours, "i").svg), "");
}

}  // namespace
}  // namespace windtunnel
