// Decoding on the model of Hopper, every seed of schedule and landing times.
#include "kernels/mla/decode_sm90.cuh"

#include "kernels/mla/combine.cuh"
#include "tests/kernels/mla/decode_case.h"

namespace windtunnel::device {
namespace {

void expect_right(const DecodeStep& step, std::uint64_t count) {
  expect_step(step, kPageTokens, count, [&](Gpu& gpu, const DecodeCall& call) {
    const LaunchReport decoded = launch_decode_sm90(gpu, step.plan, call);
    return decoded.ok() ? launch_combine(gpu, step.plan, call).failure : decoded.failure;
  });
}

// One block takes all: the ring of two pages wraps, q is loaded anew, rows behind the sixteenth are
// padding.
TEST(DecodeSm90, OneBlockTakesRequestsOfEveryLength) {
  const DecodeStep step = decode_step({130, 0, 3}, 1, 16, 100);
  ASSERT_EQ(step.plan.parts, 1);
  expect_right(step, kAllSeeds);
}

// Two tokens of 32 heads; the second sees one key more, and the first of a request of one token
// sees nothing.
TEST(DecodeSm90, ATokenDoesNotSeeTheNextOne) {
  expect_right(decode_step({128, 1}, 2, 32, 100), kFewSeeds);
}

// Three parts of a request, each by two blocks.
TEST(DecodeSm90, PartsAreMerged) {
  const DecodeStep step = decode_step({130}, 1, 128, kPieceCost + 1);
  ASSERT_EQ(step.plan.tiles, 2);
  ASSERT_EQ(step.plan.slots, 3);
  expect_right(step, kFewSeeds);
}

}  // namespace
}  // namespace windtunnel::device
