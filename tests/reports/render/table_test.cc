#include "reports/render/table.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

const DataTable kTable = {{{"name <", false}, {"size", true}},
                          {{{"a & b"}, {"1"}}, {{"measured", "measured"}, {"22"}}}};

TEST(Table, CellsAreEscapedAlignedAndFramed) {
  const std::string html = render_table(kTable);
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_NE(html.find("<th scope=\"col\">name &lt;</th>"), std::string::npos);
  EXPECT_NE(html.find("<th scope=\"row\">a &amp; b</th><td class=\"n\">1</td>"), std::string::npos);
  EXPECT_NE(html.find("<span class=\"badge measured\">measured</span>"), std::string::npos);
}

TEST(Table, AFigureFoldsItsTableAway) {
  const std::string html = render_figure({"Head", "Caption", "<svg></svg>", kTable, true});
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_EQ(occurrences(html, "<figure class=\"wide\">"), 1);
  EXPECT_LT(html.find("<details>"), html.find("<table>"));
}

// What scrolls sideways can be scrolled by keyboard, and says what it is.
TEST(Table, ScrollsByKeyboard) {
  DataTable table = kTable;
  EXPECT_NE(
      render_table(table).find("role=\"region\" tabindex=\"0\" aria-label=\"table by name &lt;\""),
      std::string::npos);
  table.name = "sizes";
  EXPECT_NE(render_table(table).find("aria-label=\"sizes\""), std::string::npos);
}

TEST(Table, ABadgeLeadsToItsRowAndASourceToItsPaper) {
  DataTable table = kTable;
  table.row_id = "source";
  table.rows[0][0] = {"measured", "measured", "source-2"};
  table.rows[0][1] = {"arXiv 2412.19437", "", "", true};
  const std::string html = render_table(table);
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_NE(html.find("<tr id=\"source-2\">"), std::string::npos);
  EXPECT_NE(html.find("<a class=\"badge measured\" href=\"#source-2\">measured</a>"),
            std::string::npos);
  EXPECT_NE(html.find("<a href=\"https://arxiv.org/abs/2412.19437\">"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
