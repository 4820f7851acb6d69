#include "reports/compare/history_page.h"

#include <gtest/gtest.h>

#include "tests/reports/compare/sample_history.h"
#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(HistoryPage, HasALineABenchmarkAndTheChangedOneFirst) {
  std::vector<History> all = sample_history();
  all[0].series.benchmark = "calm<&>";
  const std::string page = render_history_page(all, {"0.1", "abc"});
  EXPECT_EQ(page.find("<!DOCTYPE html>"), 0U);
  EXPECT_EQ(
      markup_problem(page.substr(page.find("<main"), page.find("<footer") - page.find("<main"))),
      "");
  EXPECT_EQ(occurrences(page, "<svg"), 2);
  EXPECT_EQ(occurrences(page, "class=\"spark\""), 2);
  EXPECT_LT(page.find(">jumps<"), page.find(">calm&lt;&amp;&gt;<"));
  EXPECT_NE(page.find("+10.0 %</span> since c10"), std::string::npos);
  EXPECT_NE(page.find("2 benchmarks, 1 with changes"), std::string::npos);
}

TEST(HistoryPage, ListsAThousandAndSaysHowManyMore) {
  std::vector<History> all = sample_history();
  const History calm = all[0];
  while (all.size() < 1003) all.push_back(calm);
  const std::string page = render_history_page(all, {"0.1", "abc"});
  EXPECT_EQ(occurrences(page, "<svg"), 1000);
  EXPECT_NE(page.find("3 more are in the document"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
