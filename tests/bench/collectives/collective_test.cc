#include "bench/collectives/collective.h"

#include <gtest/gtest.h>

#include "bench/collectives/routes.h"

namespace windtunnel::bench {
namespace {

CollectiveCase case_of(Collective kind, std::int64_t elements, Skew skew = Skew::kBalanced) {
  return {.kind = kind, .skew = skew, .elements = elements};
}

TEST(Collectives, AreFoundByTheirNames) {
  for (const Collective kind : kCollectives) {
    EXPECT_EQ(find_collective(collective_name(kind)), kind);
  }
  for (const Skew skew : kSkews) EXPECT_EQ(find_skew(skew_name(skew)), skew);
  EXPECT_EQ(find_collective("all_to_all"), std::nullopt);
  EXPECT_EQ(find_skew(""), std::nullopt);
  EXPECT_EQ(case_name(case_of(Collective::kAllToAllV, 4, Skew::kHot)), "alltoallv/hot");
  EXPECT_EQ(case_name(case_of(Collective::kAllReduce, 4)), "all_reduce");
}

// nccl-tests: of 8 ranks and 800 bytes, 7/8 of them cross a link, of an all-reduce twice that.
TEST(Collectives, BusBytesAreThoseOfNcclTests) {
  for (const Collective kind :
       {Collective::kAllGather, Collective::kReduceScatter, Collective::kAllToAll}) {
    const CollectiveCase it = case_of(kind, 400);
    const MovedBytes moved = moved_bytes(it, traffic_of(it, 8), 8);
    EXPECT_EQ(moved.algorithm.value, 800);
    EXPECT_EQ(moved.bus.value, 700);
  }
  EXPECT_EQ(moved_bytes(case_of(Collective::kAllReduce, 400), {}, 8).bus.value, 1400);
}

TEST(Collectives, UnequalAmountsCountAtTheBusiestRank) {
  // Four ranks of 240 bytes: 120 to rank 0, 40 to each other. Rank 0 receives 3 x 120; the others
  // send 200 and receive 120.
  const CollectiveCase hot = case_of(Collective::kAllToAllV, 120, Skew::kHot);
  const MovedBytes moved = moved_bytes(hot, traffic_of(hot, 4), 4);
  EXPECT_EQ(moved.algorithm.value, 240);
  EXPECT_EQ(moved.bus.value, 360);
  // Equal amounts: as an alltoall.
  const CollectiveCase even = case_of(Collective::kAllToAllV, 120);
  EXPECT_EQ(moved_bytes(even, traffic_of(even, 4), 4).bus.value, 180);
  // A rank that mostly sends is as busy as one that mostly receives.
  const Traffic one_sender = {{0, 30, 30}, {0, 0, 0}, {0, 0, 0}};
  EXPECT_EQ(moved_bytes(hot, one_sender, 3).bus.value, 120);
  EXPECT_EQ(moved_bytes(hot, one_sender, 3).algorithm.value, 40);
}

TEST(Collectives, SizesGrowByTheFactorAndAreShared) {
  const Sweep sweep{.kinds = {Collective::kAllReduce, Collective::kAllToAllV, Collective::kCombine},
                    .skews = {Skew::kZipf, Skew::kHot},
                    .least = 2,
                    .most = 40000,
                    .factor = 100};
  std::vector<CollectiveCase> want;
  // 2, 200 and 20000 bytes among 3 ranks: nothing, 99 and 9999 elements.
  for (const std::int64_t elements : {99, 9999}) {
    want.push_back(case_of(Collective::kAllReduce, elements));
  }
  for (const Skew skew : {Skew::kZipf, Skew::kHot}) {
    for (const std::int64_t elements : {99, 9999}) {
      want.push_back(case_of(Collective::kAllToAllV, elements, skew));
    }
  }
  want.push_back(case_of(Collective::kCombine, 7168));  // one token of 14336 bytes
  EXPECT_EQ(cases_of(sweep, 3), want);
}

TEST(Collectives, TheLargestSizesEnd) {
  const std::int64_t most = std::int64_t{1} << 62;
  const Sweep sweep{
      .kinds = {Collective::kAllReduce}, .skews = {}, .least = most / 2, .most = most, .factor = 4};
  EXPECT_EQ(cases_of(sweep, 2).size(), 1U);
}

}  // namespace
}  // namespace windtunnel::bench
