#include "simulator/study/sweep_axis.h"

#include <gtest/gtest.h>

#include "simulator/base/toml_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

SweepAxis axis(const std::string& text) { return read_axis(parse_toml(text, "a.toml")); }

std::string values(const SweepAxis& axis) {
  std::string text;
  for (std::int64_t i = 0; i < axis.size; ++i) {
    for (const auto& value : setting_of(axis, i)) text += (value ? toml_text(*value) : "-") + " ";
  }
  return text;
}

TEST(SweepAxis, GoesThroughItsValuesAsTheyAreWritten) {
  EXPECT_EQ(values(axis("key = \"k\"\nvalues = [1, 2.5, \"x\", [3, 4], true]")),
            "1 2.5 \"x\" [3, 4] true ");
}

TEST(SweepAxis, ARangeGoesByStepsOrFactorsInTheUnitOfItsEnds) {
  EXPECT_EQ(values(axis("key = \"k\"\nfrom = 4\nto = 13\nstep = 4")), "4 8 12 ");
  EXPECT_EQ(values(axis("key = \"k\"\nfrom = 1\nto = 64\nfactor = 4")), "1 4 16 64 ");
  EXPECT_EQ(values(axis("key = \"k\"\nfrom = 0.1\nto = 0.3\nstep = 0.1")), "0.1 0.2 0.3 ");
  EXPECT_EQ(
      values(axis("key = \"k\"\nfrom = \"400 GB/s\"\nto = \"900 GB/s\"\nstep = \"250 GB/s\"")),
      "\"400 GB/s\" \"650 GB/s\" \"900 GB/s\" ");
  EXPECT_EQ(values(axis("key = \"k\"\nfrom = 7\nto = 7\nstep = 1")), "7 ");
}

TEST(SweepAxis, AMillionNumbersTakeNoRoom) {
  const SweepAxis numbers = axis("key = \"k\"\nfrom = 1\nto = 1000000\nstep = 1");
  EXPECT_EQ(numbers.size, 1'000'000);
  EXPECT_TRUE(numbers.settings.empty());
  EXPECT_EQ(toml_text(*setting_of(numbers, 999'999)[0]), "1000000");
}

TEST(SweepAxis, DrawsLieInTheRange) {
  const SweepAxis whole = axis("key = \"k\"\nfrom = 1\nto = 3");
  EXPECT_EQ(whole.size, 0);
  EXPECT_EQ(toml_text(*drawn_setting(whole, 0)[0]), "1");
  EXPECT_EQ(toml_text(*drawn_setting(whole, 0.999)[0]), "3");
  const SweepAxis rate = axis("key = \"k\"\nfrom = \"1 us\"\nto = \"100 us\"\nlogarithmic = true");
  EXPECT_EQ(toml_text(*drawn_setting(rate, 0.5)[0]), "\"10 us\"");
  const SweepAxis listed = axis("key = \"k\"\nvalues = [5, 6]");
  EXPECT_EQ(toml_text(*drawn_setting(listed, 0.49)[0]), "5");
  EXPECT_EQ(toml_text(*drawn_setting(listed, 0.51)[0]), "6");
}

TEST(SweepAxis, LinkedKeysGoTogetherAndPointsMayLeaveKeysAlone) {
  EXPECT_EQ(values(read_linked(parse_toml("a.b = [1, 2]\nc = [[3], [4, 5]]", "l.toml"))),
            "1 [3] 2 [4, 5] ");
  const SweepAxis points =
      read_points({parse_toml("a.b = 1", "p.toml"), parse_toml("\"a.c\" = 2\na.b = 3", "p.toml")});
  ASSERT_EQ(points.keys.size(), 2U);
  EXPECT_EQ(points.keys[1].key, "a.c");
  EXPECT_EQ(values(points), "1 - 3 2 ");
}

TEST(SweepAxis, WhatMakesNoRangeIsShown) {
  const auto problem = [](const std::string& text) {
    return message_of([&] { axis("key = \"k\"\n" + text); });
  };
  EXPECT_EQ(problem("from = \"4 GB/s\"\nto = \"9 MB/s\"\nstep = \"1 GB/s\""),
            "a.toml:3:6: error: in ` MB/s`, and `from` is in ` GB/s`\n"
            "   3 | to = \"9 MB/s\"\n"
            "     |      ^\n"
            "  accepted: the same unit in from, to and step\n");
  EXPECT_NE(problem("").find("an axis without values"), std::string::npos);
  EXPECT_NE(problem("from = 2\nto = 1\nstep = 1").find("ends below `from`"), std::string::npos);
  EXPECT_NE(problem("from = 1\nto = 2\nstep = 0").find("leads nowhere"), std::string::npos);
  EXPECT_NE(problem("from = 0\nto = 2\nfactor = 2").find("no factor leads on"), std::string::npos);
  EXPECT_NE(problem("from = 1\nto = 2\nstep = 1e-13").find("too many values"), std::string::npos);
  EXPECT_NE(problem("from = true\nto = 2\nstep = 1").find("makes no range"), std::string::npos);
  EXPECT_NE(problem("values = [1]\nfrom = 1").find("values and a range"), std::string::npos);
  EXPECT_NE(problem("from = 1\nto = 2\nstep = 1\nfactor = 2").find("step and factor"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              read_linked(parse_toml("a = [1, 2]\nb = [1]", "l.toml"));
            }).find("1 values, and `a` has 2"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
