#include "simulator/hardware/table_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "simulator/base/csv_file.h"
#include "simulator/hardware/measurement_store.h"

namespace windtunnel {
namespace {

/// The rule's columns are those of the file.
void check_columns(const TableRule& rule, const std::filesystem::path& file) {
  std::multiset<std::string> named(rule.categories.begin(), rule.categories.end());
  for (const AxisRule& axis : rule.axes) named.emplace(axis.column);
  for (const ValueRule& value : rule.values) named.emplace(value.column);
  named.insert(rule.remarks.begin(), rule.remarks.end());
  const CsvTable table = load_csv(file);
  EXPECT_EQ(named, std::multiset<std::string>(table.columns.begin(), table.columns.end())) << file;
}

TEST(TableRules, EveryTableOfOtherAuthorsHasARuleOrMovesOne) {
  // Read beside H100's tables: author_times.h.
  const std::set<std::string> beside = {"deepep/normal", "deepgemm/dense", "infersim/gemm"};
  std::size_t files = 0;
  for (const char* source : {"deepep", "deepgemm", "flashmla", "infersim"}) {
    const auto folder = std::filesystem::path("bench/measurements/h800") / source;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string stem = entry.path().stem().string();
      if (entry.path().extension() != ".csv") continue;
      if (beside.count(std::string(source) + "/" + stem) > 0) continue;
      ++files;
      const auto rule = std::find_if(
          table_rules().begin(), table_rules().end(),
          [&](const TableRule& it) { return it.source == source && file_of(it) == stem; });
      ASSERT_NE(rule, table_rules().end()) << entry.path();
      check_columns(*rule, entry.path());
    }
  }
  EXPECT_EQ(files, 11U);
}

TEST(TableRules, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const TableRule& rule : table_rules()) EXPECT_TRUE(names.insert(rule.table).second);
  for (const TableRule& rule : table_rules()) {
    if (rule.continued_by.empty()) continue;
    EXPECT_EQ(names.count(rule.continued_by), 1U) << rule.table;
  }
}

TEST(TableRules, EveryShippedTableHasARuleThatNamesAllItsColumns) {
  std::size_t files = 0;
  for (const char* gpu : {"a100", "h100", "h200"}) {
    const auto folder = std::filesystem::path("bench/measurements") / gpu / kCollection;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() != ".csv") continue;
      ++files;
      const TableRule* rule = find_table_rule(entry.path().stem().string());
      ASSERT_NE(rule, nullptr) << entry.path();
      check_columns(*rule, entry.path());
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
