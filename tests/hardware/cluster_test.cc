#include "simulator/hardware/cluster.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

Cluster load_shipped() { return load_cluster("topologies/h800-2048.toml", {}); }

TEST(Cluster, OfDeepSeekHas2048Gpus) {
  const Cluster cluster = load_shipped();
  EXPECT_EQ(gpu_count(cluster), 2048);
  EXPECT_EQ(cluster.gpu.id, "h800");
  EXPECT_EQ(cluster.scale_up.effective.value, 160e9);
  EXPECT_EQ(cluster.scale_out.effective.value, 40e9);
  ASSERT_TRUE(cluster.scale_out.effective_high.has_value());
  EXPECT_EQ(cluster.scale_out.effective_high->value, 48.5e9);
}

TEST(Cluster, ExtendingOneKeepsItsGpuAndLinks) {
  const Cluster small = load_cluster("topologies/h800-64.toml", {});
  EXPECT_EQ(gpu_count(small), 64);
  EXPECT_EQ(small.scale_out.peak.value, load_shipped().scale_out.peak.value);
}

TEST(Path, StaysInsideTheNodeWhereItCan) {
  const Cluster cluster = load_shipped();
  EXPECT_EQ(&path(cluster, 0, 7), &cluster.scale_up);
  EXPECT_EQ(&path(cluster, 7, 8), &cluster.scale_out);
  EXPECT_EQ(&path(cluster, 2047, 2040), &cluster.scale_up);
}

TEST(Cluster, NeedsTheSourceOfALink) {
  const TemporaryFolder folder;
  const auto file = folder.path / "cluster.toml";
  write_file_atomically(file,
                        "name = \"x\"\ngpu = \"g.toml\"\nnodes = 1\ngpus_per_node = 8\n"
                        "[scale_up]\npeak = \"1 GB/s\"\neffective = \"1 GB/s\"\n"
                        "latency = \"1 us\"\n");
  try {
    load_cluster(file, {});
    FAIL();
  } catch (const ConfigError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("cluster.toml:5:1: error: "), std::string::npos) << text;
    EXPECT_NE(text.find("source"), std::string::npos) << text;
  }
}

TEST(Cluster, ReachesNoMoreThanALinkIsSoldAs) {
  const TemporaryFolder folder;
  const std::string base =
      "extends = \"" + std::filesystem::absolute("topologies/h800-2048.toml").string() + "\"\n";
  const auto message = [&](const std::string& text) -> std::string {
    const auto file = folder.write("cluster.toml", base + text);
    try {
      load_cluster(file, {});
    } catch (const ConfigError& error) {
      return folder.without_folder(error.what());
    }
    return "no error";
  };
  EXPECT_EQ(message("[scale_out]\npeak = \"100 GB/s\"\neffective_high = \"120 GB/s\"\n"),
            "cluster.toml:4:18: error: more than the link's peak\n"
            "   4 | effective_high = \"120 GB/s\"\n"
            "     |                  ^\n"
            "  accepted: effective <= effective_high <= peak\n");
  EXPECT_NE(message("[scale_up]\neffective = \"201 GB/s\"\n").find("more than the link's peak"),
            std::string::npos);
  EXPECT_NE(message("[scale_out]\npeak = \"100 GB/s\"\neffective = \"80 GB/s\"\n")
                .find("the range ends below `effective`"),
            std::string::npos);
  EXPECT_EQ(message("[scale_out]\npeak = \"100 GB/s\"\neffective_high = \"90 GB/s\"\n"),
            "no error");
}

}  // namespace
}  // namespace windtunnel
