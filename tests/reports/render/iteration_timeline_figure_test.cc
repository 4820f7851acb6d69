#include "reports/render/iteration_timeline_figure.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

/// Two micro-batches of 58 layers: attention and dispatch of 50 us each a layer and half.
IterationProjection woven() {
  IterationProjection iteration = invented_iteration("decode");
  iteration.micro_batches = 2;
  return iteration;
}

TEST(IterationTimelineFigure, StagesAreNamedWithTheirKernelsAndSource) {
  const Figure figure = iteration_timeline_figure({woven()}, "t");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_NE(figure.svg.find("decode, MoE layer 29: attention of micro-batch 1, 50.0 us"),
            std::string::npos);
  EXPECT_NE(figure.svg.find("product 64 x 7168 x 2048 50.0 us"), std::string::npos);
  EXPECT_NE(figure.svg.find("100.0 % measured: an invented table"), std::string::npos);
  EXPECT_NE(figure.svg.find("decode, layers 29 to 31 enlarged"), std::string::npos);
  EXPECT_NE(figure.svg.find("underlined: the second micro-batch"), std::string::npos);
  EXPECT_EQ(occurrences(figure.svg, ">transfers<"), 2);
}

TEST(IterationTimelineFigure, TheTableHasEveryStageOfEveryBlock) {
  const Figure figure = iteration_timeline_figure({woven()}, "t");
  ASSERT_EQ(figure.table.rows.size(), 2U);
  EXPECT_EQ(figure.table.rows[0][3].text, "attention");
  EXPECT_EQ(figure.table.rows[0][5].text, "50.0 us");
  EXPECT_EQ(figure.table.rows[1][4].text, "transfers");
}

TEST(IterationTimelineFigure, NarrowWindowsGetOneOfTheirOwn) {
  const Figure figure = iteration_timeline_figure({woven()}, "t");
  EXPECT_EQ(markup_problem(figure.narrow), "");
  EXPECT_NE(figure.narrow.find("decode, layer 29 enlarged"), std::string::npos);
  EXPECT_EQ(occurrences(figure.narrow, " id=\"t-narrow"), occurrences(figure.narrow, " id=\""));
}

// Without transfers beside computation there is one stream, and nothing is underlined.
TEST(IterationTimelineFigure, AllReducesStandInsideTheStages) {
  IterationProjection iteration = invented_iteration("prefill");
  iteration.terms[1].stage = ServingStage::kAttention;
  const Figure figure = iteration_timeline_figure({iteration}, "t");
  EXPECT_EQ(occurrences(figure.svg, ">transfers<"), 0);
  EXPECT_EQ(occurrences(figure.svg, "underlined"), 0);
  EXPECT_NE(figure.svg.find("all-reduce of 917504 B on 8 GPUs 100 us"), std::string::npos);
  EXPECT_NE(figure.caption.find("Nothing runs beside computation"), std::string::npos);
}

TEST(IterationTimelineFigure, OfNothingIsEmpty) {
  EXPECT_EQ(markup_problem(iteration_timeline_figure({}, "t").svg), "");
}

}  // namespace
}  // namespace windtunnel
