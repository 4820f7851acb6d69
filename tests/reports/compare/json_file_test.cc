#include "reports/compare/json_file.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/message.h"

namespace windtunnel {
namespace {

TEST(JsonFile, AFileThatEndsTooSoonIsToldWithItsByte) {
  EXPECT_EQ(message_of([] { parse_json("{\"benchmarks\":\n [NaN", "d.json"); }),
            "d.json:2:6: error: not JSON at byte 20 of 20: Missing a comma or ']' after an array "
            "element. The file ends here: it is cut off, or still being written.\n"
            "   2 |  [NaN\n"
            "     |      ^\n"
            "  accepted: a whole JSON document\n");
}

TEST(JsonFile, WhatIsNoJsonIsShown) {
  EXPECT_EQ(message_of([] { parse_json("{\"é\": x}", "d.json"); }),
            "d.json:1:7: error: not JSON at byte 7 of 9: Invalid value.\n"
            "   1 | {\"é\": x}\n"
            "     |       ^\n"
            "  accepted: a whole JSON document\n");
  const std::string nul("{}\0{}", 5);
  EXPECT_NE(message_of([&] { parse_json(nul, "d.json"); }).find("byte 2 of 5: a NUL byte"),
            std::string::npos);
  EXPECT_NE(message_of([] { parse_json("", "d.json"); }).find("byte 0 of 0"), std::string::npos);
}

TEST(JsonFile, ATokenThatGoesOnIsRefused) {
  for (const char* text : {"[NaNe2]", "[-Infinity0]", "[Nan]", "[I.5]"}) {
    EXPECT_NE(message_of([&] { parse_json(text, "d.json"); }).find("not JSON at byte"),
              std::string::npos);
  }
  EXPECT_EQ(message_of([] { parse_json("[\"NaNe2\\\"I\", -Inf, NaN]", "d.json"); }), "no error");
}

TEST(JsonFile, DeepNestingIsNoCrash) {
  EXPECT_NE(message_of([] { parse_json(std::string(1'000'000, '['), "d.json"); }), "no error");
  parse_json(std::string(100'000, '[') + std::string(100'000, ']'), "d.json");
}

TEST(JsonFile, ValuesMayBeTextsAndNotFinite) {
  const JsonFile file = parse_json(
      R"({"a": NaN, "b": -Infinity, "c": "0.5", "d": "nan", "e": null, "f": "true",
          "g": [1, "2"]})",
      "d.json");
  EXPECT_TRUE(std::isnan(*json_number(file, file.root, "a")));
  EXPECT_EQ(*json_number(file, file.root, "b"), -HUGE_VAL);
  EXPECT_EQ(*json_number(file, file.root, "c"), 0.5);
  EXPECT_TRUE(std::isnan(*json_number(file, file.root, "d")));
  EXPECT_FALSE(json_number(file, file.root, "e"));
  EXPECT_FALSE(json_number(file, file.root, "missing"));
  EXPECT_TRUE(json_flag(file.root, "f"));
  EXPECT_EQ(json_numbers(file, file.root, "g"), (std::vector{1.0, 2.0}));
}

TEST(JsonFile, AWrongTypeIsShownAtItsName) {
  const JsonFile file = parse_json("{\"a\\n\": 1,\n \"real_time\": []}", "d.json");
  EXPECT_EQ(message_of([&] { json_number(file, file.root, "real_time"); }),
            "d.json:2:3: error: `real_time` has the wrong type\n"
            "   2 |  \"real_time\": []}\n"
            "     |   ^\n"
            "  accepted: a number\n");
  EXPECT_NE(message_of([&] { json_objects(file, file.root, "a\n"); }), "no error");
}

}  // namespace
}  // namespace windtunnel
