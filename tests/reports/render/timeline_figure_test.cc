#include "reports/render/timeline_figure.h"

#include <gtest/gtest.h>

#include <regex>

#include "reports/render/sources.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"
#include "tests/reports/sample_timeline.h"

namespace windtunnel {
namespace {

TEST(TimelineFigure, AShortStepIsDrawnOnceWithEveryBlockNamed) {
  const std::vector<SlotSpan> spans = sample_timeline({4, 10});
  const Figure figure = timeline_figure(spans, {}, 1000, "t");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(occurrences(figure.svg, "><title>rank "), static_cast<int>(spans.size()));
  EXPECT_EQ(occurrences(figure.svg, "enlarged"), 0);
}

TEST(TimelineFigure, ALongStepIsAnOverviewAndItsTwoEndsEnlarged) {
  const Figure figure = timeline_figure(sample_timeline({16, 120}), {}, 1000, "t");
  EXPECT_EQ(markup_problem(figure.svg), "");
  for (const char* panel : {"The whole step", "Warm-up, enlarged", "Drain, enlarged"}) {
    EXPECT_EQ(occurrences(figure.svg, panel), 1) << panel;
  }
  // Slots at the ends are shorter than the mean: somewhat more than the bound's blocks get in.
  EXPECT_LT(occurrences(figure.svg, "><title>rank "), 1700);
}

// With ids of its own: both stand on one page.
TEST(TimelineFigure, NarrowWindowsGetTheWholeStep) {
  const Figure figure = timeline_figure(sample_timeline({16, 120}), {}, 1000, "t");
  EXPECT_EQ(markup_problem(figure.narrow), "");
  EXPECT_EQ(occurrences(figure.narrow, "The whole step"), 1);
  EXPECT_EQ(occurrences(figure.narrow, "enlarged"), 0);
  EXPECT_EQ(occurrences(figure.narrow, " id=\"t-narrow"), occurrences(figure.narrow, " id=\""));
  EXPECT_EQ(timeline_figure({}, {}, 1000, "t").narrow, "");
}

TEST(TimelineFigure, WithoutABudgetOnlyTheOverviewIsDrawn) {
  const Figure figure = timeline_figure(sample_timeline({16, 120}), {}, 0, "t");
  EXPECT_EQ(occurrences(figure.svg, "enlarged"), 0);
  EXPECT_LT(figure.svg.size(), 60'000U);
}

// 64 ranks are too many rows: 32 of them, the first and the last among them.
TEST(TimelineFigure, OfManyRanksAnEvenChoiceIsDrawn) {
  const Figure figure = timeline_figure(sample_timeline({64, 128}), {}, 0, "t");
  EXPECT_EQ(figure.table.rows.size(), 32U);
  EXPECT_EQ(figure.table.rows.front()[0].text, "0");
  EXPECT_EQ(figure.table.rows.back()[0].text, "63");
}

TEST(TimelineFigure, ASecondDirectionIsUnderlined) {
  std::vector<SlotSpan> spans = sample_timeline({4, 10});
  EXPECT_NE(timeline_figure(spans, {}, 1000, "t").svg.find("second direction"), std::string::npos);
  for (SlotSpan& span : spans) {
    span.direction = 0;
    span.stage = span.rank;
  }
  const std::string svg = timeline_figure(spans, {}, 1000, "t").svg;
  EXPECT_EQ(svg.find("second"), std::string::npos);
}

// Rank 0 of a V on two ranks: stage 0 on the way down, stage 3 on the way up, which is underlined.
TEST(TimelineFigure, LaterStagesOfARankAreUnderlined) {
  std::vector<SlotSpan> spans;
  for (int slot = 0; slot < 4; ++slot) {
    spans.push_back({.rank = 0,
                     .kind = slot < 2 ? "forward" : "backward",
                     .direction = 0,
                     .micro_batch = 0,
                     .stage = slot == 1 || slot == 2 ? 3 : 0,
                     .start = {1.0 * slot},
                     .end = {slot + 1.0}});
  }
  const std::string svg = timeline_figure(spans, {}, 1000, "t").svg;
  EXPECT_NE(svg.find("underlined: a later stage of the rank"), std::string::npos);
  EXPECT_EQ(occurrences(svg, "second-line"), 1);
  EXPECT_NE(svg.find("rank 0: F 0, stage 3"), std::string::npos);
  for (SlotSpan& span : spans) span.stage = 0;
  EXPECT_EQ(timeline_figure(spans, {}, 1000, "t").svg.find("second"), std::string::npos);
}

// DualPipe at 16 ranks and 120 micro-batches: rank 0 has 23 forward-only chunks and 97 pairs.
TEST(TimelineFigure, TheTableCountsSlots) {
  const Figure figure = timeline_figure(sample_timeline({16, 120}), {}, 0, "t");
  ASSERT_EQ(figure.table.columns[1].name, "forward slots");
  EXPECT_EQ(figure.table.rows[0][1].text, "23");
  ASSERT_EQ(figure.table.columns[5].name, "forward and backward overlapped slots");
  EXPECT_EQ(figure.table.rows[0][5].text, "97");
}

TEST(TimelineFigure, ABlockSaysItsDurationAndTheMeasurementBehindIt) {
  const Projection projection = sample_projection({4, 10});
  const Figure figure = timeline_figure(projection.timeline, projection.terms, 1000, "t");
  EXPECT_EQ(markup_problem(figure.svg), "");
  const std::string source = slot_source(projection.terms, "overlapped");
  ASSERT_NE(source, "");
  EXPECT_GE(occurrences(figure.svg, source), 10);
  EXPECT_TRUE(std::regex_search(
      figure.svg, std::regex("rank 0: F 0, stage 0, direction 0, [0-9.]+ m?s \\([0-9.]+ to ")));
}

TEST(TimelineFigure, BackwardBlocksAreStripedForGreyPaper) {
  const std::string svg = timeline_figure(sample_timeline({4, 10}), {}, 1000, "t").svg;
  EXPECT_GE(occurrences(svg, "fill=\"url(#t-backward-input)\""), 10);
  EXPECT_EQ(occurrences(svg, "<pattern id=\"t-backward-input\""), 1);
}

TEST(TimelineFigure, NoSpansSaySo) {
  const Figure figure = timeline_figure({}, {}, 1000, "t");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_NE(figure.svg.find("No timeline was recorded."), std::string::npos);
}

TEST(TimelineFigure, AnUnknownKindIsDrawnToo) {
  const Figure figure = timeline_figure({{0, "recompute", 0, 3, 1, {0}, {1}}}, {}, 1000, "t");
  EXPECT_EQ(occurrences(figure.svg, "class=\"other\""), 1);
}

}  // namespace
}  // namespace windtunnel
