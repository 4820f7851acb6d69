#include "simulator/profile/interval_union.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(IntervalUnion, CountsWhatIsCoveredOnce) {
  IntervalUnion all;
  all.add(0, 10);
  all.add(5, 12);   // two more
  all.add(6, 8);    // inside
  all.add(12, 12);  // nothing
  all.add(20, 25);
  EXPECT_EQ(all.length, 17);
  EXPECT_EQ(all.end, 25);
}

}  // namespace
}  // namespace windtunnel
