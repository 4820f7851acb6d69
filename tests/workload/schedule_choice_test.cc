#include "simulator/workload/schedule_choice.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/base/message.h"
#include "tests/base/temporary_folder.h"
#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

class ChosenSchedule : public ::testing::Test {
 protected:
  TemporaryFolder folder_;

  /// What loading a shipped scenario with `text` on top says, without the folder's name.
  std::string rejection(const std::string& text, const std::string& base = "pretrain.toml") const {
    const std::string shipped = std::filesystem::absolute("scenarios/deepseek-v3/" + base).string();
    const auto file = folder_.write("a.toml", "extends = \"" + shipped + "\"\n" + text);
    return folder_.without_folder(message_of([&] { load_scenario(file, {}); }));
  }
};

TEST_F(ChosenSchedule, SchedulesAreKnown) {
  EXPECT_EQ(rejection("[schedule]\nname = \"dualpip\"\n"),
            "a.toml:3:8: error: unknown schedule `dualpip`, did you mean `dualpipe`?\n"
            "   3 | name = \"dualpip\"\n"
            "     |        ^\n"
            "  accepted: gpipe, 1f1b, interleaved_1f1b, zb_h1, zb_v, dualpipe, dualpipev\n");
  EXPECT_EQ(rejection("[schedule]\nfallback = \"zigzag\"\n"),
            "a.toml:3:12: error: unknown schedule `zigzag`\n"
            "   3 | fallback = \"zigzag\"\n"
            "     |            ^\n"
            "  accepted: gpipe, 1f1b, interleaved_1f1b, zb_h1, zb_v, dualpipe, dualpipev\n");
}

// 1920 sequences are 15 micro-batches: odd, and fewer than 2 a rank.
TEST_F(ChosenSchedule, ScheduleRunsTheFullBatch) {
  EXPECT_EQ(rejection("schedule.name = \"dualpipe\"\nbatch.sequences = 1920\n"
                      "batch.ramp_sequences = 1920\n"),
            "a.toml:2:17: error: dualpipe cannot run here\n"
            "   2 | schedule.name = \"dualpipe\"\n"
            "     |                 ^\n"
            "  accepted: dualpipe needs an even number of pipeline ranks and an even number of "
            "micro-batches, at least 2 a rank: 16 ranks with 15 micro-batches cannot run, "
            "16 ranks with 32 micro-batches can\n");
}

TEST_F(ChosenSchedule, FallbackRunsTheShortestStep) {
  EXPECT_EQ(rejection("[schedule]\nfallback = \"dualpipe\"\n"),
            "a.toml:3:12: error: dualpipe cannot run at the start of the ramp\n"
            "   3 | fallback = \"dualpipe\"\n"
            "     |            ^\n"
            "  accepted: dualpipe needs an even number of pipeline ranks and an even number of "
            "micro-batches, at least 2 a rank: 16 ranks with 24 micro-batches cannot run, "
            "16 ranks with 32 micro-batches can\n");
}

TEST_F(ChosenSchedule, APairIsNoWholeSchedule) {
  EXPECT_EQ(rejection("[schedule]\nname = \"1f1b\"\n", "overlapped_pair.toml"),
            "a.toml:3:8: error: an overlapped pair is not a whole schedule\n"
            "   3 | name = \"1f1b\"\n"
            "     |        ^\n"
            "  accepted: overlapped_pair\n");
}

TEST_F(ChosenSchedule, StagesAreThoseOfTheSchedule) {
  EXPECT_EQ(rejection("[stages]\nlayers = [30, 31]\n"),
            "a.toml:3:10: error: 2 stages for a schedule that has 16\n"
            "   3 | layers = [30, 31]\n"
            "     |          ^\n"
            "  accepted: 16 numbers\n");
  EXPECT_EQ(rejection("[stages]\npairing = \"layer\"\n"),
            "a.toml:3:11: error: unknown name `layer`, did you mean `layers`?\n"
            "   3 | pairing = \"layer\"\n"
            "     |           ^\n"
            "  accepted: one of \"layers\", \"blocks\"\n");
  EXPECT_EQ(rejection("[stages]\nalternatives = [[61]]\n"),
            "a.toml:3:16: error: 1 stages for a schedule that has 16\n"
            "   3 | alternatives = [[61]]\n"
            "     |                ^\n"
            "  accepted: 16 numbers\n");
}

