#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "simulator/base/error.h"
#include "simulator/workload/scenario.h"
#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

class ScenarioFile : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  static std::string shipped(const std::string& path) {
    return std::filesystem::absolute("scenarios/deepseek-v3/" + path).string();
  }

  /// A scenario that changes the shipped one by `text`, from its second line on.
  std::filesystem::path changed(const std::string& text,
                                const std::string& base = "pretrain.toml") const {
    return folder_.write("a.toml", "extends = \"" + shipped(base) + "\"\n" + text);
  }

  /// What loading it says, without the folder's name.
  std::string rejection(const std::string& text, const std::string& base = "pretrain.toml") const {
    const auto file = changed(text, base);
    return folder_.without_folder(message_of([&] { load_scenario(file, {}); }));
  }
};

TEST_F(ScenarioFile, TheShippedRunIsReadWhole) {
  const Scenario scenario = pretraining();
  EXPECT_EQ(scenario.kind, ScenarioKind::kPretraining);
  EXPECT_EQ(scenario.model.name, "DeepSeek-V3");
  EXPECT_EQ(gpu_count(scenario.cluster), 2048);
  EXPECT_EQ(data_ranks(scenario), 128);
  EXPECT_EQ(micro_batches(scenario, scenario.batch.sequences), 120);
  EXPECT_EQ(micro_batches(scenario, scenario.batch.ramp_sequences), 24);
  EXPECT_EQ(scenario.run.tokens.value, 14.8e12);
  EXPECT_EQ(scenario.assumptions.sms_alone.low, 112);
  EXPECT_FALSE(scenario.changed);
}

TEST_F(ScenarioFile, ListsEveryFileItWasReadFrom) {
  const Scenario scenario = load_scenario(shipped("overlapped_pair.toml"), {});
  std::vector<std::string> names;
  for (const auto& file : scenario.files) names.push_back(file.filename().string());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"deepseek-v3.toml", "h800-2048.toml", "h800-64.toml",
                                             "overlapped_pair.toml", "pretrain.toml"}));
}

TEST_F(ScenarioFile, SetChangesAKeyAndSaysSo) {
  const Scenario scenario = load_scenario(changed(""), {{"schedule.name", "1f1b"}});
  EXPECT_EQ(scenario.schedule.name.value, "1f1b");
  EXPECT_TRUE(scenario.changed);
}

TEST_F(ScenarioFile, AValueOutsideItsRangeStretchesTheRange) {
  const Scenario scenario = pretraining(
      {{"assumptions.routing_deviation.value", "0.3"}, {"assumptions.uptime.value", "0.9"}});
  EXPECT_EQ(scenario.assumptions.routing_deviation.high, 0.3);
  EXPECT_EQ(scenario.assumptions.routing_deviation.low, 0.0);
  EXPECT_EQ(scenario.assumptions.uptime.low, 0.9);
}

TEST_F(ScenarioFile, PipelineRanksDivideTheGpus) {
  EXPECT_EQ(rejection("[parallelism]\npipeline = 7\n"),
            "a.toml:3:12: error: 7 pipeline ranks do not divide 2048 GPUs\n"
            "   3 | pipeline = 7\n"
            "     |            ^\n"
            "  accepted: a divisor such as 4 or 8\n");
  EXPECT_EQ(rejection("[parallelism]\npipeline = 4096\n"),
            "a.toml:3:12: error: 4096 pipeline ranks do not divide 2048 GPUs\n"
            "   3 | pipeline = 4096\n"
            "     |            ^\n"
            "  accepted: a divisor such as 2048\n");
}

TEST_F(ScenarioFile, ExpertRanksDivideTheDataRanks) {
  EXPECT_EQ(rejection("[parallelism]\nexpert = 48\n"),
            "a.toml:3:10: error: 48 expert ranks do not divide 128 data-parallel ranks\n"
            "   3 | expert = 48\n"
            "     |          ^\n"
            "  accepted: a divisor such as 32 or 64\n");
  EXPECT_EQ(rejection("[parallelism]\nexpert = 256\n"),
            "a.toml:3:10: error: 256 expert ranks do not divide 128 data-parallel ranks\n"
            "   3 | expert = 256\n"
            "     |          ^\n"
            "  accepted: a divisor such as 128\n");
}

