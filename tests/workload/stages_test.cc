#include "simulator/workload/stages.h"

#include <gtest/gtest.h>

#include "simulator/model/parameters.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

TEST(Stages, OfAWholeModelEmbedFirstAndPredictLast) {
  const std::vector<Stage> all = stages(pretraining());
  ASSERT_EQ(all.size(), 16U);
  int first = 0;
  for (std::size_t stage = 0; stage < all.size(); ++stage) {
    EXPECT_EQ(all[stage].first_layer, first);
    EXPECT_EQ(all[stage].layers, stage == 15 ? 1 : 4);
    EXPECT_EQ(all[stage].embedding, stage == 0);
    EXPECT_EQ(all[stage].heads, stage == 15);
    first += all[stage].layers;
  }
  EXPECT_EQ(first, 61);
}

TEST(Stages, OfAPartHaveNeitherEmbeddingNorHead) {
  const std::vector<Stage> all = stages(pair_of_layers());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].first_layer, 3);
  EXPECT_EQ(all[0].layers, 4);
  EXPECT_FALSE(all[0].embedding);
  EXPECT_FALSE(all[0].heads);
}

TEST(Stages, AreRunByTheNamedScheduleAndAPairByItsOwn) {
  EXPECT_EQ(main_schedule(pretraining()).name, "dualpipe");
  EXPECT_EQ(main_schedule(pretraining({{"schedule.name", "1f1b"}})).name, "1f1b");
  EXPECT_EQ(&main_schedule(pair_of_layers()), &overlapped_pair());
}

TEST(StagesOfRank, AreOneADirection) {
  const ScheduleShape shape{.pipeline_ranks = 4, .micro_batches = 8, .virtual_stages = 1};
  const ScheduleKind& dualpipe = *find_schedule("dualpipe");
  EXPECT_EQ(stages_of_rank(dualpipe, shape, 0), (std::vector<int>{0, 3}));
  EXPECT_EQ(stages_of_rank(dualpipe, shape, 2), (std::vector<int>{2, 1}));
  EXPECT_EQ(stages_of_rank(*find_schedule("1f1b"), shape, 2), (std::vector<int>{2}));
}

TEST(StagesOfRank, AreTheTwoOfAVAndEveryVthOfInterleaving) {
  const ScheduleShape v{.pipeline_ranks = 4, .micro_batches = 8, .virtual_stages = 2};
  EXPECT_EQ(stages_of_rank(*find_schedule("zb_v"), v, 1), (std::vector<int>{1, 6}));
  EXPECT_EQ(stages_of_rank(*find_schedule("dualpipev"), v, 3), (std::vector<int>{3, 4}));
  const ScheduleShape parts{.pipeline_ranks = 4, .micro_batches = 8, .virtual_stages = 3};
  EXPECT_EQ(stages_of_rank(*find_schedule("interleaved_1f1b"), parts, 1),
            (std::vector<int>{1, 5, 9}));
}

TEST(ScheduleShapes, HaveTheStagesOfTheirScheduleOrOfTheScenario) {
  Scenario scenario = pretraining();
  scenario.schedule.virtual_stages = 3;
  const auto shape = [&](const char* schedule) {
    return schedule_shape(scenario, *find_schedule(schedule), 24);
  };
  EXPECT_EQ(shape("interleaved_1f1b").virtual_stages, 3);
  EXPECT_EQ(shape("zb_v").virtual_stages, 2);
  EXPECT_EQ(shape("1f1b").virtual_stages, 1);
  EXPECT_EQ(shape("1f1b").pipeline_ranks, 16);
  EXPECT_EQ(shape("1f1b").micro_batches, 24);
}

TEST(TrafficOf, ReadsRoutingAndNodes) {
  const Scenario scenario = pretraining();
  const ExpertTraffic traffic =
      traffic_of(scenario, std::get<Moe>(scenario.model.layers.back().feed_forward));
  EXPECT_EQ(traffic.ranks, 64);
  EXPECT_EQ(traffic.ranks_per_node, 8);
  EXPECT_EQ(traffic.top_k, 8);
  EXPECT_EQ(traffic.node_limit, 4);
}

/// Parameters of all stages on all GPUs of one data-parallel replica.
double total_of(const Scenario& scenario) {
  double total = 0;
  for (const Stage& stage : stages(scenario)) {
    const StageParameters part = stage_parameters(scenario, stage);
    total += part.experts * scenario.parallelism.expert * scenario.parallelism.expert_tensor +
             part.shared * scenario.parallelism.tensor + part.everywhere;
  }
  return total;
}

// 671 G and one MTP module. A stage is missing nothing and nothing stands twice.
TEST(StageParameters, AddUpToTheModelWhateverTheDivision) {
  Scenario scenario = pretraining();
  const ParameterCount count = parameters(scenario.model);
  const auto expected = static_cast<double>(count.total + count.mtp);
  EXPECT_EQ(total_of(scenario), expected);
  for (const auto& layers : scenario.stages.alternatives) {
    scenario.stages.layers = layers;
    EXPECT_EQ(total_of(scenario), expected);
  }
  scenario.parallelism.expert = 8;
  EXPECT_EQ(total_of(scenario), expected);
  scenario.parallelism.tensor = 4;
  scenario.parallelism.expert_tensor = 2;
  EXPECT_EQ(total_of(scenario), expected);
}

