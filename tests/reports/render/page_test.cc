#include "reports/render/page.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(Page, HeadAndFootHoldWhatStandsBetween) {
  const std::string page =
      page_head("a < b") + "<h1>x</h1>\n" + page_foot("<p>note</p>", {"0.1", "<abc>"});
  EXPECT_EQ(page.find("<!DOCTYPE html>"), 0U);
  EXPECT_NE(page.find("<title>a &lt; b - Windtunnel</title>"), std::string::npos);
  EXPECT_NE(page.find("<p>note</p><p>Windtunnel 0.1 (&lt;abc&gt;).</p>"), std::string::npos);
  EXPECT_EQ(occurrences(page, "<main"), occurrences(page, "</main>"));
  EXPECT_EQ(markup_problem(page.substr(page.find("<html"))), "");
}

}  // namespace
}  // namespace windtunnel