TEST_F(ScenarioFile, ExpertRanksFillWholeNodes) {
  folder_.write("cluster.toml", "extends = \"" + shipped("../../topologies/h800-2048.toml") +
                                    "\"\nnodes = 96\ngpus_per_node = 6\n");
  EXPECT_EQ(rejection("cluster = \"cluster.toml\"\n[parallelism]\npipeline = 16\nexpert = 4\n"),
            "a.toml:5:10: error: 4 expert ranks fill no whole nodes of 6 GPUs\n"
            "   5 | expert = 4\n"
            "     |          ^\n"
            "  accepted: a multiple or a divisor of 6\n");
}

TEST_F(ScenarioFile, ExpertsAreSharedEvenly) {
  folder_.write("model.toml", "extends = \"" + shipped("../models/deepseek-v3.toml") +
                                  "\"\n[moe]\nrouted_experts = 96\n");
  EXPECT_EQ(rejection("model = \"model.toml\"\n[parallelism]\nexpert = 64\n"),
            "a.toml:4:10: error: 96 experts cannot be divided over 64 GPUs\n"
            "   4 | expert = 64\n"
            "     |          ^\n"
            "  accepted: a divisor such as 48 or 96\n");
}

TEST_F(ScenarioFile, TensorRanksDivideTheHeads) {
  EXPECT_EQ(rejection("[parallelism]\nexpert = 1\ntensor = 256\n[batch]\nsequences = 15360\n"),
            "a.toml:4:10: error: 256 tensor ranks x 16 others do not divide 2048 GPUs\n"
            "   4 | tensor = 256\n"
            "     |          ^\n"
            "  accepted: a divisor such as 128\n");
  folder_.write("model.toml",
                "extends = \"" + shipped("../models/deepseek-v3.toml") + "\"\n[mla]\nheads = 12\n");
  EXPECT_EQ(rejection("model = \"model.toml\"\n[parallelism]\ntensor = 8\n"),
            "a.toml:4:10: error: 12 heads cannot be divided over 8 GPUs\n"
            "   4 | tensor = 8\n"
            "     |          ^\n"
            "  accepted: a divisor such as 6 or 12\n");
}

TEST_F(ScenarioFile, ZeroStagesAreThree) {
  EXPECT_EQ(rejection("[parallelism]\nzero_stage = 4\n"),
            "a.toml:3:14: error: 4 is out of range\n"
            "   3 | zero_stage = 4\n"
            "     |              ^\n"
            "  accepted: an integer from 0 to 3\n");
}

TEST_F(ScenarioFile, AVisionEncoderIsGivenImages) {
  const std::string vl2 = "model = \"" + shipped("../models/deepseek-vl2.toml") + "\"\n";
  const std::string layers =
      "[stages]\nlayers = [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0]\n";
  const auto says = [&](const std::string& text, const std::string& what) {
    const std::string said = rejection(text);
    EXPECT_NE(said.find(what), std::string::npos) << said;
  };
  says(vl2 + "[parallelism]\nexpert = 8\n" + layers,
       "error: the model has a vision encoder: how much of the batch are images?");
  says(vl2 + "[parallelism]\nexpert = 8\ncontext = 2\n[batch]\nvision_share = 0.5\n" + layers,
       "error: a vision encoder is not shared among GPUs");
  says(
      vl2 + "[parallelism]\nexpert = 8\n[batch]\nvision_share = 0.5\n" + layers + "vision = [27]\n",
      "error: 1 numbers for 16 stages");
  says(vl2 + "[parallelism]\nexpert = 8\n[batch]\nvision_share = 0.5\n" + layers +
           "vision = [26, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n",
       "error: 26 layers in all, the encoder has 27");
  says("[batch]\nvision_share = 0.5\n", "a.toml:3:16: error: the model has no vision encoder");
  says("[run]\ntrained = \"vision\"\n", "a.toml:3:11: error: the model has no vision encoder");
  says("[stages]\nvision = [1]\n", "a.toml:3:10: error: the model has no vision encoder");
}

