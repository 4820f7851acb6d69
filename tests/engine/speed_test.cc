#include "simulator/engine/speed.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

constexpr Speed kThird{kFullSpeed.parts / 3};

TEST(Speed, FullSpeedTakesExactlyTheWork) {
  // No division: even a work of 2^62 ps comes back as it went in.
  EXPECT_EQ(time_to_end(remaining_of({0}), kFullSpeed), Picoseconds{0});
  EXPECT_EQ(time_to_end(remaining_of({7}), kFullSpeed), Picoseconds{7});
  EXPECT_EQ(time_to_end(remaining_of(kEndOfClock), kFullSpeed), kEndOfClock);
}

TEST(Speed, ATimeIsRoundedToTheNearestPicosecond) {
  // 1/3 is rounded down to 2^-60, which makes the quotient a little more than 30: nearest is 30.
  EXPECT_EQ(time_to_end(remaining_of({10}), kThird), Picoseconds{30});
  // 3 at 2/3 takes 4.5, halves go up; 4 at 3/4 takes 5.33.
  EXPECT_EQ(time_to_end(remaining_of({3}), {kFullSpeed.parts / 3 * 2}), Picoseconds{5});
  EXPECT_EQ(time_to_end(remaining_of({4}), {kFullSpeed.parts / 4 * 3}), Picoseconds{5});
}

TEST(Speed, LookingOftenDoesNotMoveAnEnd) {
  // Progress is exact, so what is left after each of 1000 looks predicts the same end.
  const Picoseconds work{1'000'003};
  const Picoseconds end = time_to_end(remaining_of(work), kThird);
  Remaining remaining = remaining_of(work);
  for (std::int64_t now = 0; now < 1000 * 7; now += 7) {
    ASSERT_EQ(Picoseconds{now} + time_to_end(remaining, kThird), end);
    remaining = progress(remaining, kThird, {7});
  }
}

}  // namespace
}  // namespace windtunnel
