#include "reports/render/environment.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace windtunnel {
namespace {

const std::vector<EnvironmentCheck> kChecks = {
    {"data", Health::kFine, "here: 3 scenarios", "simulate"},
    {"GPU", Health::kAbsent, "nvidia-smi finds none", "bench"}};

TEST(Environment, TextSaysWhatIsMissingAndForWhat) {
  EXPECT_EQ(render_environment_text(kChecks, false),
            "data                  fine    here: 3 scenarios\n"
            "GPU                   absent  nvidia-smi finds none (needed for bench)\n"
            "Not everything of: bench.\n");
  EXPECT_EQ(render_environment_text({kChecks[0]}, false),
            "data                  fine    here: 3 scenarios\nEverything is there.\n");
  EXPECT_NE(render_environment_text(kChecks, true).find("\x1b["), std::string::npos);
}

TEST(Environment, DocumentHoldsEveryCheck) {
  const auto document = nlohmann::json::parse(render_environment_json(kChecks, {"0.1.0", "abc"}));
  EXPECT_EQ(document.at("schema"), "windtunnel/environment");
  EXPECT_EQ(document.at("checks").size(), 2U);
  EXPECT_EQ(document.at("checks")[1].at("health"), "absent");
}

}  // namespace
}  // namespace windtunnel
