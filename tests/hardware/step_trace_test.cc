#include "simulator/hardware/step_trace.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/hardware/step_gpus.h"

namespace windtunnel {
namespace {

constexpr KernelShape kSmall{Operation::kSmall, Dtype::kFp32, 4096, 1, 0, 1};

KernelShape cast(std::int64_t rows) { return {Operation::kCast, Dtype::kBf16, rows, 1000, 0, 1}; }
KernelShape attention() { return {Operation::kAttentionForward, Dtype::kBf16, 4096, 128, 192, 8}; }

TraceSetting setting() {
  return {.source = "test",
          .gpu = traced_gpu(),
          .sms = 80,
          .notify = {Seconds{0}, Seconds{0}, Seconds{0}, "test"}};
}

std::vector<Launch> launches() {
  return {{kSmall, 2e-6},       {kSmall, 4e-6},       {cast(1000), 10e-6},   {cast(10000), 60e-6},
          {cast(12000), 72e-6}, {cast(14000), 84e-6}, {attention(), 500e-6}, {attention(), 700e-6}};
}

TEST(StepTrace, ALaunchCostsTheMeanOfTheBookkeepingKernels) {
  EXPECT_DOUBLE_EQ(make_step_trace(setting(), launches()).launch, 3e-6);
}

TEST(StepTrace, SizesWithinAFactorAreOneGroupWithOneRate) {
  const StepTrace trace = make_step_trace(setting(), launches());
  const auto& groups = trace.kernels.at(kernel_key(cast(1)));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].launches, 1);
  EXPECT_EQ(groups[1].launches, 3);
  // 10000 rows of 1000 at 3 bytes and 1 TB/s: 30 us, taken 60.
  EXPECT_DOUBLE_EQ(groups[1].low, 30e-6);
  EXPECT_DOUBLE_EQ(groups[1].rate, 2);
  EXPECT_NEAR(groups[1].spread, 0, 1e-12);
}

TEST(StepTrace, EqualRowsAreSeparateLaunches) {
  std::vector<Launch> twice = launches();
  twice.push_back({cast(1000), 10e-6});
  const StepTrace trace = make_step_trace(setting(), twice);
  EXPECT_EQ(trace.kernels.at(kernel_key(cast(1)))[0].launches, 2);
}

TEST(StepTrace, SpreadIsTheDeviationOfTheLaunches) {
  const StepTrace trace = make_step_trace(setting(), launches());
  // 500 and 700 around 600: (100^2 + 100^2) / 1, so 141.4 of 600.
  EXPECT_NEAR(trace.kernels.at(kernel_key(attention()))[0].spread, 141.42 / 600, 1e-4);
}

TEST(StepTrace, TransfersAndQueuedKernelsTeachNoClass) {
  std::vector<Launch> more = launches();
  const KernelShape combine{Operation::kCombine, Dtype::kBf16, 4096, 7168, 8, 64};
  const KernelShape queued{Operation::kGroupedWeightGradient, Dtype::kFp8, 4096, 128, 128, 1};
  more.push_back({combine, 6e-3});
  more.push_back({queued, 1e-3});
  const StepTrace trace = make_step_trace(setting(), more);
  EXPECT_EQ(trace.transfers.count(combine), 1U);
  EXPECT_EQ(trace.queued.count(kernel_key(queued)), 1U);
  EXPECT_EQ(trace.classes.size(), make_step_trace(setting(), launches()).classes.size());
}

TEST(StepTrace, RefusesATraceThatTeachesNothing) {
  EXPECT_THROW(make_step_trace(setting(), {}), std::invalid_argument);
  EXPECT_THROW(make_step_trace(setting(), {{kSmall, 2e-6}, {cast(10), 4e-6}}),
               std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel
