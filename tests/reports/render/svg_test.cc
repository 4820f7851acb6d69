#include "reports/render/svg.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(Svg, TextIsEscapedAndControlCharactersAreReplaced) {
  EXPECT_EQ(escape("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(escape(std::string("a\0b\x1b", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
}

RC_GTEST_PROP(Svg, EscapedTextIsWellFormedWhateverItHolds, (const std::string& text)) {
  RC_ASSERT(markup_problem("<a b=\"" + escape(text) + "\">" + escape(text) + "</a>") == "");
}

TEST(Svg, AScaleMapsItsEndsAndAnEmptyOneItsBeginning) {
  const Scale scale = {10, 20, 100, 300};
  EXPECT_EQ(scale.at(10), 100);
  EXPECT_EQ(scale.at(15), 200);
  EXPECT_EQ(scale.at(20), 300);
  const Scale empty = {5, 5, 100, 300};
  EXPECT_EQ(empty.at(5), 100);
}

TEST(Svg, TicksAreRoundAndInsideTheRange) {
  EXPECT_EQ(ticks(0, 20, 5), (std::vector<double>{0, 5, 10, 15, 20}));
  EXPECT_EQ(ticks(3, 3, 5), (std::vector<double>{3}));
  const std::vector<double> small = ticks(0.1, 0.35, 3);
  ASSERT_EQ(small.size(), 3U);
  EXPECT_NEAR(small[2], 0.3, 1e-12);
  EXPECT_EQ(tick_decimals(small), 1);
  EXPECT_EQ(tick_decimals({0, 5, 10}), 0);
}

RC_GTEST_PROP(Svg, TicksStayWithinTheirRangeAndFew, (int from, unsigned short width)) {
  const double low = from;
  const double high = low + width + 1;
  const std::vector<double> all = ticks(low, high, 5);
  RC_ASSERT(all.size() <= 11U);
  for (const double tick : all) {
    RC_ASSERT(tick >= low - 1e-6 && tick <= high + 1e-6);
  }
}

TEST(Svg, ADocumentNamesAndDescribesItself) {
  const std::string text = svg_document({"f", "A <title>", "What it shows", 10, 20.5},
                                        svg_rect({1, 2, -3, 4}, "a", "hover"));
  EXPECT_EQ(markup_problem(text), "");
  EXPECT_NE(text.find("viewBox=\"0 0 10 20.5\""), std::string::npos);
  EXPECT_NE(text.find("<title id=\"f-t\">A &lt;title&gt;</title>"), std::string::npos);
  EXPECT_NE(text.find("width=\"0\" height=\"4\"><title>hover</title></rect>"), std::string::npos);
}

TEST(Svg, ALegendWrapsInsteadOfRunningOut) {
  const std::vector<LegendEntry> entries(6, {"twelve chars", "a", ""});
  EXPECT_EQ(svg_legend(entries, 0, 0, 1000).height, 20);
  EXPECT_EQ(svg_legend(entries, 0, 0, 230).height, 60);
  EXPECT_EQ(svg_legend({}, 0, 0, 230).height, 0);
}

TEST(Svg, AnAxisLabelsEachOfItsTicks) {
  const std::string axis =
      svg_axis({0, 20, 0, 400}, 0, 50, "name", [](double, int) { return "v"; });
  EXPECT_EQ(occurrences(axis, ">v</text>"), 5);  // 0, 5, ... 20: at least 56 px apart
  EXPECT_EQ(occurrences(axis, ">name</text>"), 1);
}

}  // namespace
}  // namespace windtunnel
