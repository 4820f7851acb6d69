#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/base/temporary_folder.h"
#include "tests/cli/program.h"
#include "tests/cli/sweeps.h"

namespace windtunnel {
namespace {

TEST(PlanCommand, TheBestPlanIsAScenarioThatSimulates) {
  const TemporaryFolder folder;
  const std::string best = (folder.path / "best.toml").string();
  const std::string page = (folder.path / "page.html").string();
  const Ran one =
      run_program({"plan", kSmallPlan, "--json", "-", "--threads", "1", "--progress", "never"});
  ASSERT_EQ(one.code, 0) << one.err;
  const Ran two = run_program({"plan", kSmallPlan, "--json", "-", "-o", best, "--html", page,
                               "--threads", "3", "--progress", "never"});
  EXPECT_EQ(one.out, two.out);
  const auto document = nlohmann::json::parse(one.out);
  EXPECT_EQ(document.at("schema"), "windtunnel/plan");
  const Ran simulated = run_program({"simulate", best, "--json", "-", "--progress", "never"});
  ASSERT_EQ(simulated.code, 0) << simulated.err;
  EXPECT_EQ(nlohmann::json::parse(simulated.out).at("run").at("gpu_hours"),
            document.at("best")[0].at("takes").at("gpu_hours"));
  EXPECT_TRUE(std::ifstream(page).good());
}

TEST(PlanCommand, LimitsThatNoPlanKeepsToAreExitOne) {
  const TemporaryFolder folder;
  const std::string spec = (folder.path / "spec.toml").string();
  std::ofstream(spec) << "extends = \"" << std::filesystem::absolute(kSmallPlan).string()
                      << "\"\n[limits]\nmemory = \"5 GB\"\n";
  const Ran ran = run_program({"plan", spec, "--progress", "never"});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.out.find("exceed only the limit of memory"), std::string::npos) << ran.out;
}

TEST(PlanCommand, AKnownPlanIsShownWhereNoneKeepsToTheLimits) {
  const TemporaryFolder folder;
  const std::string spec = (folder.path / "spec.toml").string();
  std::ofstream(spec)
      << "extends = \"" << std::filesystem::absolute(kSmallPlan).string()
      << "\"\n[limits]\nmemory = \"5 GB\"\n[[marks]]\nname = \"ours\"\nscenario = \""
      << std::filesystem::absolute("scenarios/gpt/a100-node.toml").string() << "\"\n";
  const Ran ran = run_program({"plan", spec, "--progress", "never"});
  EXPECT_EQ(ran.code, 1) << ran.err;
  EXPECT_NE(ran.out.find("\nours ("), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("It exceeds the limit of memory"), std::string::npos) << ran.out;
  EXPECT_EQ(ran.out.find("on the front"), std::string::npos) << ran.out;
}

TEST(PlanCommand, AKnownDeploymentThatNothingPricesIsRefusedFirst) {
  const TemporaryFolder folder;
  const std::string spec = (folder.path / "spec.toml").string();
  std::ofstream(spec)
      << "name = \"s\"\nscenario = \""
      << std::filesystem::absolute("scenarios/deepseek-v3/serve-h200.toml").string()
      << "\"\nobjective = \"tpot\"\n[vary]\nrequests = [16, 64]\n[[marks]]\nname = \"m\"\nscenario "
         "= \""
      << std::filesystem::absolute("scenarios/deepseek-v3/serve-l40s-int8.toml").string() << "\"\n";
  const Ran ran = run_program({"plan", spec, "--progress", "never"});
  EXPECT_EQ(ran.code, 2) << ran.err;
  EXPECT_NE(ran.err.find("spec.toml:8:"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("no times of it"), std::string::npos) << ran.err;
}

TEST(PlanCommand, AnInterruptedOneWritesNothing) {
  const TemporaryFolder folder;
  const std::string best = (folder.path / "best.toml").string();
  const std::string json = (folder.path / "plan.json").string();
  Started stopped({WINDTUNNEL_PROGRAM, "plan", "scenarios/plans/v3-h800.toml", "-o", best, "--json",
                   json, "--threads", "1"});
  std::this_thread::sleep_for(std::chrono::seconds(1));  // of a search of many
  EXPECT_EQ(stopped.end(SIGINT), 130);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path));
}

TEST(PlanCommand, AMistakeInTheFileIsExitTwo) {
  const Ran ran = run_program({"plan", "scenarios/deepseek-v3/pretrain.toml"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("scenario"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace windtunnel
