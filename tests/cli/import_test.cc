#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(Import, AppendsAFileOnce) {
  const TemporaryFolder folder;
  const std::string database = folder.path / "r.db";
  const std::string file =
      folder.write("a.json", R"({"benchmarks": [{"name": "a", "real_time": 5}]})");
  const Ran first = run_program({"import", file, "--database", database, "--commit", "abc"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_EQ(first.out, "run 1: 1 benchmark from google_benchmark\n");
  const Ran again = run_program({"import", file, "--database", database});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.out, "");
  EXPECT_NE(again.err.find("already"), std::string::npos);
}

TEST(Import, AnEmptyCommitOrDateIsRefused) {
  const TemporaryFolder folder;
  const std::string database = folder.path / "r.db";
  const std::string file =
      folder.write("a.json", R"({"benchmarks": [{"name": "a", "real_time": 5}]})");
  for (const char* option : {"--commit", "--date"}) {
    const Ran ran = run_program({"import", file, "--database", database, option, ""});
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_NE(ran.err.find(option), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("is empty"), std::string::npos) << ran.err;
  }
  EXPECT_FALSE(std::filesystem::exists(database));
}

TEST(Import, ABadFileLeavesTheDatabaseAlone) {
  const TemporaryFolder folder;
  const std::string database = folder.path / "r.db";
  const std::string file = folder.write("a.json", "{\"benchmarks\": [");
  EXPECT_EQ(run_program({"import", file, "--database", database}).code, 2);
  EXPECT_FALSE(std::filesystem::exists(database));
}

}  // namespace
}  // namespace windtunnel
