// The two example kernels: right for every seed, and wrong in every way that a fault makes them.
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/device/launch.h"
#include "tests/kernels/device/gemm_sm80.cuh"
#include "tests/kernels/device/gemm_sm90.cuh"
#include "tests/kernels/device/seeds.h"

namespace windtunnel::device {
namespace {

/// c = a b^T with small integers over 64: every product and sum is exact in FP32, so any difference
/// is an error.
struct Problem {
  int m, n, k;
  std::vector<bf16> a, b;
  std::vector<float> c;

  Problem(int m_, int n_, int k_) : m{m_}, n{n_}, k{k_} {
    u32 state = 1;
    const auto draw = [&](std::vector<bf16>& values, int count) {
      for (int i = 0; i < count; ++i) {
        state = state * 1664525U + 1013904223U;
        values.push_back(to_bf16(static_cast<float>(static_cast<int>(state >> 28) - 8) / 8.0F));
      }
    };
    draw(a, m * k);
    draw(b, n * k);
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < n; ++j) {
        float sum = 0;
        for (int l = 0; l < k; ++l) sum += at(a, i, l) * at(b, j, l);
        c.push_back(sum);
      }
    }
  }

  float at(const std::vector<bf16>& x, int row, int column) const {
    return to_float(x[static_cast<std::size_t>(row * k + column)]);
  }
};

std::string compare(const std::vector<float>& got, const std::vector<float>& want) {
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (!(got[i] == want[i])) return "wrong value at " + std::to_string(i);
  }
  return "";
}

template <GemmFault80 kFault>
LaunchReport launch80(Gpu& gpu, const Problem& p, const Buffer<float>& c) {
  const Buffer<bf16> a(gpu, p.a, "a");
  const Buffer<bf16> b(gpu, p.b, "b");
  const u32 ctas = static_cast<u32>((p.m + 127) / 128 * ((p.n + 127) / 128));
  return launch(
      gpu, &gemm_sm80<3, kFault>,
      {.kernel = "gemm_sm80", .grid = {ctas}, .block = {256}, .shared_bytes = 3 * kGemm80Stage},
      a.data(), b.data(), c.data(), p.m, p.n, p.k);
}

template <GemmFault80 kFault>
std::uint64_t conflicts80(const Problem& p) {
  Gpu gpu;
  const Buffer<float> c(gpu, p.c.size(), "c");
  return launch80<kFault>(gpu, p, c).bank_conflicts;
}

/// What is wrong with one run: the model's report, or a wrong value.
template <GemmFault80 kFault>
std::string run80(const Problem& p, std::uint64_t seed) {
  Gpu gpu(seeded(seed));
  const Buffer<float> c(gpu, p.c.size(), "c");
  const LaunchReport report = launch80<kFault>(gpu, p, c);
  return report.ok() ? compare(c.download(), p.c) : report.failure;
}

template <GemmFault90 kFault>
std::string run90(const Problem& p, std::uint64_t seed, u32 ctas) {
  Gpu gpu(seeded(seed));
  const Buffer<bf16> a(gpu, p.a, "a");
  const Buffer<bf16> b(gpu, p.b, "b");
  const Buffer<float> c(gpu, p.c.size(), "c");
  const auto map = [&](const Buffer<bf16>& from, int rows) {
    const u64 k = static_cast<u64>(p.k);
    return make_tensor_map(matrix_shape(from.data(), Element::kBf16, static_cast<u64>(rows), k, k,
                                        128, 64, Swizzle::k128));
  };
  const LaunchReport report = launch(gpu, &gemm_sm90<3, kFault>,
                                     {.kernel = "gemm_sm90",
                                      .grid = {ctas},
                                      .block = {384},
                                      .shared_bytes = gemm_sm90_shared_bytes<3>()},
                                     map(a, p.m), map(b, p.n), c.data(), p.m, p.n, p.k);
  return report.ok() ? compare(c.download(), p.c) : report.failure;
}

TEST(ExampleGemm, TheSm80KernelIsRightForEverySeed) {
  const Problem p(200, 136, 200);
  for (const std::uint64_t seed : seeds(10)) {
    EXPECT_EQ(run80<GemmFault80::kNone>(p, seed), "");
  }
}

TEST(ExampleGemm, TheSm90KernelIsRightForEverySeed) {
  const Problem p(200, 136, 328);
  for (const std::uint64_t seed : seeds(10)) {
    EXPECT_EQ(run90<GemmFault90::kNone>(p, seed, 2), "");
  }
}

constexpr std::uint64_t kSeeds = 20;

template <GemmFault80... kFaults>
void expect_every_fault_found_80(const Problem& p) {
  for (const std::uint64_t seed : seeds(kSeeds)) {
    int fault = 0;
    for (const std::string& failure : {run80<kFaults>(p, seed)...}) {
      EXPECT_NE(failure, "") << "fault " << fault << " of the list, seed " << seed;
      ++fault;
    }
  }
}

template <GemmFault90... kFaults>
void expect_every_fault_found_90(const Problem& p) {
  for (const std::uint64_t seed : seeds(kSeeds)) {
    int fault = 0;
    for (const std::string& failure : {run90<kFaults>(p, seed, 1)...}) {
      EXPECT_NE(failure, "") << "fault " << fault << " of the list, seed " << seed;
      ++fault;
    }
  }
}

TEST(ExampleGemm, EveryFaultOfTheSm80KernelIsFoundOnEverySeed) {
  using enum GemmFault80;
  const Problem inside(128, 128, 192);
  expect_every_fault_found_80<kNoWait, kWaitOffByOne, kNoBarrier, kLoadBeforeBarrier,
                              kBarrierBeforeWait, kWrongStage, kWrongSwizzle, kNoCommitAtTail>(
      inside);
  const Problem edge(72, 72, 72);
  expect_every_fault_found_80<kNoZeroFill, kNoEdgeGuard>(edge);
}

TEST(ExampleGemm, EveryFaultOfTheSm90KernelIsFoundOnEverySeed) {
  using enum GemmFault90;
  // Five steps wrap the ring of three.
  const Problem inside(128, 128, 320);
  expect_every_fault_found_90<kNoFullWait, kWrongFullParity, kNoEmptyWait, kWrongEmptyParity,
                              kNoPhaseFlip, kTooFewBytes, kTooManyBytes, kEarlyRelease,
                              kReleaseBeforeWait, kNoFinalWait, kNoWgmmaFence, kWrongStride,
                              kWrongKStep, kNoInitFence, kNoInitBarrier, kWrongEmptyCount,
                              kUnalignedBase, kStaleAccumulator, kTooManyRegisters, kWrongRows>(
      inside);
  const Problem edge(72, 72, 72);
  expect_every_fault_found_90<kNoEdgeGuard>(edge);
}

TEST(ExampleGemm, BankConflictsAreAFigure) {
  const Problem p(128, 128, 64);
  EXPECT_EQ(conflicts80<GemmFault80::kNone>(p), 0U);
  EXPECT_GT(conflicts80<GemmFault80::kBankConflicts>(p), 1000U);
}

}  // namespace
}  // namespace windtunnel::device