TEST_F(ChosenSchedule, StagesHoldEveryLayerOnce) {
  EXPECT_EQ(rejection("[stages]\nlayers = [4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4]\n"),
            "a.toml:3:10: error: 64 layers in all, the model has 61\n"
            "   3 | layers = [4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4]\n"
            "     |          ^\n"
            "  accepted: numbers that add up to 61\n");
}

// Chunks of such a stage would have no op that the next stage could wait for.
TEST_F(ChosenSchedule, StagesBetweenTheEndsAreNotEmpty) {
  EXPECT_EQ(rejection("[stages]\nlayers = [4,4,4,4,4,0,8,4,4,4,4,4,4,4,4,1]\n"),
            "a.toml:3:10: error: stage 5 has no layer\n"
            "   3 | layers = [4,4,4,4,4,0,8,4,4,4,4,4,4,4,4,1]\n"
            "     |          ^\n"
            "  accepted: at least 1 layer in each stage but the first and the last\n");
  EXPECT_EQ(rejection("[stages]\nlayers = [0,4,4,4,4,4,4,4,4,4,4,4,4,4,5,4]\n"), "no error");
}

TEST_F(ChosenSchedule, APartFitsIntoTheModel) {
  EXPECT_EQ(rejection("[stages]\nfirst_layer = 60\nlayers = [2]\n", "overlapped_pair.toml"),
            "a.toml:4:10: error: 2 layers in all, the model has 1\n"
            "   4 | layers = [2]\n"
            "     |          ^\n"
            "  accepted: numbers that add up to 1\n");
  EXPECT_EQ(rejection("[stages]\nlayers = [0]\n", "overlapped_pair.toml"),
            "a.toml:3:10: error: 0 layers in all, the model has 58\n"
            "   3 | layers = [0]\n"
            "     |          ^\n"
            "  accepted: numbers that add up to 58\n");
}

/// V3's 61 layers in `stages` stages, the last of 1 layer, as a line of TOML.
std::string layers_in(int stages) {
  std::string text = "layers = [";
  for (int stage = 0; stage + 1 < stages; ++stage) {
    text += std::to_string((60 * (stage + 1)) / (stages - 1) - (60 * stage) / (stages - 1)) + ", ";
  }
  return text + "1]\n";
}

const char* kFourRanks =
    "parallelism.pipeline = 4\n"
    "stages.alternatives = []\n"
    "batch.sequences = 16384\n"
    "batch.ramp_sequences = 4096\n";

TEST_F(ChosenSchedule, StagesARankAreSaidWhereTheScheduleAsks) {
  EXPECT_EQ(rejection("[schedule]\nname = \"interleaved_1f1b\"\n"),
            "a.toml:3:8: error: interleaved_1f1b needs schedule.virtual_stages, the stages that "
            "each pipeline rank holds\n"
            "   3 | name = \"interleaved_1f1b\"\n"
            "     |        ^\n"
            "  accepted: virtual_stages = 2 or more below [schedule]\n");
  EXPECT_EQ(rejection("[schedule]\nfallback = \"interleaved_1f1b\"\n"),
            "a.toml:3:12: error: interleaved_1f1b needs schedule.virtual_stages, the stages that "
            "each pipeline rank holds\n"
            "   3 | fallback = \"interleaved_1f1b\"\n"
            "     |            ^\n"
            "  accepted: virtual_stages = 2 or more below [schedule]\n");
}

