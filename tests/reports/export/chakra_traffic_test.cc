#include "reports/export/chakra_traffic.h"

#include <gtest/gtest.h>

#include "tests/reports/export/traced.h"

namespace windtunnel {
namespace {

std::optional<OpId> first_op(const TracedStep& traced, OpKind kind) {
  const TrainingStep& step = traced.simulated.step;
  for (OpId op = 0; op < static_cast<OpId>(op_count(step.graph)); ++op) {
    if (owner_of(step, op).kind == kind) return op;
  }
  return std::nullopt;
}

TEST(ChakraTraffic, ASendMovesTheActivationsOfAMicroBatch) {
  const TracedStep& traced = traced_pipeline();
  ChakraTraffic traffic(traced);
  const ChakraNode send = traffic.node_of(*first_op(traced, OpKind::kSend), 0, 3);
  EXPECT_EQ(send.type, ChakraType::kSend);
  EXPECT_EQ(send.from, 3);
  // Sequence parallel: each of four tensor ranks sends its quarter of the tokens in BF16.
  const Scenario& scenario = traced.scenario;
  EXPECT_EQ(send.bytes, 2.0 * scenario.batch.sequence_length * scenario.batch.micro_batch / 4 *
                            static_cast<double>(scenario.model.hidden));
}

TEST(ChakraTraffic, GroupsAreTheRanksThatMeet) {
  const TracedStep& traced = traced_pipeline();
  ChakraTraffic traffic(traced);
  const ChakraNode tensor = traffic.node_of(*first_op(traced, OpKind::kTensor), 9, 2);
  const ChakraNode gradient = traffic.node_of(*first_op(traced, OpKind::kGradient), 9, 2);
  EXPECT_EQ(traffic.groups().at(static_cast<std::size_t>(std::stoi(tensor.group))),
            (std::vector<int>{36, 37, 38, 39}));
  EXPECT_EQ(traffic.groups().at(static_cast<std::size_t>(std::stoi(gradient.group))),
            (std::vector<int>{34, 38, 42, 46, 50, 54, 58, 62}));
  EXPECT_EQ(gradient.collective, ChakraCollective::kReduceScatter);
}

// 4096 tokens to 8 experts each on at most 4 nodes, to fewer than 8 of 64 GPUs; rows of 7168 in FP8
// with a scale each 128.
TEST(ChakraTraffic, DispatchGoesToTheExpertGroup) {
  const TracedStep traced = traced_of(pair_of_layers(), Fidelity::kFull);
  ChakraTraffic traffic(traced);
  const ChakraNode dispatch = traffic.node_of(*first_op(traced, OpKind::kDispatch), 5, 0);
  EXPECT_EQ(dispatch.collective, ChakraCollective::kAllToAll);
  EXPECT_EQ(traffic.groups().at(0).size(), 64U);
  const double rows = dispatch.bytes / (7168 + 7168 / 128.0 * 4) / 4096;
  EXPECT_GT(rows, 5);
  EXPECT_LT(rows, 8);
}

TEST(ChakraTraffic, ComputeHasTheWorkOfItsKernels) {
  const TracedStep& traced = traced_pipeline();
  ChakraTraffic traffic(traced);
  const ChakraNode node = traffic.node_of(*first_op(traced, OpKind::kUpdate), 0, 0);
  EXPECT_EQ(node.type, ChakraType::kCompute);
  double flops = 0;
  for (const OpId op : traced.ranks.of(0)) {
    if (owner_of(traced.simulated.step, op).kind == OpKind::kCompute) {
      flops += traffic.node_of(op, 0, 0).flops;
    }
  }
  // Six FLOPs a parameter and token of the rank's half of 8e9 parameters over four tensor ranks,
  // and attention; 4 micro-batches.
  const double tokens = 4.0 * traced.scenario.batch.sequence_length;
  EXPECT_GT(flops, 6 * 0.7 * 1e9 * tokens);
  EXPECT_LT(flops, 6 * 2.5 * 1e9 * tokens);
}

}  // namespace
}  // namespace windtunnel
