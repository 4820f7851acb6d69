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
  EXPECT_NE(html.find("<td>a &amp; b</td><td class=\"n\">1</td>"), std::string::npos);
  EXPECT_NE(html.find("<span class=\"badge measured\">measured</span>"), std::string::npos);
}

TEST(Table, AFigureFoldsItsTableAway) {
  const std::string html = render_figure({"Head", "Caption", "<svg></svg>", kTable, true});
  EXPECT_EQ(markup_problem(html), "");
  EXPECT_EQ(occurrences(html, "<figure class=\"wide\">"), 1);
  EXPECT_LT(html.find("<details>"), html.find("<table>"));
}

}  // namespace
}  // namespace windtunnel
