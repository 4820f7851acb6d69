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

const std::vector<int>& members_of(const ChakraTraffic& traffic, const ChakraNode& node) {
  return traffic.groups().at(static_cast<std::size_t>(std::stoi(node.group) - kFirstGroup));
}

TEST(ChakraTraffic, GroupsAreTheRanksThatMeet) {
  const TracedStep& traced = traced_pipeline();
  ChakraTraffic traffic(traced);
  const ChakraNode tensor = traffic.node_of(*first_op(traced, OpKind::kTensor), 9, 2);
  const ChakraNode gradient = traffic.node_of(*first_op(traced, OpKind::kGradient), 9, 2);
  EXPECT_EQ(tensor.group, "1");  // ASTRA-sim takes 0 for all GPUs
  EXPECT_EQ(members_of(traffic, tensor), (std::vector<int>{36, 37, 38, 39}));
  EXPECT_EQ(members_of(traffic, gradient), (std::vector<int>{34, 38, 42, 46, 50, 54, 58, 62}));
  EXPECT_EQ(gradient.collective, ChakraCollective::kReduceScatter);
}

/// The reductions and gathers of the update, of pipeline rank 0.
std::vector<ChakraNode> update_nodes(const TracedStep& traced) {
  ChakraTraffic traffic(traced);
  std::vector<ChakraNode> nodes;
  for (const OpId op : traced.ranks.of(0)) {
    const ChakraNode node = traffic.node_of(op, 0, 0);
    const bool moves = traced.simulated.timeline.end[static_cast<std::size_t>(op)] >
                       traced.simulated.timeline.start[static_cast<std::size_t>(op)];
    if (moves && (node.name == "reduce gradients" || node.name == "gather parameters")) {
      nodes.push_back(node);
    }
  }
  return nodes;
}

// Half of Llama 8B over four tensor ranks is a billion parameters, and 0.13 that norms and the
// vocabulary add. Gradients have four bytes; eight data ranks gather an eighth of the weights each.
TEST(ChakraTraffic, ZeroOneScattersWholeGradientsAndGathersShares) {
  const std::vector<ChakraNode> nodes = update_nodes(traced_pipeline());
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].collective, ChakraCollective::kReduceScatter);
  EXPECT_NEAR(nodes[0].bytes, 4 * 1.0e9, 4 * 0.15e9);
  EXPECT_EQ(nodes[1].collective, ChakraCollective::kAllGather);
  // Norms, which tensor ranks hold alike, are in 32 shares.
  EXPECT_NEAR(nodes[1].bytes, nodes[0].bytes / 4 * 2 / 8, 1e-3 * nodes[1].bytes);
  EXPECT_LT(nodes[1].bytes, nodes[0].bytes / 4 * 2 / 8);
}

TEST(ChakraTraffic, ZeroZeroReducesWholeGradientsForAll) {
  Scenario scenario = dense_cluster();
  scenario.parallelism.zero_stage = 0;
  const std::vector<ChakraNode> nodes = update_nodes(traced_of(scenario, Fidelity::kFull));
  ASSERT_EQ(nodes.size(), 1U);
  EXPECT_EQ(nodes[0].collective, ChakraCollective::kAllReduce);
  EXPECT_NEAR(nodes[0].bytes, update_nodes(traced_pipeline())[0].bytes, 1);
}

// Attention's two collectives of a layer's forward, a gather and a scatter of all tokens' rows, are
// as much traffic as an all-reduce of them.
TEST(ChakraTraffic, AGatherAndAScatterOfAPhaseAreAnAllReduce) {
  const TracedStep& traced = traced_pipeline();
  const Scenario& scenario = traced.scenario;
  ChakraTraffic traffic(traced);
  const double whole = 2.0 * scenario.batch.sequence_length * scenario.batch.micro_batch *
                       static_cast<double>(scenario.model.hidden);
  int layers = 0;
  for (const OpId op : traced.ranks.of(0)) {
    if (owner_of(traced.simulated.step, op).kind != OpKind::kTensor) continue;
    const ChakraNode node = traffic.node_of(op, 0, 0);
    if (node.name != phase_name(Phase::kAttentionForward)) continue;
    if (node.collective != ChakraCollective::kAllReduce) continue;  // the embedding's
    EXPECT_NEAR(node.bytes, whole, 1);
    ++layers;
  }
  EXPECT_EQ(layers, 16 * 4);  // half the layers, four micro-batches
}

// 4096 tokens to 8 experts each on at most 4 nodes, to fewer than 8 of 64 GPUs; rows of 7168 in FP8
// with a scale each 128.
TEST(ChakraTraffic, DispatchGoesToTheExpertGroup) {
  const TracedStep traced = traced_of(pair_of_layers(), Fidelity::kFull);
  ChakraTraffic traffic(traced);
  const ChakraNode dispatch = traffic.node_of(*first_op(traced, OpKind::kDispatch), 5, 0);
  EXPECT_EQ(dispatch.collective, ChakraCollective::kAllToAll);
  EXPECT_EQ(members_of(traffic, dispatch).size(), 64U);
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
