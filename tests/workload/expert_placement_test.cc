#include "simulator/workload/expert_placement.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace windtunnel {
namespace {

using Gpus = std::vector<std::vector<int>>;

double largest(const std::vector<double>& loads) {
  return *std::max_element(loads.begin(), loads.end());
}

TEST(ExpertPlacement, InOrderGivesEachGpuNeighbours) {
  EXPECT_EQ(ordered_placement(6, 3).gpus, (Gpus{{0, 1}, {2, 3}, {4, 5}}));
  const std::vector<double> loads{1, 2, 3, 4, 5, 6};
  EXPECT_EQ(gpu_loads(ordered_placement(6, 3), loads), (std::vector<double>{3, 7, 11}));
}

// The example of deepseek-ai/EPLB's README (d52c72d): 12 experts in 4 groups, 16 places on 8 GPUs
// of 2 nodes, its first layer. Groups weigh 262, 330, 116, 325: the second goes to the first node,
// the fourth and then the first to the other, the third to the first. There experts 5 (165) and 4
// (104) get a copy, and 82.5 82.5 73 61 52 52 39 4 are packed two a GPU.
TEST(ExpertPlacement, HierarchicallyItIsThePublishedExample) {
  const std::vector<double> loads{90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86};
  EXPECT_EQ(balanced_placement(loads, {.gpus = 8, .nodes = 2, .groups = 4, .places = 16}).gpus,
            (Gpus{{5, 6}, {5, 7}, {8, 4}, {3, 4}, {10, 9}, {10, 2}, {0, 1}, {11, 1}}));
}

// 6, 3, 2, 1 on 2 GPUs of 3 places: expert 0 gets the first copy and, of 3 and 3, the second too.
// Each of its three then has 2. In order of load 3 (expert 1), 2 2 2 2, 1: to the first GPU 3, to
// the other 2 and 2, to the first 2, to the other 2, which is then full, to the first 1.
TEST(ExpertPlacement, GloballyGroupsDoNotCount) {
  const std::vector<double> loads{6, 3, 2, 1};
  const ExpertPlacement placed =
      balanced_placement(loads, {.gpus = 2, .nodes = 1, .groups = 1, .places = 6});
  EXPECT_EQ(placed.gpus, (Gpus{{1, 0, 3}, {0, 2, 0}}));  // expert 2 stands before the copies
  EXPECT_EQ(gpu_loads(placed, loads), (std::vector<double>{6, 6}));
}

TEST(ExpertPlacement, CopiesShareTheLoadOfTheirExpert) {
  const std::vector<double> loads{8, 2};
  EXPECT_EQ(gpu_loads({Gpus{{0}, {0, 1}, {0, 0}}}, loads), (std::vector<double>{2, 4, 4}));
}

/// Zipf loads in some order; the exponent may be 0.
std::vector<double> zipf_in_any_order(std::size_t experts) {
  const double exponent = 0.1 * *rc::gen::inRange(0, 16);
  std::vector<int> ranks(experts);
  std::iota(ranks.begin(), ranks.end(), 1);
  for (std::size_t i = experts; i > 1; --i) {
    std::swap(ranks[i - 1], ranks[*rc::gen::inRange<std::size_t>(0, i)]);
  }
  std::vector<double> loads;
  for (const int rank : ranks) loads.push_back(std::pow(rank, -exponent));
  return loads;
}

// Every expert has a place, every GPU as many as the others, no load is lost, experts stay on their
// group's node, and the fullest GPU has no more than in order.
RC_GTEST_PROP(ExpertPlacement, IsCompleteEvenAndNoWorse, ()) {
  const int nodes = *rc::gen::inRange(1, 5);
  const int groups = nodes * *rc::gen::inRange(1, 4);
  const int gpus = nodes * *rc::gen::inRange(1, 5);
  // As many experts as groups and GPUs divide.
  const int experts = std::lcm(groups, gpus) * *rc::gen::inRange(1, 4);
  const int each = experts / gpus + *rc::gen::inRange(1, 3);
  const std::vector<double> loads = zipf_in_any_order(static_cast<std::size_t>(experts));
  const ExpertPlacement placed = balanced_placement(
      loads, {.gpus = gpus, .nodes = nodes, .groups = groups, .places = gpus * each});
  RC_ASSERT(placed.gpus.size() == static_cast<std::size_t>(gpus));
  std::vector<int> copies(loads.size(), 0);
  std::vector<int> node_of_group(static_cast<std::size_t>(groups), -1);
  for (std::size_t gpu = 0; gpu < placed.gpus.size(); ++gpu) {
    RC_ASSERT(placed.gpus[gpu].size() == static_cast<std::size_t>(each));
    for (const int expert : placed.gpus[gpu]) {
      ++copies[static_cast<std::size_t>(expert)];
      const int node = static_cast<int>(gpu) / (gpus / nodes);
      int& home = node_of_group[static_cast<std::size_t>(expert / (experts / groups))];
      if (home < 0) home = node;
      RC_ASSERT(home == node);
    }
  }
  RC_ASSERT(std::accumulate(copies.begin(), copies.end(), 0) == gpus * each);
  RC_ASSERT(*std::min_element(copies.begin(), copies.end()) >= 1);
  const std::vector<double> after = gpu_loads(placed, loads);
  const std::vector<double> before = gpu_loads(ordered_placement(experts, gpus), loads);
  const double all = std::accumulate(loads.begin(), loads.end(), 0.0);
  RC_ASSERT(std::abs(std::accumulate(after.begin(), after.end(), 0.0) - all) < 1e-9 * all);
  if (nodes == 1) RC_ASSERT(largest(after) <= largest(before) * (1 + 1e-12));
}

}  // namespace
}  // namespace windtunnel
