#include "reports/render/communication_figure.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

// "tensor" is nothing in the sample: the sum and four kinds remain.
TEST(CommunicationFigure, KindsThatAreNothingAreLeftOut) {
  const Figure figure = communication_figure(sample_projection().communication, "c");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(figure.table.rows.size(), 5U);
}

// 6.9 s of dispatch, 0.31 s exposed: 6.59 s or 95.5 % hidden.
TEST(CommunicationFigure, HiddenIsWhatIsNotExposed) {
  const Figure figure = communication_figure(sample_projection().communication, "c");
  EXPECT_EQ(figure.table.rows[1][2].text, "6.590");
  EXPECT_EQ(figure.table.rows[1][6].text, "95.5 %");
}

TEST(CommunicationFigure, ExposedIsHatched) {
  const Figure figure = communication_figure(sample_projection().communication, "c");
  EXPECT_EQ(occurrences(figure.svg, "fill=\"url(#c-exposed)\""), 6);  // five bars and the legend
}

TEST(CommunicationFigure, NoCommunicationIsDrawnEmpty) {
  EXPECT_EQ(markup_problem(communication_figure(empty_projection().communication, "c").svg), "");
}

}  // namespace
}  // namespace windtunnel
