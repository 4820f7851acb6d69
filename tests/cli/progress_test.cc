#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(Progress, GoesToStderrALineATenthAndLeavesStdoutAlone) {
  const Ran plain = run_program({"simulate", kPair, "--progress", "never"});
  const Ran shown = run_program({"simulate", kPair, "--progress", "always"});
  EXPECT_EQ(plain.err, "");
  EXPECT_EQ(shown.out, plain.out);
  EXPECT_EQ(shown.err.find("windtunnel simulate: 10 %\n"), 0U) << shown.err;
  EXPECT_NE(shown.err.find("windtunnel simulate: 100 %\n"), std::string::npos) << shown.err;
  EXPECT_EQ(shown.err.find('\x1b'), std::string::npos);
}

TEST(Progress, IsKnownToEveryCommandThatTakesLong) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"validate", "--filter", "memory"},
        {"report", kPair, kPair, "-o", "-"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.begin(), {"--progress", "always"});
    const Ran ran = run_program(arguments);
    EXPECT_EQ(ran.code, 0);
    EXPECT_NE(ran.err.find("windtunnel " + command[0] + ": 50 %\n"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("100 %\n"), std::string::npos) << ran.err;
  }
}

TEST(Progress, QuietSilencesItBeforeAndAfterTheCommand) {
  EXPECT_EQ(run_program({"--quiet", "simulate", kPair, "--progress", "always"}).err, "");
  EXPECT_EQ(run_program({"simulate", kPair, "--progress", "always", "--quiet"}).err, "");
  EXPECT_EQ(run_program({"-q", "validate", "--filter", "memory", "--progress", "always"}).err, "");
  EXPECT_EQ(run_program({"simulate", kPair, "--progress", "never"}).err, "");
  EXPECT_EQ(run_program({"price", "gemm", "--gpu", "h800", "--shape",
                         "dtype=bfloat16,m=64,n=64,k=64", "--quiet"})
                .code,
            0);
  EXPECT_EQ(run_program({"--quiet", "schema", "gpu"}).code, 0);
}

TEST(Progress, QuietSilencesWarningsAndNoErrors) {
  const std::vector<std::string> arguments{"simulate",  kPair,        "--json", "-",
                                           "--explain", "--progress", "never"};
  EXPECT_EQ(run_program(arguments).err,
            "windtunnel: warning: --explain is left out: the document takes stdout\n");
  std::vector<std::string> quiet = arguments;
  quiet.emplace_back("--quiet");
  EXPECT_EQ(run_program(quiet).err, "");
  const Ran mistaken = run_program({"--quiet", "simulate", "nowhere.toml"});
  EXPECT_EQ(mistaken.code, 2);
  EXPECT_NE(mistaken.err, "");
  EXPECT_EQ(run_program({"-q", "simulat"}).err.find("windtunnel: unknown command `simulat`"), 0U);
  EXPECT_EQ(run_program({"simulate", kPair, "--progress", "often"}).code, 2);
}

TEST(Progress, WhatDoesNotFitIsAWarning) {
  const std::vector<std::string> arguments{"simulate",   kPair,  "--set", "memory.reserved=80 GB",
                                           "--progress", "never"};
  const Ran ran = run_program(arguments);
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err.find("windtunnel: warning: " + kPair + ": rank 0 needs "), 0U) << ran.err;
  EXPECT_NE(ran.err.find(" of 79.1 GiB, this does not fit\n"), std::string::npos) << ran.err;
}

// The bar needs a terminal on stderr that can redraw; NO_COLOR takes its colours, not the bar.
TEST(Progress, IsABarOnATerminal) {
  if (!has_terminals()) GTEST_SKIP() << "no terminals here (/dev/pts)";
  const std::vector<std::string> arguments{"simulate", kPair, "--progress", "always"};
  const Ran coloured = run_program(arguments, {"TERM=xterm"}, ErrorTo::kTerminal);
  EXPECT_EQ(coloured.code, 0);
  EXPECT_NE(coloured.err.find("\r\x1b[Kwindtunnel simulate [\x1b[32m#"), std::string::npos)
      << coloured.err;
  EXPECT_TRUE(coloured.err.ends_with("\r\x1b[K")) << coloured.err;
  const Ran plain = run_program(arguments, {"TERM=xterm", "NO_COLOR=1"}, ErrorTo::kTerminal);
  EXPECT_NE(plain.err.find("\r\x1b[Kwindtunnel simulate [#"), std::string::npos) << plain.err;
  const Ran dumb = run_program(arguments, {"TERM=dumb"}, ErrorTo::kTerminal);
  EXPECT_NE(dumb.err.find("windtunnel simulate: 10 %"), std::string::npos) << dumb.err;
  EXPECT_EQ(run_program({"simulate", kPair, "-q"}, {"TERM=xterm"}, ErrorTo::kTerminal).err, "");
}

}  // namespace
}  // namespace windtunnel
