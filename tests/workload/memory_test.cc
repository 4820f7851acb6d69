#include "simulator/workload/memory.h"

#include <gtest/gtest.h>

#include "simulator/model/parameters.h"
#include "simulator/workload/stages.h"
#include "tests/model/models.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

double bytes_of(const std::vector<MemoryPart>& parts, const std::string& name) {
  for (const MemoryPart& part : parts) {
    if (part.name == name) return part.bytes.value;
  }
  throw std::logic_error("no " + name);
}

double sum(const std::vector<MemoryPart>& parts) {
  double bytes = 0;
  for (const MemoryPart& part : parts) bytes += part.bytes.value;
  return bytes;
}

std::vector<RankMemory> v3_memory(const Scenario& scenario, const std::string& schedule) {
  return memory(scenario, *find_schedule(schedule), 120);
}

// 4096 tokens of V3. 7.5 rows a token arrive (expert_test.cc), FP8 with 56 scales each; 8 experts a
// token, gate and up of 2048 each in FP8.
TEST(KeptActivations, OfAMoeLayerArePartByPart) {
  const Scenario scenario = pretraining();
  const auto parts = kept_activations(scenario.model, scenario.model.layers.back(), scenario);
  EXPECT_EQ(bytes_of(parts, "attention input"), 2.0 * 4096 * 7168);
  EXPECT_EQ(bytes_of(parts, "feed-forward input"), 2.0 * 4096 * 7168);
  EXPECT_EQ(bytes_of(parts, "latents"), 2.0 * 4096 * (1536 + 512 + 64));
  EXPECT_EQ(bytes_of(parts, "attention output"), 1.5 * 4096 * 128 * 128);
  EXPECT_EQ(bytes_of(parts, "log-sum-exp"), 4.0 * 4096 * 128);
  EXPECT_EQ(bytes_of(parts, "received tokens"), 7.5 * 4096 * (7168 + 224));
  EXPECT_EQ(bytes_of(parts, "expert SwiGLU input"), 4096.0 * 8 * 2 * 2048);
  EXPECT_EQ(bytes_of(parts, "shared SwiGLU input"), 4096.0 * 2 * 2048);
  EXPECT_EQ(bytes_of(parts, "router scores"), 4.0 * 4096 * 256);
  EXPECT_EQ(parts.size(), 9U);
}

TEST(KeptActivations, OfADenseLayerHaveNoExperts) {
  const Scenario scenario = pretraining();
  const auto parts = kept_activations(scenario.model, scenario.model.layers.front(), scenario);
  EXPECT_EQ(bytes_of(parts, "SwiGLU input"), 4096.0 * 2 * 18432);
  EXPECT_EQ(parts.size(), 6U);
}

TEST(KeptActivations, InBf16AreWider) {
  Scenario scenario = pretraining();
  scenario.precision = Dtype::kBf16;
  const auto parts = kept_activations(scenario.model, scenario.model.layers.back(), scenario);
  EXPECT_EQ(bytes_of(parts, "attention output"), 2.0 * 4096 * 128 * 128);
  EXPECT_EQ(bytes_of(parts, "received tokens"), 7.5 * 4096 * 2 * 7168);
  EXPECT_EQ(bytes_of(parts, "expert SwiGLU input"), 2 * 4096.0 * 8 * 2 * 2048);
}

TEST(KeptActivations, OfGroupedQueriesAndOfQueriesWithoutALatent) {
  Scenario scenario = pretraining();
  scenario.precision = Dtype::kBf16;
  const Architecture llama = llama_8b();
  const auto parts = kept_activations(llama, llama.layers.front(), scenario);
  EXPECT_EQ(bytes_of(parts, "q, k, v"), 2.0 * 4096 * (32 + 2 * 8) * 128);
  EXPECT_EQ(bytes_of(parts, "attention output"), 2.0 * 4096 * 4096);
  EXPECT_EQ(bytes_of(parts, "log-sum-exp"), 4.0 * 4096 * 32);
  const Architecture lite = deepseek_v2_lite();
  const auto whole = kept_activations(lite, lite.layers.front(), scenario);
  EXPECT_EQ(bytes_of(whole, "latents"), 2.0 * 4096 * (512 + 64 + 16 * 192));
}

