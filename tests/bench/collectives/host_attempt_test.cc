#include "bench/collectives/host_attempt.h"

#include <gtest/gtest.h>

#include "tests/bench/collectives/thread_calls.h"

namespace windtunnel::bench {
namespace {

TEST(HostAttempt, EveryKindLeavesWhatIsExpectedOnEveryRank) {
  for (const int ranks : {1, 2, 3, 5}) {
    run_on_threads(ranks, [&](const Communicator& it) {
      for (const Collective kind : kCollectives) {
        for (const Skew skew : kSkews) {
          const bool tokens = kind == Collective::kDispatch || kind == Collective::kCombine;
          const CollectiveCase item{kind, skew, tokens ? 2 * kRowElements : 7 * ranks};
          std::string why;
          const auto attempt = it.start(item, why);
          // Twice: a call must not depend on what the one before left.
          EXPECT_GT(attempt->sample(2).value, 0);
          EXPECT_EQ(
              first_difference(attempt->received(), expected_values(item, ranks, it.control.rank)),
              "")
              << case_name(item) << " of " << ranks << " ranks";
        }
      }
    });
  }
}

}  // namespace
}  // namespace windtunnel::bench
