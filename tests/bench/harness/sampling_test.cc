#include "bench/harness/sampling.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>

namespace windtunnel::bench {
namespace {

constexpr SamplePlan kBurst{Regime::kBurst, 1, 20, 2};
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Draws `clock(i)` as the i-th clock at 1 us, half a second a draw; counts how long it rested.
struct World {
  int drawn = 0;
  double rested = 0;

  Sampler sampler(std::function<double(int)> clock) {
    return {.draw =
                [this, clock] {
                  return Sample{1000, clock(drawn++)};
                },
            .rest = [this](Seconds time) { rested += time.value; },
            .now = [this] { return Seconds{0.5 * drawn}; }};
  }
};

TEST(Sampling, BufferSetsFillL2FiveTimesOver) {
  EXPECT_EQ(buffer_sets({1e9}, {50e6}), 2);
  EXPECT_EQ(buffer_sets({100e6}, {50e6}), 3);
  EXPECT_EQ(buffer_sets({1e6}, {50e6}), 250);
  EXPECT_EQ(buffer_sets({1e6}, {50.1e6}), 251);
}

TEST(Sampling, ShortKernelsAreGatheredIntoGraphs) {
  const SamplePlan tiny = plan_samples(Regime::kBurst, {0}, {1e6}, {50e6}, 0);
  EXPECT_EQ(tiny.launches, 200);
  EXPECT_EQ(plan_samples(Regime::kBurst, {19e-6}, {1e6}, {50e6}, 0).launches, 11);
  EXPECT_EQ(plan_samples(Regime::kBurst, {20e-6}, {1e6}, {50e6}, 0).launches, 1);
}

TEST(Sampling, SamplesFillHalfASecondWithinLimits) {
  const auto samples = [](double floor) {
    return plan_samples(Regime::kBurst, {floor}, {1e9}, {50e6}, 0).samples;
  };
  EXPECT_EQ(samples(10e-3), 50);
  EXPECT_EQ(samples(1), kLeastSamples);
  EXPECT_EQ(samples(100e-6), 200);
  EXPECT_EQ(plan_samples(Regime::kBurst, {1}, {1e9}, {50e6}, 3).samples, 3);
}

TEST(Sampling, OnlyABurstSampleIsThrottled) {
  EXPECT_EQ(judge({1, 1485}, Regime::kBurst, 1980), Judgement::kAccepted);
  EXPECT_EQ(judge({1, 1484}, Regime::kBurst, 1980), Judgement::kThrottled);
  EXPECT_EQ(judge({1, 1000}, Regime::kSustained, 1980), Judgement::kAccepted);
  for (const Sample& broken : {Sample{kNan, 1980}, {1, kNan}, {0, 1980}, {1, 0}, {-1, 1980}}) {
    EXPECT_EQ(judge(broken, Regime::kBurst, 1980), Judgement::kBroken);
    EXPECT_EQ(judge(broken, Regime::kSustained, 1980), Judgement::kBroken);
  }
}

TEST(Sampling, BackOffGrowsToHalfASecond) {
  EXPECT_DOUBLE_EQ(back_off(1).value, 0.05);
  EXPECT_DOUBLE_EQ(back_off(2).value, 0.1);
  EXPECT_DOUBLE_EQ(back_off(100).value, 0.5);
}

TEST(Sampling, ClocksSettleAfterThreeQuietSeconds) {
  std::vector<ClockReading> readings;
  EXPECT_FALSE(settled(readings));
  for (int i = 0; i <= 5; ++i) readings.push_back({{0.5 * i}, 1400});
  EXPECT_FALSE(settled(readings)) << "2.5 s are too short";
  readings.push_back({{3}, 1410});
  EXPECT_TRUE(settled(readings));
  readings.push_back({{3.5}, 1500});
  EXPECT_FALSE(settled(readings));
}

TEST(Sampling, QuietClocksGiveWhatWasAskedFor) {
  World world;
  const Collected collected = collect(kBurst, 1980, world.sampler([](int) { return 1980; }));
  EXPECT_EQ(collected.samples.size(), 20U);
  EXPECT_TRUE(collected.notes.empty());
  EXPECT_EQ(world.rested, 0);
}

TEST(Sampling, ThrottledSamplesAreReplacedAndCountedAloud) {
  World world;
  const Collected collected =
      collect(kBurst, 1980, world.sampler([](int i) { return i >= 3 && i < 6 ? 1200.0 : 1980.0; }));
  EXPECT_EQ(collected.samples.size(), 20U);
  EXPECT_EQ(collected.throttled, 3);
  EXPECT_DOUBLE_EQ(world.rested, 0.05 + 0.1 + 0.15);
  EXPECT_EQ(collected.notes,
            std::vector<std::string>{"discarded 3 samples below 1485 MHz (75 % of 1980 MHz)"});
}

TEST(Sampling, AGpuThatOnlyThrottlesEndsWithoutAResult) {
  World world;
  const Collected collected = collect(kBurst, 1980, world.sampler([](int) { return 900; }));
  EXPECT_TRUE(collected.samples.empty());
  EXPECT_EQ(world.drawn, 20);
  ASSERT_EQ(collected.notes.size(), 2U);
  EXPECT_EQ(collected.notes[1], "no result: 0 samples accepted, 9 are needed");
}

TEST(Sampling, SamplesWithoutAClockAreNoResult) {
  World world;
  const Collected collected = collect(kBurst, 1980, world.sampler([](int) { return kNan; }));
  EXPECT_TRUE(collected.samples.empty());
  EXPECT_EQ(collected.broken, 20);
}

TEST(Sampling, FewWantedSamplesAreEnough) {
  World world;
  const SamplePlan three{Regime::kBurst, 1, 3, 2};
  EXPECT_EQ(collect(three, 1980, world.sampler([](int) { return 1980; })).samples.size(), 3U);
}

TEST(Sampling, ClocksOnTwoLevelsAreSaid) {
  World world;
  const Collected collected =
      collect(kBurst, 1980, world.sampler([](int i) { return i % 2 == 0 ? 1980.0 : 1755.0; }));
  EXPECT_EQ(collected.samples.size(), 20U);
  EXPECT_EQ(collected.notes,
            std::vector<std::string>{"the clock moved between 1755 and 1980 MHz: compare cycles"});
}

TEST(Sampling, SustainedWaitsForTheClockAndNeverRejectsIt) {
  World world;
  SamplePlan plan = kBurst;
  plan.regime = Regime::kSustained;
  // Falls for four seconds, then stays.
  const Collected collected =
      collect(plan, 1980, world.sampler([](int i) { return i < 8 ? 1980.0 - 70 * i : 1400.0; }));
  ASSERT_EQ(collected.samples.size(), 20U);
  EXPECT_EQ(collected.throttled, 0);
  EXPECT_TRUE(collected.notes.empty());
  for (const Sample& sample : collected.samples) EXPECT_EQ(sample.mhz, 1400);
}

TEST(Sampling, AClockThatNeverSettlesIsSaid) {
  World world;
  SamplePlan plan = kBurst;
  plan.regime = Regime::kSustained;
  const Collected collected =
      collect(plan, 1980, world.sampler([](int i) { return i % 2 == 0 ? 1980.0 : 1400.0; }));
  EXPECT_EQ(collected.samples.size(), 20U);
  ASSERT_EQ(collected.notes.size(), 2U);
  EXPECT_EQ(collected.notes[0], "the clock did not settle within 20 s");
}

TEST(Sampling, RegimesHaveNames) {
  EXPECT_EQ(find_regime("burst"), Regime::kBurst);
  EXPECT_EQ(find_regime("sustained"), Regime::kSustained);
  EXPECT_FALSE(find_regime("warm"));
}

}  // namespace
}  // namespace windtunnel::bench
