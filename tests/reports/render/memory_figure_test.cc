#include "reports/render/memory_figure.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(MemoryFigure, TheCapacityIsALine) {
  const Figure figure = memory_figure(sample_projection().memory, "m");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(occurrences(figure.svg, "class=\"capacity\""), 1);
  EXPECT_NE(figure.svg.find("holds 74.5 GiB"), std::string::npos);
}

// Seven parts on every rank, logits on the first and the last alone: 16 x 7 + 2.
TEST(MemoryFigure, APartIsABlockWithItsName) {
  const Figure figure = memory_figure(sample_projection().memory, "m");
  EXPECT_EQ(occurrences(figure.svg, "><title>rank "), 16 * 7 + 2);
}

TEST(MemoryFigure, APartKeepsItsColourWhereRanksDiffer) {
  const double unit = 1e9;
  const MemoryProjection memory = {{3 * unit},
                                   {8 * unit},
                                   true,
                                   0,
                                   {{0, {3 * unit}, {{"a", {unit}, ""}, {"b", {2 * unit}, ""}}},
                                    {1, {2 * unit}, {{"b", {2 * unit}, ""}}}}};
  const Figure figure = memory_figure(memory, "m");
  EXPECT_EQ(occurrences(figure.svg, "class=\"c0\""), 2);  // the block and its swatch
  EXPECT_EQ(occurrences(figure.svg, "fill=\"url(#m-p1)\""), 3);
  EXPECT_EQ(figure.table.rows[1][2].text, "0.00");
}

TEST(MemoryFigure, WhatDoesNotFitIsSaidInWords) {
  MemoryProjection memory = sample_projection().memory;
  memory.fits = false;
  EXPECT_NE(memory_figure(memory, "m").caption.find("It does not fit."), std::string::npos);
}

TEST(MemoryFigure, AnEmptyLedgerIsDrawnEmpty) {
  EXPECT_EQ(markup_problem(memory_figure(empty_projection().memory, "m").svg), "");
}

TEST(MemoryFigure, ADeploymentHasARowForEachKindOfUnit) {
  UnitMemory prefill = invented_memory();
  prefill.unit = "prefill_unit";
  prefill.fits = false;
  const Figure figure = unit_memory_figure({invented_memory(), prefill}, "m");
  EXPECT_EQ(markup_problem(figure.svg), "");
  ASSERT_EQ(figure.table.rows.size(), 2U);
  EXPECT_EQ(figure.table.rows[1][0].text, "prefill");
  EXPECT_NE(figure.caption.find("prefill unit: 65.2 GiB, 63.3 GiB to 68.0 GiB with the "
                                "assumptions, of 74.5 GiB. It does not fit."),
            std::string::npos)
      << figure.caption;
}

}  // namespace
}  // namespace windtunnel
