#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(CompletionCommand, KnowsThreeShells) {
  EXPECT_EQ(run_program({"completion", "bash"}).out.find("# Completion of windtunnel for bash"),
            0U);
  EXPECT_EQ(run_program({"completion", "zsh"}).out.find("#compdef windtunnel\n"), 0U);
  EXPECT_EQ(run_program({"completion", "fish"}).out.find("# Completion of windtunnel for fish"),
            0U);
  const Ran other = run_program({"completion", "tcsh"});
  EXPECT_EQ(other.code, 2);
  EXPECT_EQ(other.out, "");
}

}  // namespace
}  // namespace windtunnel
