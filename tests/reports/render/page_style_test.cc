#include "reports/render/page_style.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(PageStyle, ServesLightDarkAndPaper) {
  const std::string css(page_style());
  EXPECT_EQ(occurrences(css, "prefers-color-scheme:dark"), 1);
  EXPECT_EQ(occurrences(css, "@media print"), 1);
  EXPECT_EQ(occurrences(css, "{"), occurrences(css, "}"));
}

TEST(PageStyle, LoadsNothingAndIsSafeInsideAPage) {
  const std::string css(page_style());
  for (const char* bad : {"url(", "@import", "<", "&"}) EXPECT_EQ(occurrences(css, bad), 0) << bad;
}

}  // namespace
}  // namespace windtunnel