TEST_F(ScenarioFile, BatchesAreWholeMicroBatches) {
  EXPECT_EQ(rejection("[batch]\nsequences = 15361\n"),
            "a.toml:3:13: error: 15361 sequences do not divide over 128 data ranks x 1 a "
            "micro-batch\n"
            "   3 | sequences = 15361\n"
            "     |             ^\n"
            "  accepted: a multiple of 128, such as 15360\n");
  EXPECT_EQ(rejection("[batch]\nramp_sequences = 100\n"),
            "a.toml:3:18: error: 100 sequences do not divide over 128 data ranks x 1 a "
            "micro-batch\n"
            "   3 | ramp_sequences = 100\n"
            "     |                  ^\n"
            "  accepted: a multiple of 128\n");
}

// 2^22 data ranks x 1024 is 2^32: 0 in 32 bits.
TEST_F(ScenarioFile, AHugeClusterDoesNotOverflow) {
  folder_.write("cluster.toml", "extends = \"" + shipped("../../topologies/h800-2048.toml") +
                                    "\"\nnodes = 65536\ngpus_per_node = 1024\n");
  EXPECT_EQ(
      rejection("cluster = \"cluster.toml\"\n[batch]\nmicro_batch = 1024\nsequences = 1024\n"),
      "a.toml:5:13: error: 1024 sequences do not divide over 4194304 data ranks x 1024 a "
      "micro-batch\n"
      "   5 | sequences = 1024\n"
      "     |             ^\n"
      "  accepted: a multiple of 4294967296\n");
}

TEST_F(ScenarioFile, TheRampLeadsUpwardsAndEndsBeforeTheRun) {
  EXPECT_EQ(rejection("[batch]\nramp_sequences = 30720\n"),
            "a.toml:3:18: error: the ramp starts above the batch it leads to\n"
            "   3 | ramp_sequences = 30720\n"
            "     |                  ^\n"
            "  accepted: at most 15360\n");
  EXPECT_EQ(rejection("[batch]\nramp_tokens = \"14.8 T\"\n"),
            "a.toml:3:15: error: the ramp is longer than the run\n"
            "   3 | ramp_tokens = \"14.8 T\"\n"
            "     |               ^\n"
            "  accepted: fewer than run.tokens\n");
}

// 20 million ops are enough: 2e7 / 11 ops a layer / 61 layers.
TEST_F(ScenarioFile, AStepFitsIntoMemory) {
  EXPECT_EQ(rejection("[batch]\nsequences = 99999872\n"),
            "a.toml:3:13: error: 781249 micro-batches a step are too many\n"
            "   3 | sequences = 99999872\n"
            "     |             ^\n"
            "  accepted: at most 5961 micro-batches\n");
}

TEST_F(ScenarioFile, AssumptionsStayInTheirRange) {
  EXPECT_EQ(rejection("[assumptions.uptime]\nvalue = 1.2\n"),
            "a.toml:3:9: error: 1.2 is out of range\n"
            "   3 | value = 1.2\n"
            "     |         ^\n"
            "  accepted: a number from 0.01 to 1\n");
  EXPECT_EQ(rejection("[assumptions.routing_deviation]\nlow = 0.2\n"),
            "a.toml:3:7: error: the range ends below its start\n"
            "   3 | low = 0.2\n"
            "     |       ^\n"
            "  accepted: low <= high\n");
}

TEST_F(ScenarioFile, SmsAreThoseOfTheGpu) {
  EXPECT_EQ(rejection("[assumptions.sms_alone]\nvalue = 133\n"),
            "a.toml:3:9: error: more than the 132 SMs of NVIDIA H800 SXM5 80 GB\n"
            "   3 | value = 133\n"
            "     |         ^\n"
            "  accepted: \"all\", or at most 132\n");
  EXPECT_EQ(rejection("[assumptions.sms_alone]\nhigh = 200\n"),
            "a.toml:3:8: error: more than the 132 SMs of NVIDIA H800 SXM5 80 GB\n"
            "   3 | high = 200\n"
            "     |        ^\n"
            "  accepted: \"all\", or at most 132\n");
  EXPECT_EQ(rejection("[communication]\nsms = 132\n"),
            "a.toml:3:7: error: leaves no SM of NVIDIA H800 SXM5 80 GB for compute\n"
            "   3 | sms = 132\n"
            "     |       ^\n"
            "  accepted: fewer than 132\n");
}

