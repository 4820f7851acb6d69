#include "simulator/study/plan_settings.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(PlanSettings, AFileSaysWhatDiffers) {
  const std::string text = settings_file(
      "a \"best\" plan", "scenarios/x/base.toml", std::filesystem::path("t/c.toml"),
      {{"nodes", "4"}, {"parallelism.tensor", "2"}, {"parallelism.expert", "8"}}, "out/plans");
  EXPECT_NE(text.find("extends = \"../../scenarios/x/base.toml\"\n"
                      "name = \"a \\\"best\\\" plan\"\n"
                      "cluster = \"../../t/c.toml\"\n"
                      "nodes = 4\n\n[parallelism]\ntensor = 2\nexpert = 8\n"),
            std::string::npos)
      << text;
}

TEST(PlanSettings, AFileInTheCurrentFolderNamesOthersFromThere) {
  const std::string text = settings_file("p", "scenarios/base.toml", {}, {}, "");
  EXPECT_NE(text.find("extends = \"scenarios/base.toml\"\n"), std::string::npos) << text;
}

TEST(PlanSettings, TextsAreQuoted) { EXPECT_EQ(toml_text("a\\b\""), "\"a\\\\b\\\"\""); }

}  // namespace
}  // namespace windtunnel
