// What sweeps write, and where.
#include <gtest/gtest.h>

#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

TEST(BatchCommand, TheTableIsNamedAfterTheSpecificationAndStaysAlone) {
  const TemporaryFolder folder;
  write_grid(folder);
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder.path);
  const Ran whole = run_program({"sweep", "grid.toml", "--csv", "-"});
  const Ran shard = run_program({"sweep", "grid.toml", "--shard", "2/90"});
  std::filesystem::current_path(here);
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_EQ(whole.out.find("id,run.tokens,"), 0U) << whole.out;
  EXPECT_EQ(shard.code, 0) << shard.err;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"grid.2-of-90.shard", "grid.db", "grid.toml"}));
}

TEST(BatchCommand, AShardHasNoTable) {
  const TemporaryFolder folder;
  const Ran ran = run_program({"sweep", write_grid(folder), "--shard", "0/2", "--csv", "-"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("`merge` makes the table"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace windtunnel
