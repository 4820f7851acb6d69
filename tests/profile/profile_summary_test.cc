#include "simulator/profile/profile_summary.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/profile/profiles.h"

namespace windtunnel {
namespace {

// Computation 0-4 and 6-9, communication 3-7 on another stream and 8-10 on a third:
// communication covers 6 us, of which 3-4, 6-7 and 8-9 are hidden: one half. Nothing idles.
TEST(ProfileSummary, HidingIsTheOverlapOverCommunication) {
  const ProfileSummary it = summarise(profile_of(
      file_of({kernel("gemm", "7", "6", "3"), kernel("gemm", "7", "0", "4"),
               kernel("ncclKernel_x", "20", "3", "4"), kernel("ncclKernel_x", "21", "8", "2")})));
  EXPECT_DOUBLE_EQ(it.whole.span.value, 10e-6);
  EXPECT_DOUBLE_EQ(it.whole.compute.value, 7e-6);
  EXPECT_DOUBLE_EQ(it.whole.communication.value, 6e-6);
  EXPECT_DOUBLE_EQ(it.whole.overlapped.value, 3e-6);
  EXPECT_DOUBLE_EQ(*it.hidden_fraction, 0.5);
  EXPECT_DOUBLE_EQ(it.whole.idle.value, 0);
  ASSERT_EQ(it.streams.size(), 3U);
  EXPECT_DOUBLE_EQ(it.streams[0].busy.value, 7e-6);
  EXPECT_EQ(it.kernel_events, 4);
}

TEST(ProfileSummary, KernelsAreGroupedAcrossStreams) {
  std::vector<std::string> events;
  for (int i = 1; i <= 5; ++i) {
    events.push_back(kernel("a", std::to_string(i % 2), std::to_string(10 * i), std::to_string(i)));
  }
  events.push_back(kernel("b", "0", "100", "100"));
  events.push_back(kernel("b", "0", "300", "200"));
  const ProfileSummary it = summarise(profile_of(file_of(events)));
  ASSERT_EQ(it.kernels.size(), 2U);
  EXPECT_EQ(it.kernels[0].name, "b");
  EXPECT_DOUBLE_EQ(it.kernels[0].median.value, 150e-6);
  EXPECT_EQ(it.kernels[1].count, 5);
  EXPECT_DOUBLE_EQ(it.kernels[1].total.value, 15e-6);
  EXPECT_DOUBLE_EQ(it.kernels[1].median.value, 3e-6);
  EXPECT_DOUBLE_EQ(it.kernels[1].least.value, 1e-6);
  EXPECT_DOUBLE_EQ(it.kernels[1].most.value, 5e-6);
}

TEST(ProfileSummary, SeveralGpusAreAMean) {
  std::string other = kernel("ncclKernel_x", "7", "0", "30");
  other.replace(other.find("\"pid\":0"), 7, "\"pid\":1");
  const ProfileSummary it = summarise(profile_of(file_of({kernel("gemm", "7", "0", "10"), other})));
  ASSERT_EQ(it.devices.size(), 2U);
  EXPECT_DOUBLE_EQ(it.whole.span.value, 20e-6);
  EXPECT_DOUBLE_EQ(it.whole.communication.value, 15e-6);
  EXPECT_DOUBLE_EQ(*it.hidden_fraction, 0);
}

TEST(ProfileSummary, NothingIsNothing) {
  const ProfileSummary it = summarise(profile_of("[]"));
  EXPECT_FALSE(it.hidden_fraction);
  EXPECT_EQ(it.whole.span.value, 0);
  EXPECT_TRUE(it.kernels.empty());
}

/// Microseconds that are covered by both, each slice of one looked at by itself.
struct Slow {
  int compute = 0;
  int communication = 0;
  int both = 0;
};

Slow slowly(const std::vector<std::array<int, 3>>& kernels) {
  Slow slow;
  for (int time = 0; time < 200; ++time) {
    bool compute = false;
    bool communication = false;
    for (const auto& [kind, start, length] : kernels) {
      if (time < start || time >= start + length) continue;
      (kind == 0 ? compute : communication) = true;
    }
    slow.compute += compute ? 1 : 0;
    slow.communication += communication ? 1 : 0;
    slow.both += compute && communication ? 1 : 0;
  }
  return slow;
}

TEST(ProfileSummary, AgreesWithCountingMicrosecondByMicrosecond) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::array<int, 3>> kernels;
    std::vector<std::string> events;
    for (int i = 0; i < 20; ++i) {
      const int kind = static_cast<int>(random() % 2);
      const int start = static_cast<int>(random() % 150);
      const int length = static_cast<int>(random() % 20);
      kernels.push_back({kind, start, length});
      events.push_back(kernel(kind == 0 ? "gemm" : "nccl", std::to_string(random() % 4),
                              std::to_string(start), std::to_string(length)));
    }
    const Slow slow = slowly(kernels);
    const ProfileSummary it = summarise(profile_of(file_of(events)));
    EXPECT_NEAR(it.whole.compute.value, slow.compute * 1e-6, 1e-12);
    EXPECT_NEAR(it.whole.communication.value, slow.communication * 1e-6, 1e-12);
    EXPECT_NEAR(it.whole.overlapped.value, slow.both * 1e-6, 1e-12);
  }
}

}  // namespace
}  // namespace windtunnel
