#include "simulator/workload/step_pricing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "simulator/engine/run.h"
#include "simulator/workload/schedules/overlapped_pair.h"
#include "simulator/workload/stages.h"
#include "simulator/workload/training_step.h"
#include "tests/base/message.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

PricedStep priced(const Scenario& scenario, const char* schedule = "dualpipe") {
  return price_step(scenario, shipped_prices(), *find_schedule(schedule));
}

std::vector<std::string> names_of(const PricedStep& step, std::size_t stage) {
  std::vector<std::string> names;
  for (const int block : step.stages[stage]) {
    names.push_back(step.blocks[static_cast<std::size_t>(block)].name);
  }
  return names;
}

const PricedBlock& block_named(const PricedStep& step, const std::string& name) {
  for (const PricedBlock& block : step.blocks) {
    if (block.name == name) return block;
  }
  throw std::logic_error("no " + name);
}

TEST(PriceStep, ListsTheBlocksOfEachStageInForwardOrder) {
  const PricedStep step = priced(pretraining());
  ASSERT_EQ(step.stages.size(), 16U);
  EXPECT_EQ(names_of(step, 0), (std::vector<std::string>{"embedding", "dense layer", "dense layer",
                                                         "dense layer", "MoE layer"}));
  EXPECT_EQ(names_of(step, 8), (std::vector<std::string>(4, "MoE layer")));
  // The MTP module embeds the next tokens and predicts with the main head's weights.
  EXPECT_EQ(names_of(step, 15),
            (std::vector<std::string>{"MoE layer", "output head", "embedding", "MTP projection",
                                      "MoE layer", "output head"}));
}

TEST(PriceStep, PricesLikeLayersOnce) {
  const PricedStep step = priced(pretraining());
  std::multiset<std::string> names;
  for (const PricedBlock& block : step.blocks) names.insert(block.name);
  EXPECT_EQ(names, (std::multiset<std::string>{"MTP projection", "MoE layer", "dense layer",
                                               "embedding", "output head"}));
}

TEST(PriceStep, PricesUnlikeLayersApart) {
  Scenario scenario = pretraining();
  std::get<Moe>(scenario.model.layers[5].feed_forward).intermediate = 1024;
  const PricedStep step = priced(scenario);
  EXPECT_EQ(step.blocks.size(), 6U);
  EXPECT_NE(step.stages[1][0], step.stages[1][1]);
  EXPECT_EQ(step.stages[1][0], step.stages[1][2]);
}

// 3.5 of 4 copies leave the GPU (expert_test.cc): in FP8 outwards, in BF16 back.
TEST(PriceStep, MoeLayersMoveFp8RowsOutAndBf16RowsBack) {
  const PricedStep step = priced(pretraining());
  const PricedBlock& moe = block_named(step, "MoE layer");
  ASSERT_EQ(moe.transfers.size(), 4U);
  EXPECT_TRUE(moe.routed);
  const double fp8 = 3.5 * 4096 * (7168 + 224);
  const double bf16 = 3.5 * 4096 * 14336;
  EXPECT_EQ(moe.transfers[0].phase, Phase::kDispatchForward);
  EXPECT_DOUBLE_EQ(moe.transfers[0].scale_out.value, fp8);
  EXPECT_EQ(moe.transfers[1].phase, Phase::kCombineForward);
  EXPECT_DOUBLE_EQ(moe.transfers[1].scale_out.value, bf16);
  EXPECT_EQ(moe.transfers[2].phase, Phase::kCombineBackward);
  EXPECT_DOUBLE_EQ(moe.transfers[2].scale_out.value, fp8);
  EXPECT_EQ(moe.transfers[3].phase, Phase::kDispatchBackward);
  EXPECT_DOUBLE_EQ(moe.transfers[3].scale_out.value, bf16);
  EXPECT_TRUE(block_named(step, "dense layer").transfers.empty());
  EXPECT_FALSE(block_named(step, "dense layer").routed);
}

TEST(PriceStep, InAPairComputeHasTheSmsThatCommunicationLeaves) {
  const PricedStep step = priced(pretraining());
  const Gpu gpu = pretraining().cluster.gpu;
  for (const PricedKernel& kernel : block_named(step, "MoE layer").kernels) {
    EXPECT_EQ(kernel.price.paired.time.value,
              kernel_price(shipped_prices(), gpu, kernel.op.kernel, 112).time.value);
    EXPECT_EQ(kernel.price.alone.time.value,
              kernel_price(shipped_prices(), gpu, kernel.op.kernel, 132).time.value);
  }
}

