#include "simulator/model/sequence_ops.h"

#include <gtest/gtest.h>

#include "tests/model/layer_shapes.h"
#include "tests/model/models.h"

namespace windtunnel {
namespace {

LayerShape divided(int tensor, bool sequence, int context = 1) {
  LayerShape shape = plain_shape(4096, 4096, 1, Dtype::kBf16);
  shape.tensor_parallel = tensor;
  shape.sequence_parallel = sequence;
  shape.context_parallel = context;
  return shape;
}

/// Kernels of a phase, before it or beside it.
std::vector<KernelShape> in_phase(const std::vector<SequenceOp>& ops, Phase phase,
                                  Beside beside = Beside::kNothing) {
  std::vector<KernelShape> found;
  for (const SequenceOp& op : ops) {
    if (op.op.phase == phase && op.beside == beside) found.push_back(op.op.kernel);
  }
  return found;
}

KernelShape moves(Operation operation, std::int64_t rows, std::int64_t width, int ranks) {
  return {operation, Dtype::kBf16, rows, width, 0, ranks};
}

// Llama 8B: hidden 4096. Korthikanti et al. 2022, figures 4 and 5.
TEST(TensorOps, GatherAndScatterWithSequenceParallelism) {
  const Architecture llama = llama_8b();
  const auto ops = tensor_ops(llama, llama.layers.front(), divided(8, true));
  const KernelShape gather = moves(Operation::kAllGather, 4096, 4096, 8);
  const KernelShape scatter = moves(Operation::kReduceScatter, 4096, 4096, 8);
  using Shapes = std::vector<KernelShape>;
  for (const Phase phase : {Phase::kAttentionForward, Phase::kMlpForward}) {
    EXPECT_EQ(in_phase(ops, phase), (Shapes{gather, scatter}));
  }
  for (const Phase phase : {Phase::kAttentionBackward, Phase::kMlpBackward}) {
    EXPECT_EQ(in_phase(ops, phase), (Shapes{scatter, gather}));
    EXPECT_EQ(in_phase(ops, phase, Beside::kPhase), (Shapes{gather}));
  }
}

TEST(TensorOps, ReduceOutputsAndInputGradientsWithoutIt) {
  const Architecture llama = llama_8b();
  const auto ops = tensor_ops(llama, llama.layers.front(), divided(8, false));
  EXPECT_EQ(ops.size(), 4U);
  for (const Phase phase : {Phase::kAttentionForward, Phase::kMlpForward, Phase::kAttentionBackward,
                            Phase::kMlpBackward}) {
    EXPECT_EQ(in_phase(ops, phase),
              (std::vector<KernelShape>{moves(Operation::kAllReduce, 4096, 4096, 8)}));
  }
}

TEST(TensorOps, AreNoneOnOneGpu) {
  const Architecture llama = llama_8b();
  EXPECT_TRUE(tensor_ops(llama, llama.layers.front(), divided(1, true)).empty());
  EXPECT_TRUE(context_ops(llama.layers.front(), divided(8, true)).empty());
}

// V3 gathers its latents, 1536 + 512 + 64 channels, not the 7168 of the hidden state; experts of
// two GPUs gather and scatter the 8 rows of each of a rank's tokens.
TEST(TensorOps, OfMlaGatherLatentsAndOfSharedExpertsTheirRows) {
  const Architecture v3 = deepseek_v3();
  LayerShape shape = divided(2, true);
  shape.expert_parallel = 64;
  shape.expert_tensor_parallel = 2;
  const auto ops = tensor_ops(v3, v3.layers.back(), shape);
  EXPECT_EQ(in_phase(ops, Phase::kAttentionForward).front(),
            moves(Operation::kAllGather, 4096, 2112, 2));
  const auto feed_forward = in_phase(ops, Phase::kMlpForward);
  ASSERT_EQ(feed_forward.size(), 4U);
  EXPECT_EQ(feed_forward[0], moves(Operation::kAllGather, 4096, 7168, 2));  // the shared expert
  EXPECT_EQ(feed_forward[2], moves(Operation::kAllGather, 2048 * 8 * 2, 7168, 2));
  EXPECT_EQ(feed_forward[3], moves(Operation::kReduceScatter, 2048 * 8 * 2, 7168, 2));
}

TEST(TensorOps, RunAgainWhereTheForwardDoes) {
  const Architecture llama = llama_8b();
  LayerShape shape = divided(8, true);
  const auto once = tensor_ops(llama, llama.layers.front(), shape).size();
  shape.recompute = Recompute::kFull;
  const auto ops = tensor_ops(llama, llama.layers.front(), shape);
  EXPECT_EQ(ops.size(), once + 4);
  EXPECT_EQ(in_phase(ops, Phase::kMlpBackward).size(), 2U + 4U);
  EXPECT_EQ(head_tensor_ops(llama, shape).size(), 4U);
}

// A head gathers its input, and sums three FP32 numbers a token over the divided vocabulary.
TEST(HeadTensorOps, GatherTheInputAndSumTheLoss) {
  const auto ops = head_tensor_ops(llama_8b(), divided(4, true));
  EXPECT_EQ(in_phase(ops, Phase::kMlpForward),
            (std::vector<KernelShape>{moves(Operation::kAllGather, 4096, 4096, 4),
                                      moves(Operation::kAllReduce, 4096, 6, 4)}));
}

TEST(EmbeddingTensorOps, ScatterTheRowsAndGatherTheirGradients) {
  const auto ops = embedding_tensor_ops(llama_8b(), divided(4, true));
  EXPECT_EQ(in_phase(ops, Phase::kAttentionForward).front().operation, Operation::kReduceScatter);
  EXPECT_EQ(in_phase(ops, Phase::kAttentionWeight).front().operation, Operation::kAllGather);
}

// 8 key heads of 128 over 2 tensor ranks, keys and values: 1024 channels of each rank's 1024
// tokens pass to three others; their gradients come with them on the way back.
TEST(ContextOps, PassKeysAndValuesBesideTheScores) {
  const auto ops = context_ops(llama_8b().layers.front(), divided(2, true, 4));
  EXPECT_EQ(in_phase(ops, Phase::kAttentionForward, Beside::kPhase),
            (std::vector<KernelShape>{moves(Operation::kRingExchange, 1024, 1024, 4)}));
  EXPECT_EQ(in_phase(ops, Phase::kAttentionBackward, Beside::kPhase),
            (std::vector<KernelShape>{moves(Operation::kRingExchange, 1024, 2048, 4)}));
  const auto mla = context_ops(deepseek_v3().layers.front(), divided(2, true, 4));
  EXPECT_EQ(in_phase(mla, Phase::kAttentionForward, Beside::kPhase),
            (std::vector<KernelShape>{moves(Operation::kRingExchange, 1024, 512 + 64, 4)}));
}

}  // namespace
}  // namespace windtunnel
