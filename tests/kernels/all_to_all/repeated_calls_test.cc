// Calls of each kind, one after the other, for every seed.
#include "tests/kernels/all_to_all/repeated.h"

namespace windtunnel::device {
namespace {

using generate::Load;

TEST(RepeatedCalls, OneHopNeedsNothingCleared) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const World w = small(1, 3);
    check_repeated<false, kTestWarps>(gpu, w, loaded(w, {5, 0, 3}, Load::kUniform, seed), 2, 2,
                                      seed);
  });
}

TEST(RepeatedCalls, TwoHopsNeedNothingCleared) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    const World w = small(2, 2);
    check_repeated<true, kTestWarps>(gpu, w, loaded(w, {5, 1, 0, 4}, Load::kUniform, seed), 2, 2,
                                     seed);
  });
}

TEST(RepeatedCalls, LowLatencyNeedsNothingClearedIfCallsAlternate) {
  on_every_seed([](Gpu& gpu, std::uint64_t seed) {
    World w = small(1, 3);
    w.capacity = 5;
    check_repeated_fast<kTestWarps>(gpu, w, loaded(w, {5, 0, 3}, Load::kUniform, seed), 3, seed);
  });
}

}  // namespace
}  // namespace windtunnel::device