// Rank 7 holds the 8 MoE layers of memory_test.cc: 1 409 286 144 parameters of experts in 2 x 2
// replicas on 4 nodes, 3/4 of which cross the NIC, and 1 863 976 960 others in 256 replicas on 32
// nodes of 8, 1/8 x 31/32 of which do. Gradients have 4 bytes, parameters 2.
TEST(PriceStep, TheUpdateReducesAndGathersOverBothCopies) {
  const PricedStep step = priced(pretraining());
  ASSERT_EQ(step.update.size(), 16U);
  const double experts = 1'409'286'144;
  const double shared = 1'863'976'960;
  const double crossing = experts * 3 / 4 + shared / 8 * 31 / 32;
  EXPECT_DOUBLE_EQ(step.update[7].reduce_bytes.value, 4 * crossing);
  EXPECT_DOUBLE_EQ(step.update[7].gather_bytes.value, 2 * crossing);
  // NVLink carries 7/8 of the shared part at 160 GB/s, the NIC the rest at 40 GB/s; latencies of
  // 3.7 us a node further, 3.33 us a GPU further.
  EXPECT_NEAR(step.update[7].reduce.time.value,
              4 * crossing / 40e9 + 4 * shared * 7 / 8 / 160e9 + 34 * 3.7e-6 + 7 * 3.33e-6, 1e-12);
  const KernelShape adam{.operation = Operation::kAdam,
                         .dtype = Dtype::kFp32,
                         .m = static_cast<std::int64_t>(experts / 4 + shared / 256),
                         .n = 0,
                         .k = 0,
                         .groups = 1};
  EXPECT_EQ(step.update[7].optimizer.time.value,
            kernel_price(shipped_prices(), pretraining().cluster.gpu, adam, 132).time.value);
}

// One copy: half of the parameters, half of the replicas: 1/2 of the experts and 15/16 of an
// eighth.
TEST(PriceStep, OneCopyReducesOverTheDataRanksAlone) {
  const PricedStep step = priced(pretraining(), "1f1b");
  EXPECT_DOUBLE_EQ(step.update[7].reduce_bytes.value,
                   4 * (1'409'286'144.0 / 2 / 2 + 1'863'976'960.0 / 2 / 8 * 15 / 16));
}

TEST(PriceStep, OverlappedGradientsCostNothingAtTheEnd) {
  const PricedStep half = priced(pretraining({{"assumptions.gradient_overlap.value", "0.5"}}));
  const PricedStep none = priced(pretraining());
  EXPECT_DOUBLE_EQ(half.update[3].reduce.time.value, none.update[3].reduce.time.value / 2);
  EXPECT_DOUBLE_EQ(half.update[3].gather_bytes.value, none.update[3].gather_bytes.value / 2);
  const PricedStep all = priced(pretraining({{"assumptions.gradient_overlap.value", "1.0"}}));
  EXPECT_EQ(all.update[3].reduce.time.value, 0);
  EXPECT_EQ(all.update[3].gather.time.value, 0);
  EXPECT_EQ(all.update[3].optimizer.time.value, none.update[3].optimizer.time.value);
}

TEST(PriceStep, APairHasNoUpdate) {
  const PricedStep step = price_step(pair_of_layers(), shipped_prices(), overlapped_pair());
  EXPECT_TRUE(step.update.empty());
  ASSERT_EQ(step.stages.size(), 1U);
  EXPECT_EQ(names_of(step, 0), (std::vector<std::string>(4, "MoE layer")));
}

TEST(PriceStep, NamesTheClusterWhoseGpuCannotRunTheScenario) {
  Scenario scenario = pretraining();
  scenario.cluster.gpu = *find_gpu(load_gpus("topologies/gpus"), "a100");
  const std::string message = message_of([&] { priced(scenario); });
  EXPECT_EQ(message.find("scenarios/deepseek-v3/pretrain.toml:8:11: error: "), 0U) << message;
  EXPECT_NE(message.find("cannot be priced for this scenario"), std::string::npos) << message;
  EXPECT_NE(message.find("accepted: a cluster of GPUs with measurements"), std::string::npos);
}

// 4096 x 7168 in BF16 over 40 GB/s: 1468.006 us, and 3.7 us for the first byte.
TEST(PriceStep, SendsActivationsOverTheNic) {
  const PricedSend send = priced(pretraining()).send;
  EXPECT_NEAR(send.price.time.value, 1468.0064e-6 + 3.7e-6, 1e-12);
  EXPECT_EQ(send.scale_out.value, 2.0 * 4096 * 7168);
  EXPECT_LT(send.price.low, send.price.time);
}

// 58.720256 MB over NVLink at 160 GB/s and 3.33 us.
TEST(PriceStep, SendsInsideANodeLeaveTheNicAlone) {
  Scenario scenario = small_cluster();
  scenario.cluster.nodes = 1;
  scenario.cluster.gpus_per_node = 128;
  const PricedSend send = priced(scenario).send;
  EXPECT_NEAR(send.price.time.value, 367.0016e-6 + 3.33e-6, 1e-12);
  EXPECT_EQ(send.scale_out.value, 0);
}

