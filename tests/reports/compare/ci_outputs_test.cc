#include "reports/compare/ci_outputs.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/compare/sample_comparison.h"
#include "tests/reports/golden_text.h"
#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

TEST(CiOutputs, JUnitHasATestABenchmark) {
  const std::string xml = render_junit(sample_comparison());
  EXPECT_EQ(markup_problem(xml.substr(xml.find('\n') + 1)), "");
  expect_golden("comparison.junit.xml", xml);
}

TEST(CiOutputs, GitHubGetsAnErrorARegression) {
  EXPECT_EQ(render_github_annotations(sample_comparison()),
            "::error title=Regressed%3A gemm/bf16::+5.0 %25 (+4.0 %25 to +6.0 %25), 100 us to 105 "
            "us, p 4e-05; +4.8 %25 in cycles; +6.0 %25 in the second run\n"
            "::warning title=Undecided::2 of 5 benchmarks: more samples would tell\n");
}

TEST(CiOutputs, GitHubIsNotFloodedWithAnnotations) {
  ResultComparison comparison = sample_comparison();
  for (int i = 0; i < 20; ++i) comparison.rows.push_back(comparison.rows[1]);
  EXPECT_NE(render_github_annotations(comparison).find("::error title=Regressed::11 more\n"),
            std::string::npos);
}

TEST(CiOutputs, TheStepSummaryIsATable) {
  expect_golden("comparison.md", render_step_summary(sample_comparison()));
}

TEST(CiOutputs, BenchmarkActionGetsWhatWasMeasured) {
  const auto json = nlohmann::json::parse(render_benchmark_action(sample_comparison()));
  ASSERT_EQ(json.size(), 4U);  // what is gone has no time
  EXPECT_EQ(json[1]["name"], "gemm/bf16");
  EXPECT_EQ(json[1]["unit"], "s");
  EXPECT_NEAR(json[1]["value"].get<double>(), 1.05e-4, 1e-18);
}

TEST(CiOutputs, OpenMetricsEndsAsItMust) {
  const std::string text = render_openmetrics(sample_comparison());
  expect_golden("comparison.prom", text);
  EXPECT_TRUE(text.ends_with("# EOF\n"));
}

}  // namespace
}  // namespace windtunnel
