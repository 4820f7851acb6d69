#include "reports/render/roofline_figure.h"

#include <gtest/gtest.h>

#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

constexpr Roofs kInventedRoofs = {{1000e12}, FlopsPerSecond{2000e12}, {4e12}};

PricedTerm product(Dtype dtype, Basis basis) {
  PricedTerm term = sample_projection({4, 10}).terms.front();
  term.kernel = dtype == Dtype::kFp8 ? "gemm fp8" : "gemm bf16";
  term.kind = TermKind::kKernel;
  term.launches = 2;
  term.shape = KernelShape{Operation::kGemm, dtype, 4096, 4096, 4096, 1};
  // 2 x 4096^3 FLOPs a launch at 500 TFLOP/s.
  const Seconds time = {2 * 2 * 4096.0 * 4096.0 * 4096.0 / 500e12};
  term.price = {time, time, time, Provenance(basis, "a table", false)};
  term.time_in_step = {0.5};
  return term;
}

TEST(RooflineFigure, AProductIsHeldAgainstThePeakOfItsFormat) {
  const Figure figure = roofline_figure(
      {product(Dtype::kBf16, Basis::kMeasured), product(Dtype::kFp8, Basis::kEstimated)},
      kInventedRoofs, "r");
  EXPECT_EQ(markup_problem(figure.svg), "");
  ASSERT_EQ(figure.table.rows.size(), 2U);
  EXPECT_EQ(figure.table.rows[0][0].text, "gemm bf16");
  EXPECT_EQ(figure.table.rows[0][2].text, "500.0 TFLOP/s");
  EXPECT_EQ(figure.table.rows[0][3].text, "50.0 %");
  EXPECT_EQ(figure.table.rows[1][3].text, "25.0 %");
  EXPECT_EQ(occurrences(figure.svg, "class=\"roof-bf16\""), 1);
  EXPECT_EQ(occurrences(figure.svg, "class=\"roof-fp8 hollow\""), 1);
}

// 4096 rows of 7168 read and written at half the memory's rate.
TEST(RooflineFigure, WithoutTensorWorkTheMemoryIsTheRoof) {
  PricedTerm copy = product(Dtype::kBf16, Basis::kMeasured);
  copy.kernel = "copy bf16";
  copy.launches = 1;
  copy.shape = KernelShape{Operation::kCopy, Dtype::kBf16, 4096, 7168, 0, 1};
  copy.price.time = {work(*copy.shape).bytes.value / 2e12};
  const Figure figure = roofline_figure({copy}, kInventedRoofs, "r");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_EQ(figure.table.rows[0][2].text, "2,000 GB/s");
  EXPECT_EQ(figure.table.rows[0][3].text, "50.0 %");
}

TEST(RooflineFigure, AShapeOfSeveralLayersIsOneMark) {
  const PricedTerm term = product(Dtype::kBf16, Basis::kMeasured);
  const Figure figure = roofline_figure({term, term}, kInventedRoofs, "r");
  ASSERT_EQ(figure.table.rows.size(), 1U);
  EXPECT_EQ(figure.table.rows[0][4].text, "1.000 s");
}

TEST(RooflineFigure, WithoutRoofsItSaysSo) {
  const Figure figure = roofline_figure({product(Dtype::kBf16, Basis::kMeasured)}, {}, "r");
  EXPECT_EQ(markup_problem(figure.svg), "");
  EXPECT_NE(figure.svg.find("No kernel was priced."), std::string::npos);
}

}  // namespace
}  // namespace windtunnel