// Ranks 7 and 8 hold stages 7 and 8, 8 MoE layers. Of each: 256 / 64 = 4 experts of 3 x 7168 x
// 2048, and 232 997 120 others (MLA 187 107 328, norms 14 336, router 1 835 264, shared expert
// 44 040 192). In all 1 409 286 144 + 1 863 976 960.
TEST(Memory, OfAMiddleRankOfV3IsItsTwoStages) {
  const Scenario scenario = pretraining();
  const auto ranks = v3_memory(scenario, "dualpipe");
  ASSERT_EQ(ranks.size(), 16U);
  for (const std::size_t rank : {7U, 8U}) {
    const auto& parts = ranks[rank].parts;
    EXPECT_EQ(bytes_of(parts, "weights"), 3'273'263'104.0);
    EXPECT_EQ(bytes_of(parts, "gradients"), 4 * 3'273'263'104.0);
    // 128 data ranks, 2 copies: an expert has 2 x 2 replicas, the rest 256; 8 bytes each.
    EXPECT_EQ(bytes_of(parts, "optimizer state"),
              8 * (1'409'286'144.0 / 4 + 1'863'976'960.0 / 256));
    // DualPipe holds PP + 1 chunks at most, here of four MoE layers each.
    const double layer =
        sum(kept_activations(scenario.model, scenario.model.layers.back(), scenario));
    EXPECT_DOUBLE_EQ(bytes_of(parts, "activations"), 17 * 4 * layer);
    EXPECT_DOUBLE_EQ(bytes_of(parts, "fragmentation"), 0.05 * 17 * 4 * layer);
    // Expanded BF16 rows of 8 experts, with gate and up beside them, forward and backward.
    EXPECT_EQ(bytes_of(parts, "workspace"), 2.0 * 2 * 4096 * 8 * (7168 + 2 * 2048));
    EXPECT_EQ(bytes_of(parts, "reserved"), 4.17e9);
    EXPECT_DOUBLE_EQ(ranks[rank].total.value, sum(parts));
    EXPECT_EQ(ranks[rank].rank, static_cast<int>(rank));
  }
}

TEST(Memory, WithoutASecondCopyIsHalfTheParameters) {
  const auto ranks = v3_memory(pretraining(), "1f1b");
  EXPECT_EQ(bytes_of(ranks[7].parts, "gradients"), 2 * 3'273'263'104.0);
  EXPECT_EQ(bytes_of(ranks[7].parts, "optimizer state"),
            8 * (1'409'286'144.0 / 2 / 2 + 1'863'976'960.0 / 2 / 128));
}

TEST(Memory, OfEmbeddingAndHeadIsInBf16) {
  const auto ranks = v3_memory(pretraining(), "1f1b");
  const auto gradients = [&](std::size_t rank) { return bytes_of(ranks[rank].parts, "gradients"); };
  const auto weights = [&](std::size_t rank) { return bytes_of(ranks[rank].parts, "weights"); };
  // 129 280 x 7168 parameters cost a byte more than the FP8 ones; without DualPipe the last rank
  // needs the head and a copy of the embedding for the MTP module.
  EXPECT_DOUBLE_EQ(weights(0) - gradients(0) / 4, 129280.0 * 7168);
  EXPECT_DOUBLE_EQ(weights(15) - gradients(15) / 4, 2 * 129280.0 * 7168);
  EXPECT_EQ(weights(1), gradients(1) / 4);
}

// GPipe holds every micro-batch; the last stage also keeps the main and the MTP head's norm
// input and logits in BF16, and the MTP block beside its one layer.
TEST(Memory, OfTheLastStageHoldsBothHeads) {
  const Scenario scenario = pretraining();
  const auto ranks = v3_memory(scenario, "gpipe");
  const double layer =
      sum(kept_activations(scenario.model, scenario.model.layers.back(), scenario));
  EXPECT_DOUBLE_EQ(bytes_of(ranks[15].parts, "activations"),
                   120 * (2 * layer + 2 * 4096.0 * 2 * (7168 + 129280)));
  EXPECT_DOUBLE_EQ(bytes_of(ranks[5].parts, "activations"), 120 * 4 * layer);
}

// A GPU's 1024 of 4096 tokens between the matrices, all of them inside, 8 of 32 heads, 2 of 8 key
// heads and 3584 of 14336 channels.
TEST(KeptActivations, OfTensorRanksAreDivided) {
  Scenario scenario = dense_cluster();
  const Layer& layer = scenario.model.layers.front();
  const auto parts = kept_activations(scenario.model, layer, scenario);
  EXPECT_EQ(bytes_of(parts, "attention input"), 2.0 * 1024 * 4096);
  EXPECT_EQ(bytes_of(parts, "q, k, v"), 2.0 * 4096 * (8 + 2 * 2) * 128);
  EXPECT_EQ(bytes_of(parts, "SwiGLU input"), 2.0 * 4096 * 2 * 3584);
  scenario.parallelism.sequence_parallel = false;
  const auto whole = kept_activations(scenario.model, layer, scenario);
  EXPECT_EQ(bytes_of(whole, "attention input"), 2.0 * 4096 * 4096);
  EXPECT_EQ(bytes_of(whole, "SwiGLU input"), bytes_of(parts, "SwiGLU input"));
}

TEST(KeptActivations, FollowWhatIsComputedAgain) {
  Scenario scenario = dense_cluster();
  const Layer& layer = scenario.model.layers.front();
  scenario.memory.recompute = Recompute::kFull;
  EXPECT_EQ(sum(kept_activations(scenario.model, layer, scenario)), 2.0 * 1024 * 4096);
  scenario.memory.recompute = Recompute::kLight;
  const double light = sum(kept_activations(scenario.model, layer, scenario));
  scenario.memory.recompute = Recompute::kNone;
  // Two normed inputs, and SwiGLU's output.
  EXPECT_EQ(sum(kept_activations(scenario.model, layer, scenario)),
            light + 2 * 2.0 * 1024 * 4096 + 2.0 * 4096 * 3584);
}

// Each stage of ZeRO takes one more part apart, over 8 data ranks; of the last, two layers' BF16
// weights are gathered at a time.
TEST(Memory, ZeroStagesShardOnePartMore) {
  Scenario scenario = dense_cluster();
  const auto part = [&](int stage, const std::string& name) {
    scenario.parallelism.zero_stage = stage;
    const auto ranks = memory(scenario, *find_schedule("1f1b"), 4);
    return bytes_of(ranks.front().parts, name);
  };
  const StageParameters held = stage_parameters(scenario, stages(scenario).front());
  const double whole = sum(held);
  const double shard = held.shared / 8 + held.everywhere / 32;
  EXPECT_EQ(part(0, "optimizer state"), 8 * whole);
  EXPECT_NEAR(part(1, "optimizer state"), 8 * shard, 1);
  EXPECT_EQ(part(1, "gradients"), 4 * whole);
  EXPECT_NEAR(part(2, "gradients"), 4 * shard, 1);
  EXPECT_EQ(part(2, "weights"), 2 * whole);
  EXPECT_NEAR(part(3, "weights"), 2 * shard, 1);
  EXPECT_EQ(part(2, "workspace"), 0);
  EXPECT_EQ(part(3, "workspace"),
            2 * 2 * sum(layer_parameters(scenario, scenario.model.layers.front())));
  scenario.parallelism.shard_group = 4;
  EXPECT_NEAR(part(3, "weights"), 2 * (held.shared / 4 + held.everywhere / 16), 1);
}

// Under DualPipe each rank holds both stages; the optimizer's state is divided among both copies,
// gradients and weights among the ranks of one, where they are reduced and gathered.
TEST(Memory, OfTwoCopiesOnlyTheOptimizersStateIsDividedAmongBoth) {
  Scenario scenario = dense_cluster();
  const auto part = [&](int stage, const std::string& name) {
    scenario.parallelism.zero_stage = stage;
    const auto ranks = memory(scenario, *find_schedule("dualpipe"), 4);
    return bytes_of(ranks.front().parts, name);
  };
  const StageParameters held = rank_parameters(scenario, {0, 1});
  const double shard = held.shared / 8 + held.everywhere / 32;
  EXPECT_NEAR(part(1, "optimizer state"), 8 * shard / 2, 1);
  EXPECT_NEAR(part(2, "optimizer state"), 8 * shard / 2, 1);
  EXPECT_NEAR(part(2, "gradients"), 4 * shard, 1);
  EXPECT_NEAR(part(3, "weights"), 2 * shard, 1);
}

// Of 7 tiles of 729 patches: seven widths of 1152 and the 4304 wide channels, in 27 layers; 588
// colours a patch; 196 tokens a tile of 4608 and twice 2560 channels. Then 12 layers of text.
TEST(Memory, OfAVisionEncoderIsThatOfItsPatches) {
  Scenario scenario = load_scenario("scenarios/deepseek-vl2/stage2.toml", {});
  const auto activations = [&] {
    const auto ranks = memory(scenario, *find_schedule("gpipe"), 1);
    return bytes_of(ranks.front().parts, "activations");
  };
  const double seen = activations();
  scenario.batch.vision_share = 0;
  const double rows = 7 * 729;
  EXPECT_DOUBLE_EQ(seen - activations(),
                   2 * (27 * rows * (6 * 1152 + 4304) + rows * 588 + 7 * 196 * (4608 + 2 * 2560)));
}

TEST(Memory, OfAFrozenModelHasGradientsOfTheEncoderAlone) {
  const Scenario scenario = load_scenario("scenarios/deepseek-vl2/stage1.toml", {});
  const auto ranks = memory(scenario, *find_schedule("1f1b"), 2);
  EXPECT_EQ(bytes_of(ranks[0].parts, "gradients"),
            4.0 * static_cast<double>(parameters(scenario.model).vision));
  EXPECT_EQ(bytes_of(ranks[1].parts, "gradients"), 0);
  EXPECT_EQ(bytes_of(ranks[1].parts, "optimizer state"), 0);
  EXPECT_GT(bytes_of(ranks[1].parts, "weights"), 1e9);
}

std::vector<RankSlots> late_weights(const ScheduleShape&) {
  const Chunk first{.direction = 0, .micro_batch = 0, .stage = 0};
  const Chunk second{.direction = 0, .micro_batch = 1, .stage = 0};
  return {{{SlotKind::kForward, first, first},
           {SlotKind::kBackwardInput, first, first},
           {SlotKind::kForward, second, second},
           {SlotKind::kBackwardInput, second, second},
           {SlotKind::kWeight, first, first},
           {SlotKind::kWeight, second, second}}};
}

// Activations are needed until the weight gradients are through, not only until the input's are.
TEST(Memory, KeepsActivationsForTheWeightGradients) {
  ScheduleKind kind = *find_schedule("1f1b");
  kind.slots = late_weights;
  Scenario scenario = small_cluster();
  scenario.parallelism.pipeline = 1;
  scenario.stages.layers = {61};
  const double both = bytes_of(memory(scenario, kind, 2)[0].parts, "activations");
  const double one = bytes_of(memory(scenario, *find_schedule("1f1b"), 2)[0].parts, "activations");
  EXPECT_DOUBLE_EQ(both, 2 * one);
}

// V3's 60 MoE-sized layers and one on 4 ranks in 8 stages: a V holds one copy of the model, and as
// many chunks of half a rank's layers as the schedule's analysis says.
TEST(Memory, OfAVIsOneCopyAndItsChunks) {
  Scenario scenario = pretraining();
  scenario.parallelism.pipeline = 4;
  scenario.stages.layers = {8, 8, 8, 8, 8, 8, 8, 5};
  const double layer =
      sum(kept_activations(scenario.model, scenario.model.layers.back(), scenario));
  const auto zb_v = memory(scenario, *find_schedule("zb_v"), 20);
  const auto pipe = memory(scenario, *find_schedule("dualpipev"), 20);
  EXPECT_DOUBLE_EQ(bytes_of(zb_v[2].parts, "activations"), 8 * 8 * layer);
  EXPECT_DOUBLE_EQ(bytes_of(pipe[2].parts, "activations"), 9 * 8 * layer);
  EXPECT_NE(zb_v[2].parts[0].why.find("in 2 stage(s)"), std::string::npos);
  scenario.stages.layers = {16, 16, 16, 13};
  const auto flat = memory(scenario, *find_schedule("1f1b"), 20);
  double of_v = 0;
  double of_flat = 0;
  for (std::size_t rank = 0; rank < 4; ++rank) {
    of_v += bytes_of(zb_v[rank].parts, "gradients");
    of_flat += bytes_of(flat[rank].parts, "gradients");
  }
  // The last rank of 1F1B holds an embedding for the MTP module, which a V has on rank 0 anyway.
  EXPECT_DOUBLE_EQ(of_v, of_flat - 4 * 129280.0 * 7168);
}

TEST(Memory, ActivationsGrowWithTheSequence) {
  Scenario scenario = pretraining();
  const auto before = v3_memory(scenario, "dualpipe");
  scenario.batch.sequence_length *= 2;
  const auto after = v3_memory(scenario, "dualpipe");
  EXPECT_DOUBLE_EQ(bytes_of(after[3].parts, "activations"),
                   2 * bytes_of(before[3].parts, "activations"));
  EXPECT_EQ(bytes_of(after[3].parts, "weights"), bytes_of(before[3].parts, "weights"));
}

// 2 sequences of 1024 tokens, 8 of 16 heads: 5 bytes for each of 1024 keys; half of 8192 channels
// behind GELU's input; two masks.
TEST(KeptActivations, OfUnfusedAttentionAreItsScores) {
  Scenario gpt = load_scenario("scenarios/gpt/a100-node.toml", {});
  gpt.memory.recompute = Recompute::kNone;
  const Layer& layer = gpt.model.layers.front();
  const auto parts = kept_activations(gpt.model, layer, gpt);
  EXPECT_EQ(bytes_of(parts, "scores"), 5.0 * 2048 * 1024 * 8);
  EXPECT_EQ(bytes_of(parts, "GELU input"), 2.0 * 2048 * 2 * 4096);
  EXPECT_EQ(bytes_of(parts, "dropout masks"), 2.0 * 2048 * 2048);
  EXPECT_THROW(bytes_of(parts, "log-sum-exp"), std::logic_error);
  gpt.implementation = kFusedKernels;
  EXPECT_EQ(bytes_of(kept_activations(gpt.model, layer, gpt), "log-sum-exp"), 4.0 * 2048 * 8);
}

}  // namespace
}  // namespace windtunnel
