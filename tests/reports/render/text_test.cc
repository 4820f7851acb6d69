#include "reports/render/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <sstream>

#include "tests/reports/golden_text.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

void expect_one_screen(const std::string& text) {
  EXPECT_LE(occurrences(text, "\n"), 45);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    // Continuation bytes of UTF-8 take no column.
    const auto columns = std::count_if(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    });
    EXPECT_LE(columns, 80) << line;
  }
}

TEST(Text, TheSummaryIsPinnedWhole) {
  const std::string text = render_text(sample_projection(), false);
  expect_one_screen(text);
  expect_golden("summary.txt", text);
}

TEST(Text, AnEmptyProjectionIsPinnedWhole) {
  const std::string text = render_text(empty_projection(), false);
  expect_one_screen(text);
  expect_golden("summary-empty.txt", text);
}

TEST(Text, TheFullestSummaryStillFitsAScreen) {
  Projection projection = sample_projection();
  projection.scenario.name = std::string(300, 'n');
  for (CommunicationKind& kind : projection.communication.kinds) kind.total = {1};
  projection.communication.kinds.push_back({"context", {1}, {1}, {1}});
  for (int i = 0; i < 20; ++i) {
    projection.published.push_back(projection.published[0]);
    projection.published.back().quantity = std::string(90, 'q');
    projection.published.back().published = 1e300;
    projection.provenance.outside_range.push_back(std::string(90, 'o'));
    projection.provenance.assumptions.push_back(projection.provenance.assumptions[0]);
    projection.provenance.assumptions.back().what = std::string(90, 'w');
    for (RankMemory& rank : projection.memory.ranks) {
      rank.parts.push_back({std::string(90, 'p'), {1e9}, ""});
    }
  }
  expect_one_screen(render_text(projection, false));
}

TEST(Text, ColourComesOnlyWhenAsked) {
  EXPECT_EQ(occurrences(render_text(sample_projection(), false), "\x1b"), 0);
  const std::string coloured = render_text(sample_projection(), true);
  EXPECT_EQ(occurrences(coloured, "\x1b[1;31moutside 5 %\x1b[0m"), 1);
  EXPECT_EQ(occurrences(coloured, "\x1b[") % 2, 0);
}

TEST(Text, FullFidelitySaysWhatComesFromFoldedSteps) {
  Projection projection = sample_projection();
  EXPECT_EQ(render_text(projection, false).find("folded"), std::string::npos);
  projection.engine.fidelity = "full";
  projection.provenance.full_over_folded = 1.0031;
  const std::string text = render_text(projection, false);
  EXPECT_NE(text.find("interval, effects and ramp from folded steps x 1.0031"), std::string::npos);
}

TEST(Text, MemoryThatDoesNotFitSaysByHowMuch) {
  Projection projection = sample_projection();
  projection.memory.capacity = projection.memory.peak - Bytes{1073741824};
  projection.memory.fits = false;
  const std::string text = render_text(projection, false);
  EXPECT_NE(text.find("does not fit, 1.0 GiB over"), std::string::npos) << text;
}

TEST(Text, WithoutARunAssumptionsSpeakOfTheStep) {
  Projection projection = sample_projection();
  projection.run.reset();
  for (AssumptionEffect& a : projection.provenance.assumptions) {
    a.gpu_hours_low = a.gpu_hours_high = 0;
  }
  const std::string text = render_text(projection, false);
  EXPECT_EQ(text.find("GPU hours"), std::string::npos) << text;
  EXPECT_NE(text.find("routing imbalance: 1.06 max over mean"), std::string::npos);
}

TEST(Text, NumbersThatAreNotFiniteReadNotAvailable) {
  Projection projection = sample_projection();
  projection.step.rank0.time = {std::numeric_limits<double>::quiet_NaN()};
  const std::string text = render_text(projection, false);
  EXPECT_EQ(occurrences(text, "nan"), 0);
  EXPECT_NE(text.find("n/a"), std::string::npos);
}

TEST(Text, NamesTheClassesOfPricesThatAreWorthAMeasurement) {
  Projection projection = sample_projection();
  EXPECT_EQ(render_text(projection, false).find("What to measure next"), std::string::npos);
  projection.provenance.measurements = {{"dispatch", 2.4e6, 2.6e6, 17, 18},
                                        {"small kernels", 2.49e6, 2.51e6, 17.4, 17.6},
                                        {"expert GEMMs", 2.3e6, 2.7e6, 16, 19},
                                        {"pipeline sends", 2.49e6, 2.52e6, 17.4, 17.6}};
  const std::string text = render_text(projection, false);
  const std::size_t at = text.find("What to measure next, by what its interval costs");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string rows = text.substr(at);
  EXPECT_LT(rows.find("expert GEMMs  "), rows.find("dispatch  "));
  EXPECT_LT(rows.find("dispatch  "), rows.find("pipeline sends  "));
  EXPECT_NE(rows.find("2.300 M to 2.700 M\n"), std::string::npos) << rows;
  EXPECT_EQ(rows.find("small kernels"), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
