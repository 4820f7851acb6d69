#include "simulator/model/layer_ops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "tests/model/layer_shapes.h"
#include "tests/model/models.h"
#include "tests/model/train_kernels.h"

namespace windtunnel {
namespace {

/// A kernel apart from the rows that routing decides.
using Kind = std::tuple<Phase, Operation, Dtype, std::int64_t, std::int64_t, std::int64_t,
                        std::int64_t, bool>;

Kind kind_of(Phase phase, const KernelShape& s, bool routed) {
  return {phase, s.operation, s.dtype, routed ? 0 : s.m, s.n, s.k, s.groups, routed};
}

std::map<Kind, double> launches_by_kind(const std::vector<LayerOp>& ops) {
  std::map<Kind, double> launches;
  for (const LayerOp& op : ops) {
    launches[kind_of(op.phase, op.kernel, op.routed)] += op.launches;
  }
  return launches;
}

std::string text_of(const Kind& kind) {
  return "phase " + std::to_string(static_cast<int>(std::get<0>(kind))) + " " +
         std::string(operation_name(std::get<1>(kind))) + " n " +
         std::to_string(std::get<4>(kind)) + " k " + std::to_string(std::get<5>(kind));
}

void expect_equal_launches(const std::map<Kind, double>& model,
                           const std::map<Kind, double>& trace) {
  for (const auto& [kind, launches] : trace) {
    EXPECT_TRUE(model.count(kind)) << "only in the trace: " << text_of(kind);
    if (!model.count(kind)) continue;
    // Padding was filled in three of four layers, everything else is launched alike in all.
    const bool fill = std::get<1>(kind) == Operation::kSmall && std::get<4>(kind) == 2;
    EXPECT_EQ(model.at(kind), fill ? std::ceil(launches) : launches) << text_of(kind);
  }
  for (const auto& [kind, launches] : model) {
    EXPECT_TRUE(trace.count(kind)) << "only in the model: " << text_of(kind);
  }
}

const Layer& moe_layer(const Architecture& v3) { return v3.layers.at(10); }

TEST(LayerOps, AV3LayerLaunchesExactlyTheTracedKernels) {
  const Architecture v3 = deepseek_v3();
  std::map<Kind, double> trace;
  for (const TracedKernel& kernel : traced_kernels()) {
    if (kernel.stream == "comm") continue;
    trace[kind_of(kernel.phase, kernel.shape, kernel.routed)] += 1.0 / kTracedLayers;
  }
  expect_equal_launches(launches_by_kind(layer_ops(v3, moe_layer(v3), kTracedShape)), trace);
}

TEST(LayerOps, TheCommunicationStreamLaunchesExactlyTheTracedKernels) {
  const Architecture v3 = deepseek_v3();
  std::map<Kind, double> trace;
  for (const TracedKernel& kernel : traced_kernels()) {
    if (kernel.stream != "comm") continue;
    trace[kind_of(kernel.phase, kernel.shape, kernel.routed)] += 1.0 / kTracedLayers;
  }
  expect_equal_launches(launches_by_kind(communication_ops(v3, moe_layer(v3), kTracedShape)),
                        trace);
}

TEST(LayerOps, TheTracedRowsScatterAroundTheExpectation) {
  const Moe moe = std::get<Moe>(moe_layer(deepseek_v3()).feed_forward);
  EXPECT_EQ(routed_rows(moe, kTracedShape), 32768);  // 4096 tokens x 8 experts
  double rows = 0;
  int count = 0;
  for (const TracedKernel& kernel : traced_kernels()) {
    if (kernel.shape.operation != Operation::kPermute) continue;
    rows += static_cast<double>(kernel.shape.m);
    ++count;
  }
  EXPECT_EQ(count, 8);
  EXPECT_NEAR(rows / count, 32768, 0.02 * 32768);
}

/// FLOPs of the products of `ops` whose phase `chosen` takes.
template <typename Chosen>
double product_flops(const std::vector<LayerOp>& ops, const Chosen& chosen) {
  double flops = 0;
  for (const LayerOp& op : ops) {
    const Operation o = op.kernel.operation;
    const bool product = o == Operation::kGemm || o == Operation::kGroupedGemm ||
                         o == Operation::kWeightGradient || o == Operation::kGroupedWeightGradient;
    if (product && chosen(op.phase)) flops += op.launches * work(op.kernel).flops.value;
  }
  return flops;
}

bool is_forward(Phase phase) {
  return phase == Phase::kAttentionForward || phase == Phase::kMlpForward;
}

bool is_weight(Phase phase) {
  return phase == Phase::kAttentionWeight || phase == Phase::kMlpWeight;
}

/// Matrices that one token visits in a layer, as FLOPs of a micro-batch.
double layer_flops(const Architecture& model, const Layer& layer, std::int64_t tokens) {
  std::int64_t matrices = 0;
  if (const auto* mla = std::get_if<Mla>(&layer.attention)) {
    const std::int64_t query = mla->heads * (mla->nope_dim + mla->rope_dim);
    const std::int64_t kv = mla->heads * (mla->nope_dim + mla->value_dim);
    matrices +=
        mla->q_lora_rank > 0 ? mla->q_lora_rank * (model.hidden + query) : model.hidden * query;
    matrices += model.hidden * (mla->kv_lora_rank + mla->rope_dim) + mla->kv_lora_rank * kv +
                mla->heads * mla->value_dim * model.hidden;
  } else {
    const Gqa& gqa = std::get<Gqa>(layer.attention);
    matrices += 2 * model.hidden * gqa.head_dim * (gqa.heads + gqa.kv_heads);
  }
  if (const auto* moe = std::get_if<Moe>(&layer.feed_forward)) {
    matrices += 3 * model.hidden * moe->intermediate * (moe->top_k + moe->shared_experts) +
                model.hidden * moe->routed_experts;
  } else {
    matrices += 3 * model.hidden * std::get<Dense>(layer.feed_forward).intermediate;
  }
  return 2.0 * static_cast<double>(matrices) * static_cast<double>(tokens);
}

TEST(LayerOps, ProductsCoverEveryMatrixForwardAndForItsWeights) {
  struct Case {
    Architecture model;
    int expert_parallel;
  };
  for (const Case& c : {Case{deepseek_v3(), 64}, Case{deepseek_v2(), 8},
                        Case{deepseek_v2_lite(), 1}, Case{llama_8b(), 1}}) {
    for (const Dtype precision : {Dtype::kFp8, Dtype::kBf16}) {
      for (const std::size_t index : {std::size_t{0}, c.model.layers.size() - 1}) {
        const Layer& layer = c.model.layers[index];
        const LayerShape shape = plain_shape(8192, 4096, c.expert_parallel, precision);
        const auto ops = layer_ops(c.model, layer, shape);
        const double flops = layer_flops(c.model, layer, 8192);
        EXPECT_DOUBLE_EQ(product_flops(ops, is_forward), flops) << c.model.name;
        // The router's weight gradient runs within attn(B).
        double router = 0;
        if (const auto* moe = std::get_if<Moe>(&layer.feed_forward)) {
          router = 2.0 * 8192 * static_cast<double>(moe->routed_experts * c.model.hidden);
        }
        // V2's 49152 rows are 2457.6 an expert on 8 ranks, rounded.
        EXPECT_NEAR((product_flops(ops, is_weight) + router) / flops, 1, 2e-4) << c.model.name;
      }
    }
  }
}

// 256 experts and 64 copies on 64 GPUs: five on each, among which the same rows divide.
TEST(LayerOps, CopiesOfExpertsAreFurtherGroupsOfTheProducts) {
  const Architecture v3 = deepseek_v3();
  LayerShape shape = plain_shape(4096, 4096, 64, Dtype::kFp8);
  const auto plain = layer_ops(v3, 60, shape);
  shape.redundant_experts = 64;
  const auto copied = layer_ops(v3, 60, shape);
  ASSERT_EQ(copied.size(), plain.size());
  int products = 0;
  for (std::size_t op = 0; op < plain.size(); ++op) {
    const auto rows = static_cast<double>(plain[op].kernel.m);
    const auto now = static_cast<double>(copied[op].kernel.m);
    // Weight gradients are products of an expert's own rows, of which there are a fifth fewer.
    EXPECT_TRUE(now == rows || std::abs(now - rows * 4 / 5) <= 1) << now << " of " << rows;
    if (plain[op].kernel.operation != Operation::kGroupedGemm) continue;
    EXPECT_EQ(plain[op].kernel.groups, 4);
    EXPECT_EQ(copied[op].kernel.groups, 5);
    ++products;
  }
  EXPECT_GE(products, 4);
}

TEST(LayerOps, AttentionCountsHeadsTimesSequences) {
  const Architecture v3 = deepseek_v3();
  const LayerShape shape = plain_shape(16384, 4096, 64, Dtype::kFp8);
  int seen = 0;
  for (const LayerOp& op : layer_ops(v3, 0, shape)) {
    if (op.kernel.operation != Operation::kAttentionForward) continue;
    EXPECT_EQ(op.kernel,
              (KernelShape{Operation::kAttentionForward, Dtype::kBf16, 4096, 128, 192, 128 * 4}));
    ++seen;
  }
  EXPECT_GT(seen, 0);
}

TEST(LayerOps, Bf16HasNoCastsScalesOrWeightTransposes) {
  const Architecture v3 = deepseek_v3();
  LayerShape shape = kTracedShape;
  shape.precision = Dtype::kBf16;
  for (const std::size_t layer : {std::size_t{0}, std::size_t{10}}) {
    for (const LayerOp& op : layer_ops(v3, v3.layers[layer], shape)) {
      EXPECT_NE(op.kernel.dtype, Dtype::kFp8) << operation_name(op.kernel.operation);
      for (const Operation fp8_only :
           {Operation::kCast, Operation::kCastBack, Operation::kCastE5m6, Operation::kCastBackE5m6,
            Operation::kCastTranspose, Operation::kTranspose, Operation::kScaleTranspose,
            Operation::kSwigluCastTranspose}) {
        EXPECT_NE(op.kernel.operation, fp8_only) << operation_name(fp8_only);
      }
    }
  }
}

TEST(LayerOps, OnlyRoutedKernelsOfAMoeLayerScaleWithLoad) {
  const Architecture v3 = deepseek_v3();
  for (const LayerOp& op : layer_ops(v3, 0, kTracedShape)) EXPECT_FALSE(op.routed);
  double rows = 0;
  for (const LayerOp& op : layer_ops(v3, 10, kTracedShape)) {
    if (op.kernel.operation != Operation::kGroupedWeightGradient) continue;
    EXPECT_TRUE(op.routed);
    rows += op.launches * static_cast<double>(op.kernel.m);
  }
  EXPECT_EQ(rows, 2 * 32768);  // two matrices, all rows
}

TEST(LayerOps, ADenseLayerAndASingleRankDispatchNothing) {
  const Architecture v3 = deepseek_v3();
  EXPECT_TRUE(communication_ops(v3, v3.layers[0], kTracedShape).empty());
  LayerShape alone = kTracedShape;
  alone.expert_parallel = 1;
  EXPECT_TRUE(communication_ops(v3, v3.layers[10], alone).empty());
}

TEST(HeadOps, AreThreeProductsInBf16OfTheWholeVocabulary) {
  const Architecture v3 = deepseek_v3();
  int products = 0;
  for (const LayerOp& op : head_ops(v3, kTracedShape)) {
    if (work(op.kernel).flops.value == 0) continue;
    EXPECT_EQ(op.kernel.dtype, Dtype::kBf16);
    EXPECT_EQ(work(op.kernel).flops.value, 2.0 * 4096 * 129280 * 7168);
    ++products;
  }
  EXPECT_EQ(products, 3);
}

TEST(MtpOps, ProjectTwoHiddenStatesToOne) {
  const Architecture v3 = deepseek_v3();
  double flops = 0;
  for (const LayerOp& op : mtp_ops(v3, kTracedShape)) {
    flops += op.launches * work(op.kernel).flops.value;
  }
  EXPECT_EQ(flops, 3 * 2.0 * 4096 * 7168 * 14336);
}

TEST(EmbeddingOps, GatherAndAddRows) {
  const auto ops = embedding_ops(deepseek_v3(), kTracedShape);
  ASSERT_EQ(ops.size(), 2U);
  EXPECT_EQ(work(ops[0].kernel).bytes.value, 4096.0 * 7168 * 4);   // BF16 in and out
  EXPECT_EQ(work(ops[1].kernel).bytes.value, 4096.0 * 7168 * 10);  // BF16 in, FP32 in and out
}

/// FLOPs of all products and scores of a layer.
double all_flops(const Architecture& model, const LayerShape& shape) {
  double flops = 0;
  for (const LayerOp& op : layer_ops(model, model.layers.back(), shape)) {
    flops += work(op.kernel).flops.value * op.launches;
  }
  return flops;
}

// What GPUs share they divide: of dense layers with grouped queries all of it.
TEST(LayerOps, GpusThatShareALayerDivideItsArithmetic) {
  const Architecture llama = llama_8b();
  const LayerShape whole = plain_shape(8192, 4096, 1, Dtype::kBf16);
  for (const int ranks : {2, 4, 8}) {
    LayerShape tensor = whole;
    tensor.tensor_parallel = ranks;
    for (const bool sequence : {false, true}) {
      tensor.sequence_parallel = sequence;
      EXPECT_DOUBLE_EQ(all_flops(llama, tensor) * ranks, all_flops(llama, whole)) << ranks;
    }
    LayerShape context = whole;
    context.context_parallel = ranks;
    EXPECT_DOUBLE_EQ(all_flops(llama, context) * ranks, all_flops(llama, whole)) << ranks;
  }
}

// V3 at 8 x 2 expert ranks: experts divided twice, their rows gathered; with sequence parallelism
// the router and the projections to latents are divided by their tokens.
TEST(LayerOps, ExpertsOfTwoGpusDivideTheirWidth) {
  const Architecture v3 = deepseek_v3();
  const LayerShape whole = plain_shape(4096, 4096, 64, Dtype::kBf16);
  LayerShape shared = whole;
  shared.tensor_parallel = 2;
  shared.sequence_parallel = true;
  shared.expert_tensor_parallel = 2;
  EXPECT_NEAR(all_flops(v3, shared) * 2 / all_flops(v3, whole), 1, 1e-4);
  shared.sequence_parallel = false;  // both then compute routers and latents of all tokens
  EXPECT_GT(all_flops(v3, shared) * 2 / all_flops(v3, whole), 1.02);
}

// The forward again is a third of the matrix products again: four parts instead of three.
TEST(LayerOps, FullRecomputationRunsTheForwardTwice) {
  const Architecture llama = llama_8b();
  LayerShape shape = plain_shape(4096, 4096, 1, Dtype::kBf16);
  const auto products = [&](Recompute recompute) {
    shape.recompute = recompute;
    return all_flops(llama, shape);
  };
  double forward = 0;
  for (const LayerOp& op : layer_ops(llama, 0, shape)) {
    const bool ahead = op.phase == Phase::kAttentionForward || op.phase == Phase::kMlpForward;
    if (ahead) forward += work(op.kernel).flops.value * op.launches;
  }
  EXPECT_DOUBLE_EQ(products(Recompute::kFull), products(Recompute::kNone) + forward);
  EXPECT_DOUBLE_EQ(products(Recompute::kLight), products(Recompute::kNone));  // no product
  const Architecture v3 = deepseek_v3();
  LayerShape of_v3 = plain_shape(4096, 4096, 64, Dtype::kBf16);
  const double light = all_flops(v3, of_v3);
  of_v3.recompute = Recompute::kNone;
  // The up-projections of queries, keys and values.
  EXPECT_DOUBLE_EQ(light - all_flops(v3, of_v3), 2.0 * 4096 * (24576 * 1536 + 32768 * 512));
}

TEST(LayerOps, RefusesWhatItHasNoKernelsFor) {
  const Architecture v3 = deepseek_v3();
  LayerShape shape = kTracedShape;
  shape.context_parallel = 3;
  EXPECT_THROW(layer_ops(v3, 0, shape), std::invalid_argument);
  shape = kTracedShape;
  shape.tensor_parallel = 3;
  shape.sequence_parallel = true;
  EXPECT_THROW(layer_ops(v3, 0, shape), std::invalid_argument);
  shape = kTracedShape;
  shape.document_length = 0;
  EXPECT_THROW(layer_ops(v3, 0, shape), std::invalid_argument);
}

TEST(LayerOps, GptEmbedsPositionsAndItsLossMayBeSeparatePasses) {
  const Architecture gpt = shipped("gpt2");
  LayerShape shape = plain_shape(1024, 1024, 1, Dtype::kBf16);
  const auto launches = [&](const std::vector<LayerOp>& ops, Operation operation) {
    double sum = 0;
    for (const LayerOp& op : ops) sum += op.kernel.operation == operation ? op.launches : 0;
    return sum;
  };
  EXPECT_EQ(launches(embedding_ops(gpt, shape), Operation::kEmbedding), 2);
  EXPECT_EQ(launches(embedding_ops(gpt, shape), Operation::kDropout), 0);
  EXPECT_EQ(launches(embedding_ops(llama_8b(), shape), Operation::kEmbedding), 1);
  EXPECT_EQ(launches(head_ops(gpt, shape), Operation::kCrossEntropy), 1);
  EXPECT_EQ(launches(head_ops(gpt, shape), Operation::kLayerNorm), 1);
  shape.implementation = {
      .attention = AttentionKernels::kUnfused, .dropout = true, .separate_passes = true};
  EXPECT_EQ(launches(head_ops(gpt, shape), Operation::kCrossEntropyPasses), 1);
  EXPECT_EQ(launches(head_ops(gpt, shape), Operation::kCrossEntropy), 0);
  EXPECT_EQ(launches(embedding_ops(gpt, shape), Operation::kDropout), 1);
}

}  // namespace
}  // namespace windtunnel
