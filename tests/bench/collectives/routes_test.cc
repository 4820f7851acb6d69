#include "bench/collectives/routes.h"

#include <gtest/gtest.h>

#include <numeric>

namespace windtunnel::bench {
namespace {

using Counts = std::vector<std::int64_t>;

TEST(Routes, SharesAreThoseOfTheirFormulas) {
  EXPECT_EQ(skewed_counts(12, Skew::kBalanced, 4), (Counts{3, 3, 3, 3}));
  EXPECT_EQ(skewed_counts(120, Skew::kHot, 4), (Counts{60, 20, 20, 20}));
  // 1 + 1/2 + 1/3 + 1/4 = 25/12: of 250, 120, 60, 40, 30.
  EXPECT_EQ(skewed_counts(250, Skew::kZipf, 4), (Counts{120, 60, 40, 30}));
  EXPECT_EQ(skewed_counts(7, Skew::kHot, 1), Counts{7});
}

TEST(Routes, NothingIsLostWhereSharesAreNotWhole) {
  for (const Skew skew : kSkews) {
    for (const std::int64_t total : {0, 1, 5, 1023, 1'000'003}) {
      const Counts counts = skewed_counts(total, skew, 7);
      EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), total);
      for (std::size_t i = 1; i < counts.size(); ++i) EXPECT_LE(counts[i], counts[0] + 1);
    }
  }
  // 5/2, 5/8 of each other: the rests are 0.5 and three of 0.625, of which the lower ranks win.
  EXPECT_EQ(skewed_counts(5, Skew::kHot, 5), (Counts{2, 1, 1, 1, 0}));
}

TEST(Routes, PortsAreBothSidesOfTheTraffic) {
  const Traffic traffic = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  const Ports ports = ports_of(traffic, 1);
  EXPECT_EQ(ports.send_counts, (Counts{4, 5, 6}));
  EXPECT_EQ(ports.send_offsets, (Counts{0, 4, 9}));
  EXPECT_EQ(ports.receive_counts, (Counts{2, 5, 8}));
  EXPECT_EQ(ports.receive_offsets, (Counts{0, 2, 7}));
}

TEST(Routes, ACombineGoesTheWayOfItsDispatchBack) {
  const CollectiveCase out{Collective::kDispatch, Skew::kBalanced, 3 * kRowElements};
  const CollectiveCase back{Collective::kCombine, Skew::kBalanced, 3 * kRowElements};
  const Traffic there = traffic_of(out, 4);
  const Traffic home = traffic_of(back, 4);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(there[i][j], home[j][i]);
  }
  for (int rank = 0; rank < 4; ++rank) {
    EXPECT_EQ(received_elements(out, 4, rank), sent_elements(back, 4, rank));
    EXPECT_EQ(sent_elements(out, 4, rank), received_elements(back, 4, rank));
    EXPECT_EQ(std::ssize(expected_values(out, 4, rank)), received_elements(out, 4, rank));
  }
}

TEST(Routes, SumsOfEveryRankAreExactInBf16) {
  // BF16 holds whole numbers up to 256.
  EXPECT_LE(64 * (kValues - 1), 256);
  const CollectiveCase it{Collective::kAllReduce, Skew::kBalanced, 64};
  for (const std::uint16_t value : expected_values(it, 64, 0)) EXPECT_LE(value, 256);
}

// By hand, of two ranks and four elements: rank 0 gives 0 3 2 1, rank 1 gives 1 0 3 2.
TEST(Routes, ExpectedValuesAreThoseOfAHandCalculation) {
  const auto want = [](Collective kind, int rank) {
    return expected_values({kind, Skew::kBalanced, 4}, 2, rank);
  };
  using Values = std::vector<std::uint16_t>;
  EXPECT_EQ(want(Collective::kAllGather, 0), (Values{0, 3, 1, 0}));
  EXPECT_EQ(want(Collective::kAllReduce, 1), (Values{1, 3, 5, 3}));
  EXPECT_EQ(want(Collective::kReduceScatter, 1), (Values{5, 3}));
  EXPECT_EQ(want(Collective::kAllToAll, 0), (Values{0, 3, 1, 0}));
  EXPECT_EQ(want(Collective::kAllToAll, 1), (Values{2, 1, 3, 2}));
}

TEST(Routes, DifferencesAreNamed) {
  const std::vector<std::uint16_t> want{1, 2, 3};
  EXPECT_EQ(first_difference(want, want), "");
  EXPECT_EQ(first_difference(std::vector<std::uint16_t>{1, 9, 3}, want),
            "element 1: 9, expected 2");
  EXPECT_EQ(first_difference(std::vector<std::uint16_t>{1}, want), "1 elements, expected 3");
}

}  // namespace
}  // namespace windtunnel::bench
