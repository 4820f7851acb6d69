#include "simulator/profile/profile_summary.h"

#include <gtest/gtest.h>

#include <map>
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

// The shape of DeepSeek's published training profile: whole microseconds since 1970, a stream for
// computation and one for communication whose kernels are in dpsk::ep or deep_ep, weight gradients
// beside both on a third, copies of the driver, a fill of no length, annotations on the streams,
// waits, launches, arrows without a partner, metadata and the GPU's name last.
// From the first kernel: compute 0-112, 120-163, 200-1448 and, on stream 24, 150-210 and 1500-1600,
// which cover 112 + (1448 - 120) + 100 = 1540; communication 20-1028 and 1030-1530, which cover
// 1508, hidden but for 112-120, 1448-1500 within the second and no more: 1448. A copy 163-170 is of
// neither kind. The span is 1600, nothing idles.
TEST(ProfileSummary, ATraceOfTwoStreamsAsDeepSeekPublishesIt) {
  const std::string zero = "1740000000";
  const auto at = [&](int microsecond) { return zero + std::to_string(100000 + microsecond); };
  const auto on = [&](const char* category, const char* name, const char* stream, int start,
                      int length) {
    return event(category, name, stream, at(start), std::to_string(length));
  };
  std::vector<std::string> events = {
      on("kernel", "void dpsk::ep::internode::dispatch<false, 8, true, 8>(int4*)", "20", 1030, 500),
      on("kernel", "void flash::compute_attn_ws<Flash_fwd_kernel_traits<192> >(x)", "7", 200, 1248),
      on("kernel", "void layer_norm::ln_fwd_kernel<layer_norm::Kernel_traits>(x)", "7", 0, 112),
      on("kernel", "void deep_ep::internode::cached_notify<false>(int)", "20", 20, 1008),
      on("kernel", "dpsk::grouped_gemm::cuda::fp8_ptp128c::GemmKernel>(x)", "7", 120, 43),
      on("kernel", "dpsk::grouped_gemm::cuda::fp8_dptp128c_acc::GemmKernel>(x)", "24", 150, 60),
      on("kernel", "dpsk::grouped_gemm::cuda::fp8_dptp128c_acc::GemmKernel>(x)", "24", 1500, 100),
      on("gpu_memcpy", "Memcpy DtoD (Device -> Device)", "7", 163, 7),
      on("gpu_memset", "Memset (Device)", "7", 170, 0),
      on("gpu_user_annotation", "attn(F)", "7", -50, 1600),
      on("cuda_sync", "Stream Wait Event", "20", -900, 5000),
      on("cuda_runtime", "cudaLaunchKernel", "4711", -300, 6),
      on("Trace", "PyTorch Profiler (0)", "\"PyTorch Profiler\"", -100000, 900000),
      R"({"ph":"f","id":7,"pid":0,"tid":20,"ts":)" + at(20) + R"(,"cat":"ac2g","name":"ac2g"})",
      R"({"ph":"M","name":"process_name","pid":0,"tid":0,"ts":)" + at(0) + R"(,"args":{}})"};
  std::string text = file_of(events);
  text.pop_back();
  text += R"(,"deviceProperties":[{"id":0,"name":"NVIDIA H800"}]})";
  const ProfileSummary it = summarise(profile_of(text));
  EXPECT_EQ(it.gpu, "NVIDIA H800");
  EXPECT_EQ(it.kernel_events, 9);
  EXPECT_EQ(it.timeless.count, 0);
  EXPECT_DOUBLE_EQ(it.whole.span.value, 1600e-6);
  EXPECT_DOUBLE_EQ(it.whole.compute.value, 1540e-6);
  EXPECT_DOUBLE_EQ(it.whole.communication.value, 1508e-6);
  EXPECT_DOUBLE_EQ(it.whole.overlapped.value, 1448e-6);
  EXPECT_DOUBLE_EQ(*it.hidden_fraction, 1448.0 / 1508);
  EXPECT_DOUBLE_EQ(it.whole.memory.value, 7e-6);
  EXPECT_DOUBLE_EQ(it.whole.idle.value, 0);
  ASSERT_EQ(it.streams.size(), 3U);
  std::map<std::string, double> busy;
  for (const StreamSummary& stream : it.streams) busy[stream.stream] = stream.busy.value;
  EXPECT_DOUBLE_EQ(busy.at("7"), 1410e-6);
  EXPECT_DOUBLE_EQ(busy.at("20"), 1508e-6);
  EXPECT_DOUBLE_EQ(busy.at("24"), 160e-6);
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