// Two ranks on either side of a node's border: a V that turns on the second and an interleaved
// pipeline that goes back to the first cross it like any other.
TEST(PriceStep, SendsOfSeveralStagesARankCrossTheSameLinks) {
  Scenario scenario = small_cluster();
  scenario.schedule.virtual_stages = 2;
  scenario.stages.layers = {15, 15, 15, 16};
  for (const char* schedule : {"zb_v", "dualpipev", "interleaved_1f1b"}) {
    EXPECT_EQ(priced(scenario, schedule).send.scale_out.value, 2.0 * 4096 * 7168) << schedule;
  }
  scenario.cluster.nodes = 1;
  scenario.cluster.gpus_per_node = 128;
  EXPECT_EQ(priced(scenario, "interleaved_1f1b").send.scale_out.value, 0);
}

// One node: every replica is reached over NVLink, so no gradient touches the NIC.
TEST(PriceStep, GradientsOfOneNodeStayInIt) {
  Scenario scenario = small_cluster();
  scenario.cluster.nodes = 1;
  scenario.cluster.gpus_per_node = 128;
  const PricedStep step = priced(scenario);
  ASSERT_FALSE(step.update.empty());
  EXPECT_EQ(step.update[0].reduce_bytes.value, 0);
  EXPECT_GT(step.update[0].reduce.time.value, 0);
}

// The same chip with the same NIC and faster NVLink can't train more slowly.
TEST(PriceStep, AnH100TransfersNoSlowerThanAnH800) {
  Scenario scenario = pretraining();
  const PricedStep h800 = priced(scenario);
  scenario.cluster.gpu = *find_gpu(load_gpus("topologies/gpus"), "h100");
  scenario.cluster.scale_up.peak = {450e9};
  const PricedStep h100 = priced(scenario);
  const PricedBlock& before = block_named(h800, "MoE layer");
  const PricedBlock& after = block_named(h100, "MoE layer");
  ASSERT_EQ(before.transfers.size(), 4U);
  ASSERT_EQ(after.transfers.size(), 4U);
  for (std::size_t i = 0; i < before.transfers.size(); ++i) {
    EXPECT_LE(after.transfers[i].price.paired.time, before.transfers[i].price.paired.time) << i;
    EXPECT_LE(after.transfers[i].price.alone.time, before.transfers[i].price.alone.time) << i;
    EXPECT_NE(after.transfers[i].price.paired.provenance.basis, Basis::kMeasured) << i;
  }
}

TEST(PriceStep, RejectsAStepThatOutlastsTheClock) {
  const Scenario scenario = pretraining({{"batch.sequence_length", "16777216"}});
  const std::string message = message_of([&] { priced(scenario); });
  EXPECT_EQ(message.find("scenarios/deepseek-v3/pretrain.toml:8:11: error: "), 0U) << message;
  EXPECT_NE(message.find("s of work in a step of one pipeline"), std::string::npos) << message;
  EXPECT_NE(message.find("accepted: a scenario of up to 1e+06 s"), std::string::npos) << message;
}

TEST(PriceStep, ListsTheCollectivesOfEachBlock) {
  Scenario scenario = dense_cluster();
  scenario.parallelism.zero_stage = 3;
  scenario.parallelism.context = 2;
  const PricedStep priced = price_step(scenario, shipped_prices(), *find_schedule("1f1b"));
  const PricedBlock& layer = priced.blocks[static_cast<std::size_t>(priced.stages[0][1])];
  ASSERT_TRUE(layer.layer);
  EXPECT_EQ(std::count_if(layer.collectives.begin(), layer.collectives.end(),
                          [](const PricedCollective& one) { return one.context; }),
            2);
  EXPECT_EQ(layer.collectives.size(), 10U + 2U);
  EXPECT_TRUE(layer.shard.has_value());
  for (const std::vector<int>& stage : priced.stages) {
    for (const int block : stage) {
      const PricedBlock& one = priced.blocks[static_cast<std::size_t>(block)];
      EXPECT_TRUE(one.shard.has_value()) << one.name;
    }
  }
}

/// Folded, and with every data rank simulated.
void expect_folded_is_full(const Scenario& scenario) {
  const ScheduleKind& schedule = main_schedule(scenario);
  const PricedStep priced = price_step(scenario, shipped_prices(), schedule);
  const StepPlan plan = step_plan(scenario, priced, schedule, 4);
  EXPECT_EQ(run(lower(plan, 1).graph).makespan, run(lower(plan, plan.data_ranks).graph).makespan);
}

