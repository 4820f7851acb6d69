#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

// From another folder a shipped scenario is still found, by the name that the README uses.
TEST(Shipped, ScenariosAreFoundFromAnyFolder) {
  const TemporaryFolder folder;
  const std::string ask =
      "cd " + folder.path.string() + " && " WINDTUNNEL_PROGRAM " simulate " + kPair;
  const Ran ran = run_command({"/bin/sh", "-c", ask});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("overlapped pair of four MoE layers"), std::string::npos);
  const Ran missing = run_command(
      {"/bin/sh", "-c",
       "cd " + folder.path.string() + " && " WINDTUNNEL_PROGRAM " simulate nowhere.toml"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(missing.err.find("nowhere.toml:1:1: error: can't read"), 0U) << missing.err;
}

// A file of that name in the current folder comes first.
TEST(Shipped, TheCurrentFolderComesFirst) {
  const TemporaryFolder folder;
  folder.write(kPair, "kind = 3\n");
  const Ran ran =
      run_command({"/bin/sh", "-c",
                   "cd " + folder.path.string() + " && " WINDTUNNEL_PROGRAM " simulate " + kPair});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.err.find(kPair + ":1:"), 0U) << ran.err;
}

}  // namespace
}  // namespace windtunnel
