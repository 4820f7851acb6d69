#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "simulator/base/text_file.h"
#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"

namespace windtunnel {
namespace {

using Json = nlohmann::json;

Json simulated(const std::vector<std::string>& more) {
  std::vector<std::string> words{"simulate", kPair, "--json", "-", "--progress", "never"};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = run_program(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return Json::parse(ran.out);
}

Json imported(const std::string& file, const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"import-trace", file, "--json", "-"};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = run_program(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  return Json::parse(ran.out);
}

const std::vector<std::string> kEven = {"--set", "assumptions.routing_deviation.value=0", "--set",
                                        "assumptions.routing_deviation.low=0"};

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// The pair has one pipeline rank, so its transfers are on one stream and never overlap each other:
// then the projection's hidden share and that of Holistic Trace Analysis are the same.
TEST(ImportTrace, AnExportedStepHasTheProjectionsSpanAndOverlap) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "pair.json.gz";
  ASSERT_EQ(run_program(with({"trace", kPair, "-o", file, "--quiet"}, kEven)).code, 0);
  const Json projection = simulated(kEven);
  const Json import = imported(file);
  const double span = projection.at("step").at("time_s").get<double>();
  EXPECT_NEAR(import.at("span_s").get<double>(), span, 2e-9);
  EXPECT_NEAR(import.at("communication_s").get<double>(),
              projection.at("communication").at("total_s").get<double>(), 50e-9);
  EXPECT_NEAR(import.at("communication_hidden_fraction").get<double>(),
              projection.at("communication").at("hidden_fraction").get<double>(), 1e-5);
  EXPECT_EQ(import.at("gpu"), "NVIDIA H800 SXM5 80 GB");
}

// A profile whose kernels all take half as long again makes the step as much longer.
TEST(ImportTrace, AnOwnProfilePricesTheNextSimulation) {
  const TemporaryFolder folder;
  const std::string file = folder.path / "pair.json";
  const std::string own = folder.path / "own";
  ASSERT_EQ(
      run_program(with({"trace", kPair, "-o", file, "--level", "kernel", "--quiet"}, kEven)).code,
      0);
  Json slow = Json::parse(read_text_file(file));
  for (Json& event : slow.at("traceEvents")) {
    if (event.value("cat", "") == "kernel") event["dur"] = event.at("dur").get<double>() * 1.5;
  }
  const std::string slow_file = folder.write("slow.json", slow.dump());
  const Ran ran =
      run_program({"import-trace", slow_file, "--measurements", own, "--compute-sms", "112"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("launches with a shape"), std::string::npos) << ran.out;
  const Json before = simulated(kEven);
  const Json after = simulated(with(kEven, {"--measurements", own}));
  const double ratio =
      after.at("step").at("time_s").get<double>() / before.at("step").at("time_s").get<double>();
  EXPECT_GT(ratio, 1.2);
  EXPECT_LT(ratio, 1.5);
  const Ran explained =
      run_program(with({"simulate", kPair, "--explain", "--measurements", own}, kEven));
  EXPECT_NE(explained.out.find("own profile slow.json"), std::string::npos);
  EXPECT_GT(after.at("provenance").at("measured").get<double>(), 0.5);
  EXPECT_NE(after.at("inputs").dump().find("own/train_kernels.csv"), std::string::npos);
  const Ran other = run_program(
      {"simulate", "scenarios/gpt/a100-node.toml", "--measurements", own, "--progress", "never"});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("the profile is of NVIDIA H800"), std::string::npos) << other.err;
}

TEST(ImportTrace, BrokenFilesAreExitTwoWithAByte) {
  const TemporaryFolder folder;
  const std::string text = R"({"traceEvents":[{"ph":"X","cat":"kernel")";
  const Ran ran = run_program({"import-trace", folder.write("a.json", text)});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("a.json: byte 40: error: the file ends too early"), std::string::npos)
      << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(run_program({"import-trace", folder.path / "none.json"}).code, 2);
  EXPECT_EQ(run_program({"import-trace", folder.path}).code, 2);
}

TEST(ImportTrace, AnUnknownGpuMustBeNamed) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "a.json",
      R"([{"ph":"X","cat":"kernel","name":"gemm bf16 m=1 n=2 k=3","pid":0,"tid":7,"ts":1,)"
      R"("dur":2}])");
  const std::string own = folder.path / "own";
  const Ran unnamed = run_program({"import-trace", file, "--measurements", own});
  EXPECT_EQ(unnamed.code, 2);
  EXPECT_NE(unnamed.err.find("the profile names no GPU; --gpu takes one of"), std::string::npos)
      << unnamed.err;
  EXPECT_FALSE(std::filesystem::exists(own));
  EXPECT_EQ(run_program({"import-trace", file, "--measurements", own, "--gpu", "h800"}).code, 0);
  for (const auto& [option, value] : {std::pair{"--gpu", "h800"}, {"--compute-sms", "112"}}) {
    const Ran idle = run_program({"import-trace", file, option, value});
    EXPECT_EQ(idle.code, 2);
    EXPECT_NE(idle.err.find(std::string(option) + " has no effect without --measurements DIR"),
              std::string::npos)
        << idle.err;
  }
  EXPECT_TRUE(std::filesystem::exists(own + "/train_kernels.csv"));
}

}  // namespace
}  // namespace windtunnel
