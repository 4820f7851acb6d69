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

TEST(SpannedBy, AddsTheSwitchesThatAGroupIsApart) {
  const Cluster plain = load_shipped();
  EXPECT_EQ(spanned_by(plain, 64).scale_out.latency.value, plain.scale_out.latency.value);
  const Cluster tree = load_cluster("topologies/h800-2048-two-layer.toml", {});
  // Four nodes hang on one leaf.
  EXPECT_DOUBLE_EQ(spanned_by(tree, 32).scale_out.latency.value, 2.8e-6);
  EXPECT_NEAR(spanned_by(tree, 64).scale_out.latency.value, 3.7e-6, 1e-12);
  const Cluster pods = load_cluster("topologies/h800-2048-three-layer.toml", {});
  EXPECT_NEAR(spanned_by(pods, 1024).scale_out.latency.value, 3.7e-6, 1e-12);
  EXPECT_NEAR(spanned_by(pods, 2048).scale_out.latency.value, 4.6e-6, 1e-12);
}

TEST(NicOf, IsTheNextOneOfTheNodeThatCarriesLeast) {
  Cluster cluster = load_shipped();
  EXPECT_EQ(nic_of(cluster, 15), 15);
  cluster.failed_nics = {15, 8};
  EXPECT_EQ(nic_of(cluster, 8), 9);
  EXPECT_EQ(nic_of(cluster, 15), 10);  // 9 carries two by now
  EXPECT_EQ(nic_of(cluster, 7), 7);
  cluster.failed_nics = {0, 1, 2, 3, 4, 5};
  const auto carriers = [&] {
    std::vector<int> all;
    for (int gpu = 0; gpu < 8; ++gpu) all.push_back(nic_of(cluster, gpu));
    return all;
  };
  EXPECT_EQ(carriers(), (std::vector<int>{6, 7, 6, 7, 6, 7, 6, 7}));
  cluster.failed_nics = {1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(carriers(), std::vector<int>(8, 0));
}

TEST(Cluster, KeepsANicInEveryNode) {
  const TemporaryFolder folder;
  const std::string base =
      "extends = \"" + std::filesystem::absolute("topologies/h800-2048.toml").string() + "\"\n";
  const auto message = [&](const std::string& nics) -> std::string {
    try {
      load_cluster(folder.write("cluster.toml", base + "failed_nics = " + nics + "\n"), {});
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message("[0, 1, 2, 3, 4, 5, 6]"), "no error");
  EXPECT_NE(message("[8, 9, 10, 11, 12, 13, 14, 15]").find("node 1 has no NIC left"),
            std::string::npos);
  EXPECT_NE(message("[5, 9, 5]").find("GPU 5 stands here twice"), std::string::npos);
  EXPECT_NE(message("[2048]").find("there is no GPU 2048"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
