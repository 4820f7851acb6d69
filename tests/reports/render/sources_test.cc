#include "reports/render/sources.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"
#include "tests/reports/markup.h"
#include "tests/reports/sample_projection.h"

namespace windtunnel {
namespace {

TEST(Sources, AFamilyIsARepositoryAtACommitAndWhereItWasMeasured) {
  EXPECT_EQ(source_family("a/b@1234567, inside a step: 4 launches"), "a/b@1234567, inside a step");
  EXPECT_EQ(source_family("outside the range: a/b@1234567"), "outside the range: a/b@1234567");
  EXPECT_EQ(source_family("a table"), "a table");
}

TEST(Sources, SharesAddUpTheLongestFirst) {
  const auto shares = source_shares({{"measured", "a/b@1: x", {1}},
                                     {"measured", "a/b@1: y", {2}},
                                     {"estimated", "a/b@1: z", {1}}});
  ASSERT_EQ(shares.size(), 2U);
  EXPECT_EQ(shares[0].source, "a/b@1");
  EXPECT_EQ(shares[0].terms, 2U);
  EXPECT_DOUBLE_EQ(shares[0].part, 0.75);
  EXPECT_DOUBLE_EQ(shares[1].part, 0.25);
}

// Forward slots are the phases (F) that ran alone, overlapped ones all that ran paired.
TEST(Sources, ASlotRestsOnThePhasesThatItRuns) {
  const auto price = [](double seconds) {
    return Price{{seconds}, {seconds}, {seconds}, Provenance(Basis::kMeasured, "here", false)};
  };
  PricedTerm forward = sample_projection({4, 10}).terms.front();
  forward.phase = "attn(F)";
  forward.kind = TermKind::kKernel;
  forward.price = price(1);
  forward.runs = {{"alone", 3, price(1)}};
  PricedTerm weight = forward;
  weight.phase = "mlp(W)";
  weight.price.provenance = Provenance(Basis::kEstimated, "there", false);
  weight.runs = {{"paired", 1, price(1)}};
  EXPECT_EQ(slot_source({forward, weight}, "forward"), "100.0 % measured: here");
  EXPECT_EQ(slot_source({forward, weight}, "overlapped"), "100.0 % estimated: there");
  EXPECT_EQ(slot_source({forward, weight}, "weight"), "");
  EXPECT_EQ(slot_source({forward, weight}, "optimizer"), "");
}

TEST(Sources, OfADeploymentAreThoseOfItsIterations) {
  const auto times = sourced_times(small_deployment().iterations);
  ASSERT_EQ(times.size(), 4U);
  EXPECT_DOUBLE_EQ(times[0].time.value, 58e-4);
  const DataTable table = sources_table(source_shares(times), "s");
  EXPECT_EQ(table.row_id, "s");
  EXPECT_EQ(table.rows[0][1].badge, "measured");
  EXPECT_EQ(markup_problem(render_table(table)), "");
}

}  // namespace
}  // namespace windtunnel
