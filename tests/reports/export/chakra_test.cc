#include "reports/export/chakra.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/reports/export/chakra_reader.h"
#include "tests/reports/export/traced.h"

namespace windtunnel {
namespace {

class ChakraFiles : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    write_chakra(traced_pipeline(), folder_->path / "run");
    for (int gpu = 0; gpu < 64; ++gpu) {
      std::vector<ReadNode> nodes;
      const std::string file =
          read_text_file(folder_->path / ("run." + std::to_string(gpu) + ".et"));
      const std::vector<std::string> messages = chakra_messages(file);
      for (std::size_t i = 1; i < messages.size(); ++i) nodes.push_back(read_node(messages[i]));
      nodes_.push_back(nodes);
    }
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
    nodes_.clear();
  }

  static TemporaryFolder* folder_;
  static std::vector<std::vector<ReadNode>> nodes_;  ///< by GPU
};

TemporaryFolder* ChakraFiles::folder_ = nullptr;
std::vector<std::vector<ReadNode>> ChakraFiles::nodes_;

TEST_F(ChakraFiles, DependOnlyOnWhatStandsBefore) {
  for (const auto& nodes : nodes_) {
    std::set<std::uint64_t> seen;
    for (const ReadNode& node : nodes) {
      for (const auto& list : {node.control, node.data}) {
        for (const std::uint64_t id : list) EXPECT_TRUE(seen.count(id)) << node.name;
      }
      EXPECT_TRUE(seen.insert(node.id).second) << node.id;
    }
  }
}

TEST_F(ChakraFiles, EverySendIsReceivedWithItsTagAndSize) {
  std::set<std::vector<std::string>> sent;
  std::set<std::vector<std::string>> received;
  for (std::size_t gpu = 0; gpu < nodes_.size(); ++gpu) {
    for (const ReadNode& node : nodes_[gpu]) {
      if (node.type != 5 && node.type != 6) continue;
      const auto& at = node.values;
      const std::vector<std::string> key{at.at("comm_src"), at.at("comm_dst"), at.at("comm_tag"),
                                         at.at("comm_size")};
      EXPECT_EQ(at.at(node.type == 5 ? "comm_src" : "comm_dst"), std::to_string(gpu));
      (node.type == 5 ? sent : received).insert(key);
    }
  }
  EXPECT_EQ(sent.size(), 2U * 4 * 32);
  EXPECT_EQ(sent, received);
}

TEST_F(ChakraFiles, GroupsAgreeAcrossTheirMembers) {
  const auto groups = nlohmann::json::parse(read_text_file(folder_->path / "run.groups.json"));
  std::map<std::string, std::map<std::string, std::set<int>>> calls;  // node and group to members
  for (std::size_t gpu = 0; gpu < nodes_.size(); ++gpu) {
    std::map<std::string, int> of_group;
    for (const ReadNode& node : nodes_[gpu]) {
      if (node.type != 7) continue;
      const std::string group = node.values.at("pg_name");
      const auto members = groups.at(group).get<std::set<int>>();
      EXPECT_TRUE(members.count(static_cast<int>(gpu)));
      calls[group][node.name + std::to_string(of_group[group]++)].insert(static_cast<int>(gpu));
    }
  }
  ASSERT_FALSE(calls.empty());
  for (const auto& [group, by_call] : calls) {
    for (const auto& [call, members] : by_call) {
      EXPECT_EQ(members, groups.at(group).get<std::set<int>>()) << group << " " << call;
    }
  }
}

TEST_F(ChakraFiles, WholeMicrosecondsDoNotDrift) {
  double exact = 0;
  std::uint64_t whole = 0;
  for (const ReadNode& node : nodes_[0]) {
    if (node.type != 4) continue;
    exact += std::stod(node.values.at("duration_ns")) / 1000;
    whole += node.duration;
  }
  EXPECT_GT(whole, 100000U);
  EXPECT_NEAR(static_cast<double>(whole), exact, 1.0);
}

TEST(ChakraSet, NothingIsLeftOfAPart) {
  const TemporaryFolder folder;
  int asked = 0;
  EXPECT_FALSE(write_chakra(traced_pipeline(), folder.path / "run", [&] { return ++asked > 20; }));
  EXPECT_EQ(asked, 21);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path));
}

TEST(ChakraSize, IsAboutWhatIsWritten) {
  const TemporaryFolder folder;
  EXPECT_TRUE(write_chakra(traced_pipeline(), folder.path / "run"));
  double bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path)) {
    bytes += static_cast<double>(entry.file_size());
  }
  const ChakraSize size = chakra_size(traced_pipeline());
  EXPECT_EQ(size.files, 64);
  EXPECT_GT(size.bytes, bytes / 2);
  EXPECT_LT(size.bytes, bytes * 2);
}

}  // namespace
}  // namespace windtunnel
