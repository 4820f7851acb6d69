#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace windtunnel {
namespace {

TEST(ReportCommand, WritesAPageOfEveryScenario) {
  const Ran ran =
      run_program({"report", kPretrain, kServing, kPair, "-o", "-", "--progress", "never"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.out.find("<!"), 0U);
  EXPECT_NE(ran.out.find("</html>"), std::string::npos);
  EXPECT_NE(ran.out.find("DeepSeek-V3 pre-training on 2048 H800"), std::string::npos);
  EXPECT_NE(ran.out.find("overlapped pair of four MoE layers"), std::string::npos);
  EXPECT_NE(ran.out.find("DeepSeek-V3 on 8 H200"), std::string::npos);
}

TEST(ReportCommand, KeysMayBeChangedAndThePageSaysSo) {
  const Ran ran =
      run_program({"report", kServing, kPair, "--set", "name=another name", "-o", "-", "--quiet"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(ran.out.find("<h1>another name</h1>"), std::string::npos);
  EXPECT_NE(ran.out.find("<th scope=\"row\">--set name=another name</th>"), std::string::npos);
  const Ran wrong = run_program({"report", kPair, "--set", "nam=x", "-o", "-"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_EQ(wrong.err.find("--set:1:1: error: unknown key `nam`"), 0U) << wrong.err;
}

TEST(ReportCommand, NeedsScenarioAndOutput) {
  const Ran output = run_program({"report", kPair});
  EXPECT_EQ(output.code, 2);
  EXPECT_EQ(output.out, "");
  EXPECT_EQ(output.err, "--output is required\nRun with --help for more information.\n");
  EXPECT_EQ(run_program({"report", "-o", "-"}).code, 2);
}

TEST(ReportCommand, ABadScenarioWritesNothing) {
  const Ran ran = run_program({"report", kPair, "nowhere.toml", "-o", "-"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err.find("nowhere.toml:1:1: error: can't read `nowhere.toml`"), 0U);
}

}  // namespace
}  // namespace windtunnel
