// The two example kernels: right for every seed, and wrong in every way that a fault makes them.
#include <cmath>
#include <cstddef>
#include <initializer_list>
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

LaunchReport launch80(Gpu& gpu, const Problem& p, const Buffer<float>& c, GemmFault80 fault) {
  const Buffer<bf16> a(gpu, p.a, "a");
  const Buffer<bf16> b(gpu, p.b, "b");
  const u32 ctas = static_cast<u32>((p.m + 127) / 128 * ((p.n + 127) / 128));
  return launch(
      gpu, &gemm_sm80<3>,
      {.kernel = "gemm_sm80", .grid = {ctas}, .block = {256}, .shared_bytes = 3 * kGemm80Stage},
      a.data(), b.data(), c.data(), p.m, p.n, p.k, fault);
}

std::uint64_t conflicts80(const Problem& p, GemmFault80 fault) {
  Gpu gpu;
  const Buffer<float> c(gpu, p.c.size(), "c");
  return launch80(gpu, p, c, fault).bank_conflicts;
}

/// What is wrong with one run: the model's report, or a wrong value.
std::string run80(const Problem& p, std::uint64_t seed, GemmFault80 fault) {
  Gpu gpu(seeded(seed));
  const Buffer<float> c(gpu, p.c.size(), "c");
  const LaunchReport report = launch80(gpu, p, c, fault);
  return report.ok() ? compare(c.download(), p.c) : report.failure;
}

std::string run90(const Problem& p, std::uint64_t seed, u32 ctas, GemmFault90 fault) {
  Gpu gpu(seeded(seed));
  const Buffer<bf16> a(gpu, p.a, "a");
  const Buffer<bf16> b(gpu, p.b, "b");
  const Buffer<float> c(gpu, p.c.size(), "c");
  const auto map = [&](const Buffer<bf16>& from, int rows) {
    const u64 k = static_cast<u64>(p.k);
    return make_tensor_map(matrix_shape(from.data(), Element::kBf16, static_cast<u64>(rows), k, k,
                                        128, 64, Swizzle::k128));
  };
  const LaunchReport report = launch(gpu, &gemm_sm90<3>,
                                     {.kernel = "gemm_sm90",
                                      .grid = {ctas},
                                      .block = {384},
                                      .shared_bytes = gemm_sm90_shared_bytes<3>()},
                                     map(a, p.m), map(b, p.n), c.data(), p.m, p.n, p.k, fault);
  return report.ok() ? compare(c.download(), p.c) : report.failure;
}

TEST(ExampleGemm, TheSm80KernelIsRightForEverySeed) {
  const Problem p(200, 136, 200);
  for (const std::uint64_t seed : seeds(10)) {
    EXPECT_EQ(run80(p, seed, GemmFault80::kNone), "");
  }
}

TEST(ExampleGemm, TheSm90KernelIsRightForEverySeed) {
  const Problem p(200, 136, 328);
  for (const std::uint64_t seed : seeds(10)) {
    EXPECT_EQ(run90(p, seed, 2, GemmFault90::kNone), "");
  }
}

constexpr std::uint64_t kSeeds = 20;

void expect_found(std::initializer_list<GemmFault80> faults, const Problem& p) {
  for (const std::uint64_t seed : seeds(kSeeds)) {
    for (const GemmFault80 fault : faults) {
      EXPECT_NE(run80(p, seed, fault), "") << static_cast<int>(fault) << ", seed " << seed;
    }
  }
}

void expect_found(std::initializer_list<GemmFault90> faults, const Problem& p) {
  for (const std::uint64_t seed : seeds(kSeeds)) {
    for (const GemmFault90 fault : faults) {
      EXPECT_NE(run90(p, seed, 1, fault), "") << static_cast<int>(fault) << ", seed " << seed;
    }
  }
}

TEST(ExampleGemm, EveryFaultOfTheSm80KernelIsFoundOnEverySeed) {
  using enum GemmFault80;
  const Problem inside(128, 128, 192);
  expect_found({kNoWait, kWaitOffByOne, kNoBarrier, kLoadBeforeBarrier, kBarrierBeforeWait,
                kWrongStage, kWrongSwizzle, kNoCommitAtTail},
               inside);
  const Problem edge(72, 72, 72);
  expect_found({kNoZeroFill, kNoEdgeGuard}, edge);
}

TEST(ExampleGemm, EveryFaultOfTheSm90KernelIsFoundOnEverySeed) {
  using enum GemmFault90;
  // Five steps wrap the ring of three.
  const Problem inside(128, 128, 320);
  expect_found(
      {kNoFullWait,      kWrongFullParity, kNoEmptyWait,      kWrongEmptyParity,  kNoPhaseFlip,
       kTooFewBytes,     kTooManyBytes,    kEarlyRelease,     kReleaseBeforeWait, kNoFinalWait,
       kNoWgmmaFence,    kWrongStride,     kWrongKStep,       kNoInitFence,       kNoInitBarrier,
       kWrongEmptyCount, kUnalignedBase,   kStaleAccumulator, kTooManyRegisters,  kWrongRows},
      inside);
  const Problem edge(72, 72, 72);
  expect_found({kNoEdgeGuard}, edge);
}

TEST(ExampleGemm, BankConflictsAreAFigure) {
  const Problem p(128, 128, 64);
  EXPECT_EQ(conflicts80(p, GemmFault80::kNone), 0U);
  EXPECT_GT(conflicts80(p, GemmFault80::kBankConflicts), 1000U);
}

}  // namespace
}  // namespace windtunnel::device