TEST(PriceStep, OfGpusThatShareLayersIsTheSameFoldedAndFull) {
  Scenario scenario = dense_cluster();
  scenario.assumptions.routing_deviation.value = 0;
  for (const int zero : {0, 1, 2, 3}) {
    for (const int context : {1, 2}) {
      scenario.parallelism.zero_stage = zero;
      scenario.parallelism.context = context;
      expect_folded_is_full(scenario);
    }
  }
}

// Twice the tensor ranks do half the arithmetic each, never less than half the time; what they
// exchange takes time of its own.
TEST(PriceStep, MoreTensorRanksComputeLessAndExchangeMore) {
  const auto step_of = [](int tensor) {
    Scenario scenario = dense_cluster();
    scenario.parallelism.tensor = tensor;
    scenario.parallelism.sequence_parallel = tensor > 1;
    const PricedStep priced = price_step(scenario, shipped_prices(), *find_schedule("1f1b"));
    return priced.blocks[static_cast<std::size_t>(priced.stages[0][1])];
  };
  const auto kernels = [](const PricedBlock& block) {
    double seconds = 0;
    for (const PricedKernel& one : block.kernels) {
      seconds += one.price.alone.time.value * one.op.launches;
    }
    return seconds;
  };
  EXPECT_TRUE(step_of(1).collectives.empty());
  EXPECT_LT(kernels(step_of(2)), kernels(step_of(1)));
  EXPECT_GT(kernels(step_of(2)) * 2, kernels(step_of(1)) * 0.98);
  EXPECT_LT(kernels(step_of(8)), kernels(step_of(4)));
}

TEST(PriceStep, AFrozenLanguageModelHandsGradientsOnButLearnsNothing) {
  const auto weights_of = [](const std::vector<Override>& overrides) {
    const Scenario scenario = load_scenario("scenarios/deepseek-vl2/stage1.toml", overrides);
    std::set<std::string> learning;
    std::set<std::string> passing;
    for (const PricedBlock& block :
         price_step(scenario, shipped_prices(), main_schedule(scenario)).blocks) {
      for (const PricedKernel& kernel : block.kernels) {
        const Phase phase = kernel.op.phase;
        if (phase == Phase::kMlpWeight || phase == Phase::kAttentionWeight) {
          learning.insert(block.name);
        }
        if (phase == Phase::kMlpBackward) passing.insert(block.name);
      }
    }
    return std::pair(learning, passing);
  };
  const auto [frozen, passing] = weights_of({});
  EXPECT_EQ(frozen, (std::set<std::string>{"adaptor", "patches", "vision layer"}));
  EXPECT_TRUE(passing.contains("MoE layer") && passing.contains("output head"));
  EXPECT_TRUE(weights_of({{"run.trained", "all"}}).first.contains("MoE layer"));
}

TEST(ErrorClass, GroupsKernelsWhoseErrorsGoTogether) {
  const auto of = [](Operation operation) {
    return error_class(
        {.operation = operation, .dtype = Dtype::kBf16, .m = 1, .n = 1, .k = 1, .groups = 1});
  };
  EXPECT_EQ(of(Operation::kGemm), ErrorClass::kLinear);
  EXPECT_EQ(of(Operation::kGroupedGemm), ErrorClass::kExperts);
  EXPECT_EQ(of(Operation::kWeightGradient), ErrorClass::kWeightGradients);
  EXPECT_EQ(of(Operation::kGroupedWeightGradient), ErrorClass::kWeightGradients);
  EXPECT_EQ(of(Operation::kAttentionForward), ErrorClass::kAttentionForward);
  EXPECT_EQ(of(Operation::kAttentionBackwardPost), ErrorClass::kAttentionBackward);
  EXPECT_EQ(of(Operation::kSmall), ErrorClass::kSmall);
  EXPECT_EQ(of(Operation::kAdam), ErrorClass::kUpdate);
  EXPECT_EQ(of(Operation::kSwiglu), ErrorClass::kMemoryBound);
}

// Pipeline ranks are 16 nodes apart. 2.8 us through one leaf, and 0.45 us for each of two switches
// more, or of four where some neighbours hang in two pods; planes join 32 nodes a leaf, so that
// every other pair is two leaves apart.
TEST(PriceStep, SendsPassTheSwitchesBetweenNeighbours) {
  const auto latency = [](const std::string& network) {
    const Scenario scenario =
        pretraining({{"cluster", "topologies/h800-2048-" + network + ".toml"}});
    return priced(scenario).send.price.time.value - 1468.0064e-6;
  };
  EXPECT_NEAR(latency("two-layer"), 3.7e-6, 1e-12);
  EXPECT_NEAR(latency("multi-plane"), 3.7e-6, 1e-12);
  EXPECT_NEAR(latency("three-layer"), 4.6e-6, 1e-12);
}

}  // namespace
}  // namespace windtunnel
