// What a program calls: the kernel of a width, on both architectures.
#include <stdexcept>

#include "kernels/mla/attention.h"
#include "tests/kernels/mla/attention_case.h"

namespace windtunnel::device {
namespace {

constexpr int kWidths[] = {192, 128};

TEST(AttentionChoice, ForwardOfEachWidth) {
  for (const int width : kWidths) {
    const AttentionCase it = attention_case(width, 1, true, {5});
    for (const std::uint64_t seed : seeds(1)) {
      EXPECT_EQ(run_forward(it, 64, seed, &attention_forward_on_sm80), "") << width;
      EXPECT_EQ(run_forward(it, 128, seed, &attention_forward_on_sm90), "") << width;
    }
  }
}

template <typename Launcher>
std::string run_all(const AttentionCase& it, const Launcher& launcher) {
  return run_backward(
      it, 64, 1, [&](Gpu& gpu, const AttentionCall& call, const AttentionGradients& gradients) {
        LaunchReport report = attention_backward_pre(gpu, call, gradients);
        if (report.ok()) report = launcher(gpu, call, gradients);
        if (report.ok()) report = attention_backward_post(gpu, call, gradients);
        return report.failure;
      });
}

TEST(AttentionChoice, BackwardOfEachWidth) {
  for (const int width : kWidths) {
    const AttentionCase it = gradient_case(width, 1, true, {5});
    EXPECT_EQ(run_all(it, &attention_backward_on_sm80), "") << width;
    EXPECT_EQ(run_all(it, &attention_backward_on_sm90), "") << width;
  }
}

TEST(AttentionChoice, OtherWidthsAreRefused) {
  Gpu gpu;
  AttentionCall call = {};
  call.qk = 64;
  EXPECT_THROW(static_cast<void>(attention_forward_on_sm80(gpu, call)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(attention_forward_on_sm90(gpu, call)), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(attention_backward_pre(gpu, call, {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(attention_backward_on_sm80(gpu, call, {})), std::invalid_argument);
  EXPECT_THROW(static_cast<void>(attention_backward_on_sm90(gpu, call, {})), std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel::device
