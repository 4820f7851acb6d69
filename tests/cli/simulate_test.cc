#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

using Json = nlohmann::json;

Json document(const std::vector<std::string>& more, const std::string& scenario = kPair) {
  std::vector<std::string> arguments{"simulate", scenario, "--json", "-", "--progress", "never"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const Ran ran = run_program(arguments);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  return Json::parse(ran.out);
}

TEST(SimulateCommand, PrintsASummary) {
  const Ran ran = run_program({"simulate", kPretrain, "--progress", "never"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.find("DeepSeek-V3 pre-training on 2048 H800"), 0U);
  EXPECT_NE(ran.out.find("GPU hours"), std::string::npos);
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);  // no colours off a terminal
}

TEST(SimulateCommand, ItsDocumentHoldsThePromisedKeys) {
  const Json json = document({}, kPretrain);
  EXPECT_EQ(json.at("schema"), "windtunnel/projection");
  EXPECT_EQ(json.at("version"), 1);
  for (const char* key : {"windtunnel", "inputs", "scenario", "step", "communication", "throughput",
                          "run", "memory", "provenance", "published", "engine"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  double parts = 0;
  for (const char* key :
       {"forward_s", "backward_s", "weight_s", "overlapped_s", "bubble_s", "optimizer_s"}) {
    parts += json.at("step").at(key).get<double>();
  }
  EXPECT_NEAR(parts, json.at("step").at("time_s").get<double>(), 1e-9);
  EXPECT_EQ(json.at("step").at("ranks").size(), 16U);
  for (const char* key : {"tokens", "steps", "gpu_hours", "gpu_hours_low", "gpu_hours_high", "days",
                          "usd", "stages"}) {
    EXPECT_TRUE(json.at("run").contains(key)) << key;
  }
  for (const char* key : {"total_s", "exposed_s", "waiting_s", "hidden_fraction", "dispatch",
                          "combine", "pipeline", "gradient"}) {
    EXPECT_TRUE(json.at("communication").contains(key)) << key;
  }
  EXPECT_EQ(json.at("published").size(), 7U);
}

TEST(SimulateCommand, SetChangesTheScenario) {
  const double step = document({}).at("step").at("time_s").get<double>();
  const Json slower =
      document({"--set", "assumptions.launch_gap.value=20 us", "--set", "communication.sms=21"});
  EXPECT_GT(slower.at("step").at("time_s").get<double>(), step);
}

TEST(SimulateCommand, ThreadsChangeOnlyTheEngine) {
  Json one = document({"--threads", "1"});
  Json two = document({"--threads", "2"});
  EXPECT_EQ(one.at("engine").at("threads"), 1);
  one.erase("engine");
  two.erase("engine");
  EXPECT_EQ(one, two);
}

TEST(SimulateCommand, FidelityFullRunsEveryRank) {
  EXPECT_EQ(document({"--fidelity", "full"}).at("engine").at("ranks"), 64);
  const Ran ran = run_program({"simulate", kPair, "--fidelity", "half"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
}

TEST(SimulateCommand, ExplainListsTerms) {
  const Ran ran = run_program({"simulate", kPair, "--explain"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_NE(ran.out.find("attn(F)"), std::string::npos);
}

TEST(SimulateCommand, ExplainsTheCriticalPathWhereAsked) {
  const Ran ran = run_program({"simulate", kPair, "--explain", "critical", "--quiet"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("The critical path of the step"), std::string::npos);
  const Json causes = document({"--explain", "critical"}).at("critical");
  double sum = 0;
  for (const Json& cause : causes.at("classes")) sum += cause.at("time_s").get<double>();
  EXPECT_NEAR(sum, causes.at("time_s").get<double>(), 1e-9);
  EXPECT_FALSE(document({}).contains("critical"));
}

TEST(SimulateCommand, ExplainMayStandBeforeTheScenario) {
  const Ran terms = run_program({"simulate", "--explain", kPair, "--quiet"});
  EXPECT_EQ(terms.code, 0) << terms.err;
  EXPECT_NE(terms.out.find("Terms of pipeline rank 0"), std::string::npos);
  const Ran path = run_program({"simulate", "--explain", "critical", kPair, "--quiet"});
  EXPECT_EQ(path.code, 0) << path.err;
  EXPECT_NE(path.out.find("The critical path of the step"), std::string::npos);
  const Ran before = run_program({"simulate", "--explain", kPair, "--json", "/dev/null"});
  EXPECT_EQ(before.code, 0) << before.err;
  const Ran wrong = run_program({"simulate", kPair, "--explain", "everything"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.err,
            "windtunnel: --explain: nothing is called `everything`; nothing behind it (prices), or "
            "critical (the critical path)\n");
  EXPECT_EQ(run_program({"simulate", kServing, "--explain", "critical"}).code, 2);
}

TEST(SimulateCommand, JitterNeedsEveryRank) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "jitter.toml", "extends = \"" + std::filesystem::absolute(kPair).string() +
                         "\"\n[skew.jitter]\nvalue = 0.02\nlow = 0.0\nhigh = 0.03\nwhy = "
                         "\"test\"\n");
  const Ran folded = run_program({"simulate", file});
  EXPECT_EQ(folded.code, 2);
  EXPECT_EQ(folder.without_folder(folded.err),
            "jitter.toml:3:9: error: no two ranks are alike: folded steps cannot show it\n"
            "   3 | value = 0.02\n"
            "     |         ^\n"
            "  accepted: --fidelity full, or ranks that are alike\n");
  EXPECT_EQ(run_program({"simulate", file, "--fidelity", "full", "--quiet"}).code, 0);
}

TEST(SimulateCommand, WhatFoldedStepsCannotShowIsPointedAtWhereItWasSet) {
  const Ran nic = run_program({"simulate", kPair, "--set", "cluster.failed_nics=[5]"});
  EXPECT_EQ(nic.code, 2);
  EXPECT_NE(nic.err.find("| failed_nics = [5]\n"), std::string::npos) << nic.err;
  EXPECT_NE(nic.err.find("accepted: --fidelity full, or no failed_nics"), std::string::npos);
  const TemporaryFolder folder;
  const std::string slow = folder.write(
      "slow.toml", "extends = \"" +
                       std::filesystem::absolute("scenarios/deepseek-v3/pretrain.toml").string() +
                       "\"\n[[skew.speed.stragglers]]\nrank = 3\nfactor = 2.0\n"
                       "[[skew.speed.stragglers]]\nrank = 64\nfactor = 2.0\n");
  const Ran groups = run_program({"simulate", slow});
  EXPECT_EQ(groups.code, 2);
  EXPECT_EQ(folder.without_folder(groups.err).find("slow.toml:2:"), 0U) << groups.err;
  EXPECT_NE(groups.err.find("accepted: --fidelity full"), std::string::npos) << groups.err;
}

TEST(SimulateCommand, AServingScenarioHasItsOwnDocument) {
  const Json json = document({"--set", "requests.count=200"}, kServing);
  EXPECT_EQ(json.at("schema"), "windtunnel/projection");
  EXPECT_EQ(json.at("scenario").at("kind"), "serving");
  for (const char* key : {"prefill_tokens_per_s_per_gpu", "decode_tokens_per_s_per_gpu", "ttft_s",
                          "tpot_s", "kv_bytes_per_token", "max_tokens_in_cache"}) {
    EXPECT_GT(json.at("serving").at(key).get<double>(), 0) << key;
  }
  EXPECT_EQ(json.at("serving").at("load").at("requests"), 200);
  EXPECT_TRUE(json.at("memory").at("fits"));
}

TEST(SimulateCommand, AServingScenarioIsSummedUpAndExplained) {
  const Ran ran = run_program({"simulate", kServing, "--progress", "never"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.find("DeepSeek-V3 on 8 H200"), 0U);
  const Ran explained = run_program({"simulate", kServing, "--explain"});
  EXPECT_NE(explained.out.find("decode iteration"), std::string::npos);
  const Ran full = run_program({"simulate", kServing, "--set", "batching.requests=1000"});
  EXPECT_EQ(full.code, 0);
  EXPECT_NE(full.err.find("this does not fit"), std::string::npos) << full.err;
  const Ran every_rank = run_program({"simulate", kServing, "--fidelity", "full"});
  EXPECT_EQ(every_rank.code, 2);
  EXPECT_EQ(every_rank.err,
            "windtunnel: --fidelity full: a deployment is simulated by one GPU for all alike\n");
}

TEST(SimulateCommand, ABadServingScenarioIsShownWithItsPlace) {
  const Ran ran = run_program({"simulate", kServing, "--set", "unit.tensor=3"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "--set:1:15: error: 8 GPUs do not divide into groups of 3\n"
            "   1 | unit.tensor = 3\n"
            "     |               ^\n"
            "  accepted: such as 2 or 4\n");
}

TEST(SimulateCommand, ABadScenarioIsShownWithItsPlace) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("bad.toml", "extends = \"" + std::filesystem::absolute(kPretrain).string() +
                                   "\"\n[parallelism]\npipelines = 8\n");
  const Ran ran = run_program({"simulate", file});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(folder.without_folder(ran.err),
            "bad.toml:3:1: error: unknown key `pipelines` in parallelism, did you mean "
            "`pipeline`?\n"
            "   3 | pipelines = 8\n"
            "     | ^\n"
            "  accepted: pipeline, expert, expert_tensor, tensor, sequence_parallel, context, "
            "zero_stage, shard_group\n");
}

TEST(SimulateCommand, MistakesExitWithTwo) {
  EXPECT_EQ(run_program({"simulate"}).err,
            "SCENARIO is required\nRun with --help for more information.\n");
  EXPECT_EQ(run_program({"simulate"}).code, 2);
  EXPECT_EQ(run_program({"simulate", "nowhere.toml"}).code, 2);
  EXPECT_EQ(run_program({"simulate", kPair, "--threads", "0"}).code, 2);
  EXPECT_EQ(run_program({"simulate", kPair, "--set", "parallelism.pipeline=0"}).code, 2);
  // Longer than the simulator's clock: a message, no crash.
  EXPECT_EQ(run_program({"simulate", kPretrain, "--set", "batch.sequence_length=16777216"}).code,
            2);
}

}  // namespace
}  // namespace windtunnel