TEST_F(ChosenSchedule, StagesARankContradictNoSchedule) {
  EXPECT_EQ(rejection("[schedule]\nvirtual_stages = 2\n"),
            "a.toml:3:18: error: dualpipe holds 1 stage a pipeline rank, not 2\n"
            "   3 | virtual_stages = 2\n"
            "     |                  ^\n"
            "  accepted: no such key, or a schedule that leaves the number open: "
            "interleaved_1f1b\n");
  EXPECT_EQ(rejection("[schedule]\nname = \"zb_v\"\nvirtual_stages = 4\n"),
            "a.toml:4:18: error: zb_v holds 2 stages a pipeline rank, not 4\n"
            "   4 | virtual_stages = 4\n"
            "     |                  ^\n"
            "  accepted: no such key, or a schedule that leaves the number open: "
            "interleaved_1f1b\n");
  EXPECT_EQ(rejection("[schedule]\nvirtual_stages = 1\n"), "no error");
  EXPECT_EQ(rejection("[schedule]\nvirtual_stages = 1001\n"),
            "a.toml:3:18: error: 1001 is out of range\n"
            "   3 | virtual_stages = 1001\n"
            "     |                  ^\n"
            "  accepted: an integer from 1 to 1000\n");
}

TEST_F(ChosenSchedule, InterleavingNeedsSeveralStagesARank) {
  EXPECT_EQ(
      rejection("schedule.name = \"interleaved_1f1b\"\nschedule.virtual_stages = 1\n"
                "batch.sequences = 16384\n"),
      "a.toml:2:17: error: interleaved_1f1b cannot run here\n"
      "   2 | schedule.name = \"interleaved_1f1b\"\n"
      "     |                 ^\n"
      "  accepted: interleaved_1f1b needs at least 2 stages a rank, not 1; with 1 it would be "
      "1f1b\n");
}

// 15360 sequences are 120 micro-batches, no multiple of 16.
TEST_F(ChosenSchedule, InterleavingNeedsWholeTurnsOfThePipeline) {
  EXPECT_EQ(rejection("schedule.name = \"interleaved_1f1b\"\nschedule.fallback = \"zb_v\"\n"
                      "schedule.virtual_stages = 2\n"),
            "a.toml:2:17: error: interleaved_1f1b cannot run here\n"
            "   2 | schedule.name = \"interleaved_1f1b\"\n"
            "     |                 ^\n"
            "  accepted: interleaved_1f1b needs a multiple of the pipeline ranks as micro-batches: "
            "16 ranks with 120 micro-batches cannot run, 16 ranks with 112 micro-batches or 128 "
            "can\n");
}

TEST_F(ChosenSchedule, EveryRankHasItsStages) {
  EXPECT_EQ(rejection("schedule.name = \"zb_v\"\n[stages]\nlayers = [30, 31]\n"),
            "a.toml:4:10: error: 2 stages for a schedule that has 32\n"
            "   4 | layers = [30, 31]\n"
            "     |          ^\n"
            "  accepted: 32 numbers, 2 for each of 16 pipeline ranks\n");
}

// 8 micro-batches at the start of the ramp on 4 ranks: what could stand in has 8 stages as well.
TEST_F(ChosenSchedule, TheFallbackDividesTheModelAlike) {
  EXPECT_EQ(rejection(std::string(kFourRanks) + "stages." + layers_in(8) +
                      "[schedule]\nname = \"dualpipev\"\nfallback = \"1f1b\"\n"),
            "a.toml:9:12: error: 1f1b divides the model into other stages than dualpipev\n"
            "   9 | fallback = \"1f1b\"\n"
            "     |            ^\n"
            "  accepted: a schedule with as many stages: zb_v, dualpipev\n");
  EXPECT_EQ(rejection(std::string(kFourRanks) + "stages." + layers_in(12) +
                      "[schedule]\nname = \"interleaved_1f1b\"\nvirtual_stages = 3\n"
                      "fallback = \"interleaved_1f1b\"\n"),
            "no error");
}

TEST_F(ChosenSchedule, ScenariosRunEverySchedule) {
  for (const char* name : {"zb_v", "dualpipev"}) {
    EXPECT_EQ(rejection(std::string(kFourRanks) + "stages." + layers_in(8) +
                        "[schedule]\nfallback = \"zb_v\"\nname = \"" + name + "\"\n"),
              "no error");
  }
  EXPECT_EQ(rejection("[schedule]\nname = \"zb_h1\"\n"), "no error");
}

}  // namespace
}  // namespace windtunnel
