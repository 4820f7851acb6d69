#include "simulator/study/sweep.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "simulator/study/simulation.h"
#include "tests/base/message.h"
#include "tests/study/folded.h"
#include "tests/study/sweep_specs.h"

namespace windtunnel {
namespace {

Batch swept(const TemporaryFolder& folder, const std::string& text,
            const std::string& scenario = "gpt/a100-node.toml", const std::string& build = "1") {
  return sweep_batch(spec_of(folder, text, scenario), ".", build);
}

TEST(Sweep, APointIsWhatSimulateSaysOfIt) {
  const TemporaryFolder folder;
  const Batch batch =
      swept(folder,
            "columns = [\"step.time_s\", \"run.gpu_hours\", \"memory.peak_bytes\"]\n"
            "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [1, 4]\n"
            "[[axes]]\nkey = \"cluster.scale_up.effective\"\n"
            "values = [\"200 GB/s\", \"250 GB/s\"]\n");
  EXPECT_EQ(batch.head.count, 4);
  const Cells cells = batch.evaluate(2);
  const Projection alone = simulate(
      load_scenario("scenarios/gpt/a100-node.toml",
                    {{"batch.micro_batch", "4"}, {"cluster.scale_up.effective", "200 GB/s"}}),
      folded());
  EXPECT_EQ(cells, (Cells{"4", "200 GB/s", fmt::format("{}", alone.step.rank0.time.value),
                          fmt::format("{}", alone.run->gpu_hours),
                          fmt::format("{:.0f}", alone.memory.peak.value), ""}));
}

TEST(Sweep, IntervalsAreThoseOfSimulate) {
  const TemporaryFolder folder;
  const Batch batch = swept(folder,
                            "intervals = true\ncolumns = [\"step.low_s\", \"run.gpu_hours_high\"]\n"
                            "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [4]\n");
  const Projection alone = simulate(
      load_scenario("scenarios/gpt/a100-node.toml", {{"batch.micro_batch", "4"}}), folded());
  EXPECT_LT(alone.step.low, alone.step.rank0.time);
  EXPECT_EQ(batch.evaluate(0), (Cells{"4", fmt::format("{}", alone.step.low.value),
                                      fmt::format("{}", alone.run->gpu_hours_high), ""}));
}

TEST(Sweep, APointThatMakesNoScenarioIsARowWithTheReason) {
  const TemporaryFolder folder;
  const Batch batch = swept(folder,
                            "columns = [\"step.time_s\"]\n"
                            "[[axes]]\nkey = \"parallelism.tensor\"\nvalues = [2, 3]\n");
  EXPECT_NE(batch.evaluate(0)[1], "");
  EXPECT_EQ(batch.evaluate(0)[2], "");
  const Cells failed = batch.evaluate(1);
  EXPECT_EQ(failed[1], "");
  EXPECT_EQ(failed[2], "3 tensor ranks x 2 others do not divide 8 GPUs");
}

TEST(Sweep, ModelsAreNamedRelativeToTheSpecification) {
  const TemporaryFolder folder;
  const std::string model =
      std::filesystem::relative("scenarios/models/gpt-megatron.toml", folder.path);
  const Batch batch =
      swept(folder, "columns = [\"step.time_s\"]\n[[points]]\nmodel = \"" + model + "\"\n");
  EXPECT_EQ(batch.evaluate(0)[2], "");
  EXPECT_NE(batch.evaluate(0)[1], "");
}

TEST(Sweep, DeploymentsAndCampaignsAreSweptToo) {
  const TemporaryFolder folder;
  const Batch serving = swept(folder,
                              "columns = [\"serving.tpot_s\", \"memory.fits\"]\n"
                              "[[axes]]\nkey = \"requests.count\"\nvalues = [100]\n",
                              "deepseek-v3/serve-h200.toml");
  const Cells row = serving.evaluate(0);
  EXPECT_NE(row[1], "");
  EXPECT_EQ(row[2], "1");
  EXPECT_EQ(row[3], "");
}

TEST(Sweep, TheHashIsOfAllThatARowRestsOn) {
  const TemporaryFolder folder;
  const std::string axis = "[[axes]]\nkey = \"batch.micro_batch\"\nvalues = [1]\n";
  const std::string hash = swept(folder, axis).head.hash;
  EXPECT_EQ(swept(folder, axis).head.hash, hash);
  const TemporaryFolder elsewhere;
  EXPECT_EQ(swept(elsewhere, axis).head.hash, hash);
  EXPECT_NE(swept(folder, axis + "# a word\n").head.hash, hash);
  EXPECT_NE(swept(folder, axis, "gpt/a100-node.toml", "2").head.hash, hash);
}

TEST(Sweep, AnEstimateTriesSomePoints) {
  int calls = 0;
  Batch batch{.head = {.name = "", .hash = "", .count = 1000, .columns = {}},
              .evaluate = [&](std::int64_t id) -> Cells {
                EXPECT_LT(id, 1000);
                ++calls;
                return {};
              }};
  EXPECT_EQ(estimate_sweep(batch).points, 16);
  EXPECT_EQ(calls, 16);
  batch.head.count = 1;
  EXPECT_EQ(estimate_sweep(batch).points, 1);
}

}  // namespace
}  // namespace windtunnel
