#include "reports/render/card.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(Card, FramesANumberAndLeadsToItsSources) {
  const std::string html = render_card(
      {"GPU hours", "2 <M>", "1 to 3", "a note", "50 % measured", "measured", "s-sources"});
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_NE(html.find("2 &lt;M&gt;"), std::string::npos);
  EXPECT_NE(html.find("href=\"#s-sources\""), std::string::npos);
}

TEST(Card, TheMainBasisIsThatOfMostOfTheTime) {
  EXPECT_EQ(main_basis({0.5, 0.3, 0.2}).words, "50.0 % measured");
  EXPECT_EQ(main_basis({0.2, 0.5, 0.3}).css, "scaled");
  EXPECT_EQ(main_basis({0.2, 0.3, 0.5}).css, "estimated");
}

TEST(Card, SharesAreABarAndWords) {
  const std::string html = shares_bar({0.75, 0.25, 0});
  EXPECT_EQ(markup_problem("<div>" + html + "</div>"), "");
  EXPECT_NE(html.find("class=\"s-measured\" style=\"width:75%\""), std::string::npos);
  EXPECT_EQ(occurrences(html, "s-estimated"), 0);
  EXPECT_NE(html.find("0.0 % estimated"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
