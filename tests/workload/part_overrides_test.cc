#include "simulator/workload/part_overrides.h"

#include <gtest/gtest.h>

#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

TEST(PartOverrides, KeysOfTheModelAndTheClusterAreForTheirFiles) {
  Node root = parse_toml("a = 1\ncluster = \"c.toml\"\n", "scenario.toml");
  const PartOverrides parts =
      apply_overrides(root, {{"a", "2"}, {"cluster.nodes", "3"}, {"model.hidden", "4"}}, "here");
  EXPECT_EQ(parts.cluster, (std::vector<Override>{{"nodes", "3"}}));
  EXPECT_EQ(parts.model, (std::vector<Override>{{"hidden", "4"}}));
  EXPECT_EQ(toml_text(root), "{\"a\" = 2, \"cluster\" = \"c.toml\"}");
}

TEST(PartOverrides, AreReadInTheFileThatIsNamed) {
  const TemporaryFolder folder;
  const auto file = folder.write("c.toml", "nodes = 1\nname = \"c\"\n");
  const Node changed = changed_file({file.string(), {}}, {{"nodes", "3"}}, "here");
  EXPECT_EQ(toml_text(changed), "{\"nodes\" = 3, \"name\" = \"c\"}");
}

}  // namespace
}  // namespace windtunnel
