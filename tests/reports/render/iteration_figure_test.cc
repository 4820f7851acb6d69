#include "reports/render/iteration_figure.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"

namespace windtunnel {
namespace {

// Of 20 ms: 58 launches of 0.1 ms each are 5.8 ms of compute, and as many transfers.
TEST(IterationFigure, ComputeAndTransfersAreBarsOfTheirOwn) {
  const Figure figure = iteration_figure({invented_iteration("decode")}, "i");
  EXPECT_EQ(markup_problem(figure.svg), "");
  ASSERT_EQ(figure.table.rows.size(), 2U);
  EXPECT_EQ(figure.table.rows[0][0].text, "decode, compute");
  EXPECT_EQ(figure.table.rows[0][2].text, "5.80 ms");
  EXPECT_EQ(figure.table.rows[1][0].text, "decode, transfers");
  EXPECT_NE(figure.svg.find("decode, compute: product 5.80 ms, 29.0 %"), std::string::npos);
  EXPECT_NE(figure.caption.find("50.0 % of its transfers beside computation hidden"),
            std::string::npos);
}

TEST(IterationFigure, TransfersBetweenKernelsAreNotCalledHidden) {
  IterationProjection iteration = invented_iteration("decode");
  iteration.transfers = {0};
  iteration.hidden_fraction = 1;
  const auto caption = [&] { return iteration_figure({iteration}, "i").caption; };
  EXPECT_NE(caption().find("its transfers between computation, none hidden"), std::string::npos);
  iteration.terms.pop_back();
  EXPECT_NE(caption().find("20.0 ms, no transfers"), std::string::npos);
}

TEST(IterationFigure, ManyKindsEndInOthers) {
  IterationProjection iteration = invented_iteration("decode");
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) {
    iteration.terms.push_back(iteration.terms[0]);
    iteration.terms.back().kernel = name;
  }
  const Figure figure = iteration_figure({iteration}, "i");
  EXPECT_EQ(figure.table.columns.size(), 3U + 7 + 1);
  EXPECT_EQ(figure.table.columns.back().name, "others");
}

TEST(IterationFigure, OfNothingIsEmpty) {
  EXPECT_EQ(markup_problem(iteration_figure({}, "i").svg), "");
}

}  // namespace
}  // namespace windtunnel
