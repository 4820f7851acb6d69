#include "simulator/batch/row_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

TEST(RowText, QuotesWhatNeedsItAndStaysOneLine) {
  EXPECT_EQ(row_text({"1", "", "a,b", "say \"so\"", "two\nlines"}),
            "1,,\"a,b\",\"say \"\"so\"\"\",\"two lines\"");
  EXPECT_EQ(row_text({""}), "");
}

RC_GTEST_PROP(RowText, IsReadBack, (std::vector<std::string> cells)) {
  RC_PRE(!cells.empty());
  const std::string text = row_text(cells);
  RC_ASSERT(text.find('\n') == std::string::npos);
  for (std::string& cell : cells) {
    for (char& c : cell) {
      if (c == '\n' || c == '\r' || c == '\t') c = ' ';
    }
  }
  RC_ASSERT(row_cells(text) == cells);
}

}  // namespace
}  // namespace windtunnel
