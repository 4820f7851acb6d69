#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(Main, VersionAndHelpAreFineAndGoToStdout) {
  const Ran version = run_program({"--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_EQ(version.out.find("windtunnel 0."), 0U);
  EXPECT_EQ(version.err, "");
  const Ran help = run_program({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* command : {"simulate", "report", "validate", "price"}) {
    EXPECT_NE(help.out.find(command), std::string::npos) << command;
    EXPECT_EQ(run_program({command, "--help"}).code, 0) << command;
  }
}

TEST(Main, NoCommandIsAMistake) {
  const Ran ran = run_program({});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "A subcommand is required\nRun with --help for more information.\n");
}

TEST(Main, AnUnknownCommandIsNamed) {
  const Ran near = run_program({"simulat", kPretrain});
  EXPECT_EQ(near.code, 2);
  EXPECT_EQ(near.out, "");
  EXPECT_EQ(near.err.find("windtunnel: unknown command `simulat`, did you mean `simulate`?\n"), 0U)
      << near.err;
  EXPECT_EQ(run_program({"serve"}).err.find("windtunnel: unknown command `serve`\n"), 0U);
}

TEST(Main, AnUnknownOptionIsNamed) {
  const Ran ran = run_program({"simulate", kPretrain, "--jason", "-"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("--jason"), std::string::npos) << ran.err;
}

TEST(Main, DataFromElsewhereAreFoundByTheEnvironment) {
  const TemporaryFolder empty;
  const Ran ran = run_program({"simulate", kPretrain}, {"WINDTUNNEL_ROOT=" + empty.path.string()});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(empty.without_folder(ran.err), "windtunnel: no GPU files in topologies/gpus\n");
}

}  // namespace
}  // namespace windtunnel
