#include "simulator/workload/link_price.h"

#include <gtest/gtest.h>

#include "tests/workload/scenarios.h"

namespace windtunnel {
namespace {

// 40 GB/s may be 48.5: at best 40/48.5 of the time, at worst as much longer.
TEST(LinkPrice, ReachesAsFarAsTheLinksRange) {
  Cluster cluster = pretraining().cluster;
  const Price price = link_price(cluster.scale_out, {1}, "gather");
  EXPECT_DOUBLE_EQ(price.low.value, 40 / 48.5);
  EXPECT_DOUBLE_EQ(price.high.value, 2 - 40 / 48.5);
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  cluster.scale_out.effective_high.reset();
  EXPECT_EQ(link_price(cluster.scale_out, {1}, "gather").low.value, 40.0 / 50);  // the peak
}

}  // namespace
}  // namespace windtunnel
