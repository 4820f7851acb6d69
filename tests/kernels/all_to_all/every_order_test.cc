// The kernels themselves in a small world, in every order of the steps that ranks see of each
// other: the model's ModelOptions::choose is asked before each change of a flag, and whenever the
// running CTA must wait, and a depth-first walk gives every answer once. Between two changes of
// flags a CTA runs on its own; no other order of its loads and stores can tell another story,
// because the model's clocks fail whatever flags do not order.
//
// Limits: one CTA a rank, whose threads change flags in one order, and at most one or two turns out
// of the running CTA's line (WINDTUNNEL_TURNS=3 walks 356, 594, 45659 and 1369 orders in minutes; a
// large number, all of them, which two ranks take minutes for and three too long).
// small_world_test.cc has no such bound, but walks the list of steps instead of the kernel.
#include "tests/kernels/all_to_all/repeated.h"

namespace windtunnel::device {
namespace {

/// Answers of a depth-first walk: of each question which of how many. Beyond `turns` answers other
/// than the first there is no choice.
class Walk {
 public:
  explicit Walk(int turns) : turns_{turns} {}

  std::uint32_t choose(std::uint32_t count) {
    if (at_ == path_.size()) path_.push_back({0, turned_ < turns_ ? count : 1});
    const std::uint32_t taken = path_[at_++].taken;
    turned_ += taken != 0 ? 1 : 0;
    return taken;
  }
  /// Goes to the next path; false when all have been walked.
  bool next() {
    while (!path_.empty() && path_.back().taken + 1 == path_.back().count) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().taken;
    at_ = 0;
    turned_ = 0;
    return true;
  }

 private:
  struct Answer {
    std::uint32_t taken;
    std::uint32_t count;
  };
  std::vector<Answer> path_;
  std::size_t at_ = 0;
  int turned_ = 0;
  int turns_;
};

/// Turns out of line that a test walks; the variable WINDTUNNEL_TURNS sets another number.
int turns_of(int usual) {
  const char* const set = std::getenv("WINDTUNNEL_TURNS");
  return set != nullptr ? std::atoi(set) : usual;
}

/// How many orders there are; `check` runs in each, until one fails.
template <typename Check>
int in_every_order(int turns, Check check) {
  Walk walk(turns_of(turns));
  int orders = 0;
  do {
    SCOPED_TRACE(testing::Message() << "order " << orders);
    Gpu gpu(
        {.adversarial = false, .choose = [&](std::uint32_t count) { return walk.choose(count); }});
    check(gpu);
    ++orders;
    if (testing::Test::HasFailure()) return orders;
  } while (walk.next());
  testing::Test::RecordProperty("orders", orders);
  return orders;
}

World tiny(int nodes, int node_ranks) {
  World w = small(nodes, node_ranks);
  w.blocks = 1;
  w.max_tokens = 2;
  w.columns = 8;
  w.row_bytes = 16;
  w.capacity = 1;
  return w;
}

TEST(EveryOrder, OneHopOfTwoRanks) {
  const World w = tiny(1, 2);
  // Rank 0 sends to both, rank 1 only to rank 0.
  const reference::Choices choices{{0, 2, 3, 2}, {1, 0}};
  const int orders =
      in_every_order(2, [&](Gpu& gpu) { check_repeated<false, 1>(gpu, w, choices, 1, 1, 1); });
  EXPECT_GT(orders, 10);
}

TEST(EveryOrder, TwoHopsOfTwoRanks) {
  const World w = tiny(2, 1);
  const reference::Choices choices{{0, 2, 3, 2}, {1, 0}};
  const int orders =
      in_every_order(1, [&](Gpu& gpu) { check_repeated<true, 1>(gpu, w, choices, 1, 1, 1); });
  EXPECT_GT(orders, 10);
}

TEST(EveryOrder, OneHopOfThreeRanks) {
  const World w = tiny(1, 3);
  const reference::Choices choices{{0, 2}, {}, {5, 1, 4, 5}};
  const int orders =
      in_every_order(1, [&](Gpu& gpu) { check_repeated<false, 1>(gpu, w, choices, 1, 1, 1); });
  EXPECT_GT(orders, 10);
}

TEST(EveryOrder, LowLatencyOfTwoRanksTwice) {
  const World w = tiny(1, 2);
  const reference::Choices choices{{0, 2, 3, 1}, {1, 0}};
  const int orders =
      in_every_order(1, [&](Gpu& gpu) { check_repeated_fast<1>(gpu, w, choices, 2, 1); });
  EXPECT_GT(orders, 10);
}

}  // namespace
}  // namespace windtunnel::device
