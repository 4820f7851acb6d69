#include "reports/render/serving_text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/analysis/deployment.h"
#include "tests/reports/golden_text.h"
#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

void fits_a_screen(const std::string& text) {
  EXPECT_LE(occurrences(text, "\n"), 48);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(ServingText, TheSummaryIsPinnedWhole) {
  const std::string text = render_serving_text(small_deployment(), false);
  fits_a_screen(text);
  expect_golden("serving.txt", text);
}

TEST(ServingText, TheFullestSummaryStillFitsAScreen) {
  ServingProjection projection = small_deployment();
  projection.scenario.name = std::string(300, 'n');
  projection.scenario.units.push_back({"prefill_unit", 65536, 65536, 128, 512, 65536, 65536, 2});
  for (int i = 0; i < 20; ++i) {
    projection.memory.front().parts.push_back({std::string(90, 'p'), {1e9}, ""});
    projection.published.push_back({.model = "M",
                                    .quantity = std::string(90, 'q'),
                                    .unit = "",
                                    .published = 1e300,
                                    .projected = 1e300,
                                    .low = {},
                                    .high = {},
                                    .error = 0,
                                    .tolerance = {},
                                    .provenance = "",
                                    .source = "",
                                    .comparable = true,
                                    .reason = ""});
  }
  projection.memory.push_back(projection.memory.front());
  fits_a_screen(render_serving_text(projection, false));
}

TEST(ServingText, WithoutTimesItSaysWhy) {
  ServingProjection projection = small_deployment();
  projection.rates.reset();
  projection.queue.reset();
  projection.iterations.clear();
  projection.unpriced = "no INT8 kernels were measured";
  const std::string text = render_serving_text(projection, false);
  EXPECT_NE(text.find("No times: no INT8 kernels were measured"), std::string::npos);
  EXPECT_NE(text.find("routed expert weights"), std::string::npos);
}

TEST(ServingText, ColourComesOnlyWhenAsked) {
  EXPECT_EQ(render_serving_text(small_deployment(), false).find('\x1b'), std::string::npos);
  EXPECT_NE(render_serving_text(small_deployment(), true).find('\x1b'), std::string::npos);
}

TEST(ServingExplain, IsPinnedWhole) {
  expect_golden("serving-explain.txt", render_serving_explain(small_deployment()));
}

TEST(UnitWords, LeaveOutWhatIsOne) {
  EXPECT_EQ(unit_words({"unit", 1, 1, 1, 1, 1, 0, 1}), "1 GPU: not divided");
  EXPECT_EQ(unit_words({"unit", 320, 1, 4, 80, 320, 64, 2}),
            "320 GPUs: tensor 4 x data 80, expert 320, 64 copies, 2 micro-batches");
  EXPECT_EQ(unit_words({"unit", 128, 1, 1, 128, 128, 0, 2}),
            "128 GPUs: data 128, expert 128, 2 micro-batches");
}

TEST(FitsWords, NameWhatDoesNotDoToo) {
  EXPECT_EQ(fits_words({{"A", 8}, {"B", std::nullopt}, {"C", 1}}), "8 x A, 1 x C; not on B");
  EXPECT_EQ(fits_words({{"B", std::nullopt}}), "not on B");
}

}  // namespace
}  // namespace windtunnel