TEST_F(ScenarioFile, KeysAreKnownAndComplete) {
  EXPECT_EQ(rejection("[batch]\nsequence = 1\n"),
            "a.toml:3:1: error: unknown key `sequence` in batch, did you mean `sequences`?\n"
            "   3 | sequence = 1\n"
            "     | ^\n"
            "  accepted: sequence_length, document_length, vision_share, sequences, micro_batch, "
            "ramp_sequences, ramp_tokens\n");
  const auto file = folder_.write("b.toml", "name = \"x\"\nkind = \"pretraining\"\n");
  EXPECT_EQ(folder_.without_folder(message_of([&] { load_scenario(file, {}); })),
            "b.toml:1:1: error: scenario lacks the key `model`\n"
            "   1 | name = \"x\"\n"
            "     | ^\n"
            "  accepted: model = a text in quotes, not empty (model file, relative to this one)\n");
}

TEST_F(ScenarioFile, MistakesInSetPointAtItsText) {
  EXPECT_EQ(message_of([] {
              pretraining({{"parallelism.pipelin", "8"}});
            }),
            "--set:1:13: error: unknown key `pipelin` in parallelism, did you mean `pipeline`?\n"
            "   1 | parallelism.pipelin = 8\n"
            "     |             ^\n"
            "  accepted: pipeline, expert, expert_tensor, tensor, sequence_parallel, context, "
            "zero_stage, shard_group\n");
  EXPECT_EQ(message_of([] {
              pretraining({{"parallelism.pipeline", "0"}});
            }),
            "--set:1:24: error: 0 is out of range\n"
            "   1 | parallelism.pipeline = 0\n"
            "     |                        ^\n"
            "  accepted: an integer from 1 to 1048576\n");
}

TEST_F(ScenarioFile, AMissingModelIsReportedWhereItIsNamed) {
  EXPECT_EQ(rejection("model = \"none.toml\"\n"),
            "a.toml:2:9: error: can't read `none.toml`: No such file or directory\n"
            "   2 | model = \"none.toml\"\n"
            "     |         ^\n"
            "  accepted: the path of a readable file\n");
}

// Each case is the scenario with its changes; the scenario itself has none of them.
TEST_F(ScenarioFile, RangesHoldTheScenarioInEachOtherCase) {
  const Scenario scenario =
      load_scenario(changed("[[ranges]]\nwhat = \"tokens\"\nassumed = \"14.8 T\"\nwhy = \"test\"\n"
                            "cases = [[\"run.tokens = 10 T\"], [\"batch.micro_batch = 2\", "
                            "\"batch.sequences=30720\"]]\n"),
                    {});
  ASSERT_EQ(scenario.ranges.size(), 1U);
  const ScenarioRange& range = scenario.ranges.front();
  EXPECT_EQ(range.others, "run.tokens = 10 T or batch.micro_batch = 2, batch.sequences=30720");
  ASSERT_EQ(range.cases.size(), 2U);
  EXPECT_EQ(range.cases[0].run.tokens.value, 10e12);
  EXPECT_EQ(range.cases[0].batch.micro_batch, 1);
  EXPECT_EQ(range.cases[1].batch.micro_batch, 2);
  EXPECT_EQ(range.cases[1].batch.sequences, 30720);
  EXPECT_EQ(range.cases[1].run.tokens.value, 14.8e12);
  EXPECT_EQ(scenario.run.tokens.value, 14.8e12);
  EXPECT_TRUE(range.cases[0].ranges.empty());
}