// V3's norms (14 336), router (1 835 264) and projections to latents (7168 x 2112, their norms
// 2048) are on every tensor rank; the rest of 232 997 120 is divided.
TEST(LayerParameters, TellWhatTensorRanksDivide) {
  Scenario scenario = pretraining();
  scenario.parallelism.tensor = 4;
  scenario.parallelism.expert_tensor = 2;
  const StageParameters held = layer_parameters(scenario, scenario.model.layers.back());
  const double everywhere = 14336.0 + 1835264 + 7168 * 2112 + 2048;
  EXPECT_EQ(held.everywhere, everywhere);
  EXPECT_EQ(held.shared, (232'997'120 - everywhere) / 4);
  EXPECT_EQ(held.experts, 4 * 3.0 * 7168 * 2048 / 2);
  EXPECT_EQ(sum(held), held.everywhere + held.shared + held.experts);
}

TEST(StageParameters, OfEmbeddingAndHeadAreBf16) {
  const Scenario scenario = pretraining();
  const std::vector<Stage> all = stages(scenario);
  EXPECT_EQ(stage_parameters(scenario, all.front()).bf16, 129280.0 * 7168);
  EXPECT_EQ(stage_parameters(scenario, all[1]).bf16, 0);
  EXPECT_EQ(stage_parameters(scenario, all.back()).bf16, 129280.0 * 7168);
}

// A tied head needs the embedding's weights on its own stage.
TEST(StageParameters, OfATiedHeadAreACopyOfTheEmbedding) {
  Scenario scenario = pretraining();
  scenario.model.tied_embeddings = true;
  const ParameterCount count = parameters(scenario.model);
  EXPECT_EQ(total_of(scenario), static_cast<double>(count.total + count.mtp + count.embedding));
}

// The first stage of a V comes back up to its rank as the last: one matrix, where they share it,
// and the MTP module embeds with the first stage's.
TEST(RankParameters, OfBothEndsOfAVHoldNothingTwice) {
  Scenario scenario = pretraining();
  const auto both = [&] { return rank_parameters(scenario, {0, 15}); };
  const auto apart = [&](int stage) { return rank_parameters(scenario, {stage}); };
  const double embedding = 129280.0 * 7168;
  EXPECT_EQ(both().shared, apart(0).shared + apart(15).shared - embedding);
  scenario.model.tied_embeddings = true;
  EXPECT_EQ(both().shared, apart(0).shared + apart(15).shared - embedding);
  EXPECT_EQ(both().bf16, embedding);
  EXPECT_EQ(both().experts, apart(0).experts + apart(15).experts);
}

Scenario seeing(const std::vector<Override>& overrides = {}) {
  return load_scenario("scenarios/deepseek-vl2/stage2.toml", overrides);
}

// The adaptor and then the embedding stand where the encoder's last layer is.
TEST(Stages, OfAVisionEncoderComeFirst) {
  const std::vector<Stage> all = stages(seeing());
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].vision_layers, 27);
  EXPECT_TRUE(all[0].patches && all[0].adaptor && all[0].embedding);
  EXPECT_FALSE(all[1].patches || all[1].adaptor || all[1].embedding);
  const std::vector<Stage> split =
      stages(seeing({{"stages.vision", "[14, 13]"}, {"stages.layers", "[0, 30]"}}));
  EXPECT_TRUE(split[0].patches && !split[0].adaptor && !split[0].embedding);
  EXPECT_TRUE(!split[1].patches && split[1].adaptor && split[1].embedding);
}

TEST(Stages, OfAVisionEncoderHoldAllItsParameters) {
  const Scenario scenario = seeing();
  const ParameterCount count = parameters(scenario.model);
  EXPECT_EQ(total_of(scenario), static_cast<double>(count.total + count.vision));
  Scenario frozen = seeing({{"run.trained", "vision"}});
  double learning = 0;
  for (const int stage : {0, 1}) learning += sum(learning_parameters(frozen, {stage}));
  EXPECT_EQ(learning, static_cast<double>(count.vision));
  EXPECT_EQ(sum(learning_parameters(scenario, {0})), sum(rank_parameters(scenario, {0})));
}

// 0.35 of 4096 tokens are 7.3 tiles of 196.
TEST(VisionTiles, AreTheShareOfAMicroBatch) {
  EXPECT_EQ(vision_tiles(seeing()), 7);
  EXPECT_EQ(vision_tiles(seeing({{"batch.vision_share", "0.01"}})), 1);
  EXPECT_EQ(vision_tiles(seeing({{"batch.vision_share", "0.0"}})), 0);
  EXPECT_EQ(vision_tiles(pretraining()), 0);
}

}  // namespace
}  // namespace windtunnel
