// Signals that end a command.
#include <gtest/gtest.h>

#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

TEST(Interrupt, ASchedulersTermIsTheSameAsAnInterrupt) {
  const TemporaryFolder folder;
  const auto spec = write_grid(folder);
  const std::string shard = folder.path / "shard";
  Started stopped(
      {WINDTUNNEL_PROGRAM, "sweep", spec, "--threads", "1", "--shard", "0/1", "-o", shard});
  ASSERT_TRUE(has_lines(shard, 5));
  EXPECT_EQ(stopped.end(SIGTERM), 130);
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

/// Ends `trace` while it writes 82 MB, which takes gzip a second.
void expect_nothing_left_by(int signal) {
  const TemporaryFolder folder;
  Started tracing(
      {WINDTUNNEL_PROGRAM, "trace", kPretrain, "--ranks", "0-63", "-o", folder.path / "t.json.gz"});
  for (int i = 0; i < 60'000 && names_in(folder.path).empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const std::vector<std::string> begun = names_in(folder.path);
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun[0].substr(begun[0].size() - 4), ".tmp");
  EXPECT_EQ(tracing.end(signal), -1);
  EXPECT_EQ(names_in(folder.path), std::vector<std::string>{});
}

TEST(Interrupt, LeavesNothingHalfWritten) {
  expect_nothing_left_by(SIGINT);
  expect_nothing_left_by(SIGTERM);
}

}  // namespace
}  // namespace windtunnel
