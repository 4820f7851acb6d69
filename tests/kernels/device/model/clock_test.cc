// Vector clocks as shared blocks.
#include "kernels/device/model/clock.h"

#include <memory>

#include "gtest/gtest.h"

namespace windtunnel::device::model {
namespace {

BlockRef block(BlockPool& pool, std::initializer_list<Epoch> epochs) {
  const BlockRef made = pool.copy(BlockRef{});
  std::uint32_t agent = 0;
  for (const Epoch it : epochs) BlockPool::raise(*made.get(), agent++, it);
  return made;
}

TEST(Clocks, AJoinTakesTheLaterEpochOfEveryAgent) {
  BlockPool pool(8);
  const BlockRef joined = pool.join(block(pool, {3, 1}), block(pool, {2, 5, 7}));
  EXPECT_EQ(joined.at(0), 3U);
  EXPECT_EQ(joined.at(1), 5U);
  EXPECT_EQ(joined.at(2), 7U);
  EXPECT_EQ(joined.at(3), 0U);
}

TEST(Clocks, AJoinSharesTheBlockThatKnowsMore) {
  BlockPool pool(8);
  const BlockRef less = block(pool, {1, 2});
  const BlockRef more = block(pool, {1, 3, 1});
  EXPECT_EQ(pool.join(less, more), more);
  EXPECT_EQ(pool.join(more, less), more);
  EXPECT_EQ(pool.join(less, BlockRef{}), less);
  EXPECT_EQ(pool.join(BlockRef{}, less), less);
  // The same question has the same answer, not an equal one.
  const BlockRef other = block(pool, {5});
  EXPECT_EQ(pool.join(more, other), pool.join(more, other));
}

TEST(Clocks, ABlockThatNobodyHoldsIsUsedAgain) {
  BlockPool pool(4);
  const Block* first = nullptr;
  {
    const BlockRef held = block(pool, {9, 9});
    first = held.get();
  }
  const BlockRef next = pool.copy(BlockRef{});
  EXPECT_EQ(next.get(), first);
  EXPECT_EQ(next.at(0), 0U);
  BlockPool::raise(*next.get(), 3, 1);
  EXPECT_EQ(next.at(1), 0U);
}

TEST(Clocks, OtherCtasAreKnownThroughTheWorld) {
  BlockPool pool(4);
  Clock first{block(pool, {4}), nullptr};
  Clock second{block(pool, {7}), nullptr};
  Clock third{block(pool, {1}), nullptr};
  join(pool, second, 1, first, 0, 3);
  EXPECT_EQ(second.of(1, 0, 0), 4U);
  EXPECT_EQ(second.of(1, 1, 0), 7U);
  EXPECT_EQ(second.of(1, 2, 0), 0U);
  // What the second knows of the first comes along, and what it knows of the third comes home.
  join(pool, third, 2, second, 1, 3);
  EXPECT_EQ(third.of(2, 0, 0), 4U);
  EXPECT_EQ(third.of(2, 1, 0), 7U);
  join(pool, first, 0, third, 2, 3);
  EXPECT_EQ(first.of(0, 0, 0), 4U);
  EXPECT_EQ(first.of(0, 2, 0), 1U);
}

}  // namespace
}  // namespace windtunnel::device::model
