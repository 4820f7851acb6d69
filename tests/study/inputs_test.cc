#include "simulator/study/inputs.h"

#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(Inputs, AreFoldersAsOneAndFilesByTheirHash) {
  const TemporaryFolder root;
  root.write("bench/measurements/a/t.csv", "x\n1\n");
  root.write("topologies/gpus/g.toml", "id = \"g\"\n");
  const auto file = root.write("s.toml", "name = \"s\"\n");
  const auto inputs = input_files({file}, root.path);
  ASSERT_EQ(inputs.size(), 3U);
  EXPECT_EQ(inputs[0].path, "bench/measurements (1 files)");
  EXPECT_EQ(inputs[1].path, "topologies/gpus (1 files)");
  EXPECT_EQ(inputs[2].path, file.string());
  root.write("bench/measurements/a/t.csv", "x\n2\n");
  root.write("s.toml", "name = \"t\"\n");
  const auto changed = input_files({file}, root.path);
  EXPECT_NE(changed[0].hash, inputs[0].hash);
  EXPECT_EQ(changed[1].hash, inputs[1].hash);
  EXPECT_NE(changed[2].hash, inputs[2].hash);
}

TEST(Inputs, ThisProcessHoldsSomeMemory) { EXPECT_GT(peak_rss().value, 1e6); }

}  // namespace
}  // namespace windtunnel
