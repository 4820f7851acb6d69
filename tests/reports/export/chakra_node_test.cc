#include "reports/export/chakra_node.h"

#include <gtest/gtest.h>

#include "tests/reports/export/chakra_reader.h"

namespace windtunnel {
namespace {

ChakraNode node_of_type(ChakraType type) {
  return {.id = 300,
          .name = "attn(F)",
          .type = type,
          .after = {1, 299},
          .inputs = {7},
          .start_us = 12,
          .duration_us = 34,
          .duration_ns = 34567,
          .flops = 0,
          .bytes = 1e9,
          .from = 2,
          .to = 5,
          .tag = 9,
          .collective = ChakraCollective::kAllToAll,
          .group = "4"};
}

TEST(ChakraNode, ComesBack) {
  const ReadNode node = read_node(
      chakra_messages(chakra_metadata() + chakra_message(node_of_type(ChakraType::kCompute)))[1]);
  EXPECT_EQ(node.id, 300U);
  EXPECT_EQ(node.name, "attn(F)");
  EXPECT_EQ(node.type, 4U);
  EXPECT_EQ(node.control, (std::vector<std::uint64_t>{1, 299}));
  EXPECT_EQ(node.data, (std::vector<std::uint64_t>{7}));
  EXPECT_EQ(node.start, 12U);
  EXPECT_EQ(node.duration, 34U);
  EXPECT_EQ(node.values.at("duration_ns"), "34567");
  EXPECT_EQ(node.values.at("is_cpu_op"), "0");
  EXPECT_EQ(node.values.at("num_ops"), "1");  // never 0: it is divided by
  EXPECT_EQ(node.values.at("tensor_size"), "1000000000");
}

TEST(ChakraNode, TransfersSayBetweenWhomAndHowMuch) {
  const ReadNode send =
      read_node(chakra_messages(chakra_message(node_of_type(ChakraType::kSend)))[0]);
  EXPECT_EQ(send.type, 5U);
  EXPECT_EQ(send.values.at("comm_src"), "2");
  EXPECT_EQ(send.values.at("comm_dst"), "5");
  EXPECT_EQ(send.values.at("comm_tag"), "9");
  EXPECT_EQ(send.values.at("comm_size"), "1000000000");
  const ReadNode collective =
      read_node(chakra_messages(chakra_message(node_of_type(ChakraType::kCollective)))[0]);
  EXPECT_EQ(collective.type, 7U);
  EXPECT_EQ(collective.values.at("comm_type"), "6");
  EXPECT_EQ(collective.values.at("pg_name"), "4");
  EXPECT_FALSE(collective.values.count("comm_src"));
}

}  // namespace
}  // namespace windtunnel
