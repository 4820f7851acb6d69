#include "simulator/hardware/table_rules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "simulator/base/csv_file.h"
#include "simulator/hardware/measurement_store.h"

namespace windtunnel {
namespace {

TEST(TableRules, EveryShippedTableHasARuleThatNamesAllItsColumns) {
  std::size_t files = 0;
  for (const char* gpu : {"a100", "h100", "h200"}) {
    const auto folder = std::filesystem::path("bench/measurements") / gpu / kCollection;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".csv") continue;
      ++files;
      const TableRule* rule = find_table_rule(entry.path().stem().string());
      ASSERT_NE(rule, nullptr) << entry.path();
      std::multiset<std::string> named(rule->categories.begin(), rule->categories.end());
      for (const AxisRule& axis : rule->axes) named.emplace(axis.column);
      for (const ValueRule& value : rule->values) named.emplace(value.column);
      named.insert(rule->remarks.begin(), rule->remarks.end());
      const CsvTable table = load_csv(entry.path());
      EXPECT_EQ(named, std::multiset<std::string>(table.columns.begin(), table.columns.end()))
          << entry.path();
    }
  }
  EXPECT_EQ(files, 46U);
}

TEST(TableRules, WaitingIsNeverAnAnswer) {
  const TableRule* rule = find_table_rule("deepep_normal");
  ASSERT_NE(rule, nullptr);
  for (const ValueRule& value : rule->values) {
    EXPECT_EQ(value.column.find("notify"), std::string_view::npos);
  }
}

TEST(TableRules, WhatWasMeasuredUnderOtherConditionsIsNeverInterpolatedBetween) {
  const TableRule* rule = find_table_rule("moe");
  const std::set<std::string_view> categories(rule->categories.begin(), rule->categories.end());
  for (const char* name : {"source", "dtype", "distribution"})
    EXPECT_EQ(categories.count(name), 1U);
}

TEST(TableRules, AnUnknownTableHasNone) { EXPECT_EQ(find_table_rule("gem"), nullptr); }

TEST(TableRules, TheTextTellsRulesApart) {
  TableRule rule = *find_table_rule("gemm");
  const std::string text = rule_text(rule);
  rule.axes[1].length *= 2;
  EXPECT_NE(rule_text(rule), text);
  EXPECT_NE(rule_text(*find_table_rule("mla_decode")),
            rule_text(*find_table_rule("mla_decode_fa3")));
}

}  // namespace
}  // namespace windtunnel
