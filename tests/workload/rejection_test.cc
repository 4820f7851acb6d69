#include "simulator/workload/rejection.h"

#include <gtest/gtest.h>

#include "simulator/base/toml_file.h"
#include "tests/base/message.h"

namespace windtunnel {
namespace {

TEST(Reject, PointsAtTheKeyOrTheTableThatLacksIt) {
  const Node root = parse_toml("[a]\nb = 1\n", "f.toml");
  EXPECT_EQ(message_of([&] { reject(root, "a.b", "too few", "2"); }),
            "f.toml:2:5: error: too few\n"
            "   2 | b = 1\n"
            "     |     ^\n"
            "  accepted: 2\n");
  const std::string lacking = message_of([&] { reject(root, "a.c", "is needed", "c = 1"); });
  EXPECT_EQ(lacking.find("f.toml:1:1: error: is needed"), 0U) << lacking;
}

TEST(DivisorsNear, AreTheNextOnEitherSide) {
  EXPECT_EQ(divisors_near(12, 5), "4 or 6");
  EXPECT_EQ(divisors_near(12, 4), "4");
  EXPECT_EQ(divisors_near(12, 100), "12");
  EXPECT_EQ(divisors_near(7, 3), "1 or 7");
}

}  // namespace
}  // namespace windtunnel
