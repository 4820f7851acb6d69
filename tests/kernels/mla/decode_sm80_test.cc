// Decoding on the model of Ampere, every seed of schedule and landing times.
#include "kernels/mla/decode_sm80.cuh"

#include "kernels/mla/combine.cuh"
#include "tests/kernels/mla/decode_case.h"

namespace windtunnel::device {
namespace {

void expect_right(const DecodeStep& step, std::uint64_t count) {
  expect_step(step, DecodeSm80::kKeys, count, [&](Gpu& gpu, const DecodeCall& call) {
    const LaunchReport decoded = launch_decode_sm80(gpu, step.plan, call);
    return decoded.ok() ? launch_combine(gpu, step.plan, call).failure : decoded.failure;
  });
}

// One block takes all: stages are filled anew, q too, rows behind the sixteenth are padding, and
// the last page has one step or two.
TEST(DecodeSm80, OneBlockTakesRequestsOfEveryLength) {
  expect_right(decode_step({70, 0, 1}, 1, 16, 100), kAllSeeds);
}

// Two tokens of 32 heads; the second sees one key more, and the first of a request of one token
// sees nothing.
TEST(DecodeSm80, ATokenDoesNotSeeTheNextOne) {
  expect_right(decode_step({65, 1}, 2, 32, 100), kFewSeeds);
}

// Two parts of a request, each by two blocks; the first token sees nothing of the second part.
TEST(DecodeSm80, PartsAreMerged) {
  const DecodeStep step = decode_step({65}, 2, 64, kPieceCost + 1);
  ASSERT_EQ(step.plan.tiles, 2);
  ASSERT_EQ(step.plan.slots, 2);
  expect_right(step, kFewSeeds);
}

}  // namespace
}  // namespace windtunnel::device
