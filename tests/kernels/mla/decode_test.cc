// The host's side: what a plan of the step is run with on each architecture.
#include "kernels/mla/decode.h"

#include <stdexcept>

#include "tests/kernels/mla/decode_case.h"

namespace windtunnel::device {
namespace {

// Ten heads are part of a block of 16 rows.
TEST(Decode, BothArchitecturesRunAPlanWithCutRequests) {
  const DecodeStep step = decode_step({129, 0}, 1, 10, kPieceCost + 2);
  ASSERT_EQ(step.plan.merges.size(), 1U);
  expect_step(step, kPageTokens, 1, [&](Gpu& gpu, const DecodeCall& call) {
    return decode_on_sm90(gpu, step.plan, call).failure;
  });
  expect_step(step, kPageTokens / 2, 1, [&](Gpu& gpu, const DecodeCall& call) {
    return decode_on_sm80(gpu, step.plan, call).failure;
  });
}

TEST(Decode, WithoutRequestsThereIsNoLaunch) {
  Gpu gpu;
  const DecodePlan plan = plan_decode({{}, 1, 16}, 132);
  DecodeCall call{};
  call.queries = 1;
  call.heads = 16;
  call.scale = 1;
  EXPECT_EQ(decode_on_sm90(gpu, plan, call).failure, "");
  EXPECT_EQ(decode_on_sm80(gpu, plan, call).failure, "");
}

TEST(Decode, RefusesAnotherCallsPlanAndAScaleThatIsNotPositive) {
  Gpu gpu;
  const DecodePlan plan = plan_decode({{}, 1, 16}, 132);
  DecodeCall call{};
  call.queries = 2;
  call.heads = 16;
  call.scale = 1;
  EXPECT_THROW(static_cast<void>(decode_on_sm90(gpu, plan, call)), std::invalid_argument);
  call.queries = 1;
  call.scale = 0;
  EXPECT_THROW(static_cast<void>(decode_on_sm80(gpu, plan, call)), std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel::device
