#include "simulator/hardware/fabric_file.h"

#include <gtest/gtest.h>

#include "simulator/base/error.h"
#include "simulator/hardware/cluster.h"
#include "tests/base/temporary_folder.h"

namespace windtunnel {
namespace {

/// What is said of the two-layer cluster with some lines on top.
std::string answer(const std::string& text) {
  const TemporaryFolder folder;
  const auto file = folder.write(
      "cluster.toml",
      "extends = \"" + std::filesystem::absolute("topologies/h800-2048-two-layer.toml").string() +
          "\"\n" + text);
  try {
    load_cluster(file, {});
  } catch (const ConfigError& error) {
    return folder.without_folder(error.what());
  }
  return "no error";
}

TEST(FabricFile, ShippedFabricsAreOfEveryKind) {
  const auto kind = [](const std::string& name) {
    return load_cluster("topologies/h800-2048-" + name + ".toml", {}).fabric->kind;
  };
  EXPECT_EQ(kind("two-layer"), FabricKind::kTwoLayerFatTree);
  EXPECT_EQ(kind("three-layer"), FabricKind::kThreeLayerFatTree);
  EXPECT_EQ(kind("multi-plane"), FabricKind::kMultiPlaneFatTree);
  EXPECT_EQ(kind("rails"), FabricKind::kRailOptimised);
  EXPECT_FALSE(load_cluster("topologies/h800-2048.toml", {}).fabric.has_value());
}

TEST(FabricFile, NodesOfNvlinkAreShippedForEveryGpuThatTrains) {
  for (const std::string name : {"a800-8", "h100-8", "h200-8", "h800-8"}) {
    EXPECT_EQ(gpu_count(load_cluster("topologies/" + name + ".toml", {})), 8) << name;
  }
}

TEST(FabricFile, SaysWhatFitsWhereTheNodesAreTooMany) {
  EXPECT_EQ(
      answer("nodes = 512\n"),
      "cluster.toml:2:9: error: a two_layer_fat_tree of 64-port switches joins 256 nodes of 8 "
      "GPUs, not 512\n"
      "   2 | nodes = 512\n"
      "     |         ^\n"
      "  accepted: of these switches: 256 as a two_layer_fat_tree, 8192 as a "
      "three_layer_fat_tree, 2048 as a multi_plane_fat_tree, 256 as a rail_optimised\n");
}

TEST(FabricFile, PortsComeOutWhole) {
  EXPECT_EQ(answer("[fabric]\noversubscription = 3\n"),
            "cluster.toml:3:20: error: 32 ports divided by 3 are no whole number of links\n"
            "   3 | oversubscription = 3\n"
            "     |                    ^\n"
            "  accepted: 1, 2, 4, 8, 16, 32, or 32 over another whole number of links below 32\n");
  EXPECT_NE(answer("[fabric]\nleaf_down = 40\n")
                .find("a leaf needs 40 ports towards GPUs and 40 towards spines, of 64"),
            std::string::npos);
  EXPECT_NE(answer("[fabric]\nleaf_down = 36\noversubscription = 2\n")
                .find("36 ports do not divide over the 8 GPUs that a node hangs on a leaf"),
            std::string::npos);
  EXPECT_EQ(answer("[fabric]\nleaf_down = 48\noversubscription = 3\n"), "no error");
  // 16 of a switch's 64 ports are left for links.
  EXPECT_NE(answer("[fabric]\nleaf_down = 48\noversubscription = 5\n")
                .find("accepted: 3, 4, 6, 8, 12, 16, 24, 48, or 48 over another whole number of "
                      "links below 16\n"),
            std::string::npos);
}

TEST(FabricFile, WhatIsListedAsAcceptedIs) {
  for (const char* ratio : {"1", "2", "4", "8", "16", "32", "1.28"}) {
    EXPECT_EQ(answer(std::string("[fabric]\noversubscription = ") + ratio + "\n"), "no error")
        << ratio;
  }
  EXPECT_NE(answer("[fabric]\nleaf_down = 16\noversubscription = 0.5\n")
                .find("cluster.toml:4:20: error: "),
            std::string::npos);
}

TEST(FabricFile, KeysOfOneKindAreForNoOther) {
  EXPECT_NE(answer("[fabric]\nplanes = 8\n").find("a two_layer_fat_tree has no planes"),
            std::string::npos);
  EXPECT_NE(answer("[fabric]\nkind = \"multi_plane_fat_tree\"\n")
                .find("a multi_plane_fat_tree needs planes"),
            std::string::npos);
  EXPECT_NE(answer("[fabric]\nkind = \"multi_plane_fat_tree\"\nplanes = 3\n")
                .find("3 planes do not divide the 8 GPUs of a node"),
            std::string::npos);
  EXPECT_NE(answer("[fabric]\nkind = \"three_layer_fat_tree\"\n")
                .find("a three_layer_fat_tree needs core_oversubscription"),
            std::string::npos);
  EXPECT_NE(answer("[fabric]\nkind = \"fat_tree\"\n").find("two_layer_fat_tree"),
            std::string::npos);
}

TEST(FabricFile, LeavesWhoseUplinksAreDownExistAndKeepOne) {
  EXPECT_NE(answer("[fabric]\nfailed_uplinks = [64]\n").find("there is no leaf 64"),
            std::string::npos);
  EXPECT_NE(answer("[fabric]\noversubscription = 16\nfailed_uplinks = [1, 1]\n")
                .find("no uplink of leaf 1 is left"),
            std::string::npos);
  EXPECT_EQ(answer("[fabric]\noversubscription = 16\nfailed_uplinks = [1, 2]\n"), "no error");
}

TEST(FabricFile, PodsWhoseCoreLinksAreDownExistAndKeepOne) {
  const std::string three =
      "[fabric]\nkind = \"three_layer_fat_tree\"\ncore_oversubscription = 32\n"
      "oversubscription = 32\nfailed_core_links = ";
  EXPECT_NE(answer("[fabric]\nfailed_core_links = [0]\n").find("no pods are joined by cores here"),
            std::string::npos);
  EXPECT_NE(answer(three + "[2]\n").find("there is no pod 2"), std::string::npos);
  EXPECT_NE(answer(three + "[1]\n").find("no core link of pod 1 is left"), std::string::npos);
}

TEST(FabricFile, RatesAndPricesCarryUnits) {
  EXPECT_NE(answer("[fabric]\nlink_rate = 50\n").find("cluster.toml:3:13: error: "),
            std::string::npos);
  EXPECT_NE(answer("[fabric.prices]\nlink = 2000\n").find("cluster.toml:3:8: error: "),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel
