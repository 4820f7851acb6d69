#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(ManCommand, IsAManualPage) {
  const Ran ran = run_program({"man"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out.find(".TH WINDTUNNEL 1 "), 0U);
  EXPECT_EQ(ran.err, "");
}

}  // namespace
}  // namespace windtunnel
