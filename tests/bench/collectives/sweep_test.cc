#include "bench/collectives/sweep.h"

#include <gtest/gtest.h>

#include "tests/bench/collectives/thread_calls.h"

namespace windtunnel::bench {
namespace {

const Sweep kSmall{.kinds = {Collective::kAllGather, Collective::kAllToAllV},
                   .skews = {Skew::kBalanced, Skew::kHot},
                   .least = 64,
                   .most = 256,
                   .factor = 4};

TEST(Sweep, EveryCaseHasTheSamplesOfTheSlowestRank) {
  std::vector<std::vector<CollectiveResult>> all(3);
  run_on_threads(3, [&](const Communicator& it) {
    all[static_cast<std::size_t>(it.control.rank)] = run_sweep(it, kSmall, 4);
  });
  ASSERT_EQ(all[0].size(), 6U);
  for (const auto& results : all) {
    for (std::size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].wrong, "");
      EXPECT_EQ(results[i].note, "");
      ASSERT_EQ(results[i].ns.size(), 4U);
      EXPECT_EQ(results[i].ns, all[0][i].ns);
      EXPECT_GT(results[i].ns[0], 0);
    }
  }
}

/// One rank's output with one element changed.
Communicator with_fault(Communicator it, int broken) {
  if (it.control.rank != broken) return it;
  it.start = [start = it.start](const CollectiveCase& item, std::string& why) {
    auto attempt = start(item, why);
    attempt->received = [received = attempt->received] {
      auto values = received();
      values[3] = static_cast<std::uint16_t>(values[3] + 1);
      return values;
    };
    return attempt;
  };
  return it;
}

TEST(Sweep, AWrongOutputOnOneRankIsSeenByAllAndNotTimed) {
  run_on_threads(3, [](const Communicator& it) {
    for (const CollectiveResult& result : run_sweep(with_fault(it, 2), kSmall, 4)) {
      EXPECT_EQ(result.wrong.find("rank 2, element 3: "), 0U) << result.wrong;
      EXPECT_TRUE(result.ns.empty());
    }
  });
}

TEST(Sweep, WhatOneRankCannotDoNoneTries) {
  run_on_threads(2, [](Communicator it) {
    if (it.control.rank == 1) {
      it.start = [](const CollectiveCase&, std::string& why) {
        why = "no link";
        return std::optional<Attempt>();
      };
    }
    for (const CollectiveResult& result : run_sweep(it, kSmall, 4)) {
      EXPECT_EQ(result.note, "no link");
      EXPECT_TRUE(result.ns.empty());
    }
  });
}

TEST(Sweep, RanksWithOtherArgumentsAreSeenByAll) {
  run_on_threads(3, [](const Communicator& it) {
    Sweep sweep = kSmall;
    EXPECT_TRUE(same_everywhere(it.control, text(sweep, 4)));
    if (it.control.rank == 1) sweep.factor = 2;
    EXPECT_FALSE(same_everywhere(it.control, text(sweep, 4)));
    EXPECT_FALSE(same_everywhere(it.control, text(kSmall, it.control.rank)));
  });
}

TEST(Sweep, ShortOnesAreLaunchedTogether) {
  EXPECT_EQ(launches_of({Collective::kAllReduce, Skew::kBalanced, 1 << 19}), 20);
  EXPECT_EQ(launches_of({Collective::kAllReduce, Skew::kBalanced, (1 << 19) + 1}), 1);
}

}  // namespace
}  // namespace windtunnel::bench
