#include "simulator/study/sweep_columns.h"

#include <gtest/gtest.h>

#include <set>

#include "simulator/base/toml_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

std::vector<Sourced<std::string>> wanted_columns(const std::string& list) {
  std::vector<Sourced<std::string>> names;
  const Node root = parse_toml("columns = " + list, "s.toml");
  for (const Node& node : std::get<std::vector<Node>>(find_node(root, "columns")->value)) {
    names.push_back({std::get<std::string>(node.value), node.source});
  }
  return names;
}

TEST(SweepColumns, AreChosenByNameOrTheUsualOnes) {
  const auto chosen =
      chosen_columns(training_columns(), wanted_columns("[\"run.days\", \"step.time_s\"]"), false);
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].name, "run.days");
  EXPECT_EQ(chosen[1].name, "step.time_s");
  const auto usual = chosen_columns(training_columns(), {}, false);
  const auto with_intervals = chosen_columns(training_columns(), {}, true);
  EXPECT_EQ(usual.size() + 4, with_intervals.size());
}

TEST(SweepColumns, ANameOccursOnce) {
  std::set<std::string_view> names;
  for (const auto& column : training_columns()) EXPECT_TRUE(names.insert(column.name).second);
  names.clear();
  for (const auto& column : serving_columns()) EXPECT_TRUE(names.insert(column.name).second);
}

TEST(SweepColumns, AnUnknownNameAndAnIntervalThatNobodyComputesAreRefused) {
  const auto problem = [](const std::string& list) {
    return message_of([&] { chosen_columns(training_columns(), wanted_columns(list), false); });
  };
  EXPECT_NE(problem("[\"step.times\"]")
                .find("s.toml:1:12: error: no column `step.times`, did you mean `step.time_s`?"),
            std::string::npos);
  EXPECT_NE(problem("[\"run.gpu_hours_low\"]").find("accepted: intervals = true beside it"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