TEST_F(ScenarioFile, ACaseThatDoesNotWorkIsShownWithItsPlace) {
  const auto with = [&](const std::string& change) {
    return rejection("[[ranges]]\nwhat = \"a\"\nassumed = \"b\"\nwhy = \"c\"\ncases = [[\"" +
                     change + "\"]]\n");
  };
  EXPECT_EQ(with("tokens"),
            "a.toml:6:11: error: a case changes a key\n"
            "   6 | cases = [[\"tokens\"]]\n"
            "     |           ^\n"
            "  accepted: \"batch.micro_batch = 2\"\n");
  const std::string unknown = with("run.token = 3 B");
  EXPECT_NE(unknown.find("unknown key `token` in run, did you mean `tokens`?"), std::string::npos);
  EXPECT_NE(unknown.find("a.toml:6:11: note: in this case of a range"), std::string::npos)
      << unknown;
  EXPECT_NE(with("parallelism.pipeline = 15").find("do not divide"), std::string::npos);
}

TEST_F(ScenarioFile, SetReachesIntoTheModelAndTheCluster) {
  const Scenario scenario = load_scenario(
      "scenarios/gpt/a100-node.toml",
      {{"model.layers", "[{count = 4, attention = \"gqa\", feed_forward = \"dense\"}]"},
       {"stages.layers", "[2, 2]"},
       {"cluster.gpus_per_node", "4"}});
  EXPECT_EQ(scenario.model.layers.size(), 4U);
  EXPECT_EQ(gpu_count(scenario.cluster), 4);
  EXPECT_TRUE(scenario.changed);
  EXPECT_EQ(message_of([] {
              load_scenario("scenarios/gpt/a100-node.toml", {{"cluster.node", "2"}});
            }).substr(0, 44),
            "--set:1:1: error: unknown key `node` in clus");
}

TEST_F(ScenarioFile, ImplementationsAreDescribedForGptsLayersOnly) {
  const std::string text =
      "[implementation]\nattention = \"unfused\"\ndropout = true\nseparate_passes = false\n";
  EXPECT_NE(rejection(text).find("latent attention and experts run as in DeepSeek's profile only"),
            std::string::npos);
  const auto gpt = std::filesystem::absolute("scenarios/gpt/a100-node.toml").string();
  const auto packed =
      folder_.write("b.toml", "extends = \"" + gpt + "\"\n[batch]\ndocument_length = 512\n");
  EXPECT_NE(message_of([&] {
              load_scenario(packed, {});
            }).find("unfused scores are those of whole sequences"),
            std::string::npos);
}

TEST_F(ScenarioFile, LearnedPositionsBoundTheSequence) {
  EXPECT_NE(message_of([] {
              load_scenario("scenarios/gpt/a100-node.toml", {{"batch.sequence_length", "1025"}});
            }).find("GPT, 2048 x 24 has learned 1024 positions"),
            std::string::npos);
}

TEST_F(ScenarioFile, AHostsLaunchesAreAnAssumptionThatMayBeLeftOut) {
  EXPECT_FALSE(pretraining().assumptions.host_launch);
  const Scenario gpt =
      load_scenario("scenarios/gpt/a100-node.toml", {{"assumptions.host_launch.value", "100 us"}});
  ASSERT_TRUE(gpt.assumptions.host_launch);
  EXPECT_DOUBLE_EQ(gpt.assumptions.host_launch->high.value, 100e-6);  // stretched
}

TEST_F(ScenarioFile, SparseAttentionIsOnlyServed) {
  const std::string said =
      rejection("model = \"" + shipped("../models/deepseek-v3.2.toml") + "\"\n");
  EXPECT_NE(said.find("a.toml:2:9: error: the training of a sparse attention's indexer"),
            std::string::npos)
      << said;
}

TEST_F(ScenarioFile, FailuresThatNoRunOutlastsAreRejected) {
  const std::string plan = "checkpoint = \"1 min\"\nrestart = \"10 min\"\n";
  EXPECT_EQ(rejection("[failures]\nnode_mtbf = \"1000 days\"\n" + plan), "no error");
  const std::string said = rejection("[failures]\nnode_mtbf = \"1 h\"\n" + plan);
  EXPECT_NE(said.find("a.toml:2:1: error: 256 nodes fail too often"), std::string::npos) << said;
}

}  // namespace
}  // namespace windtunnel
