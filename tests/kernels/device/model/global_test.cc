// Global memory: bounds, definedness, races between CTAs, scopes, flags.
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/device/exchange.cuh"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

template <HandOverFault kFault>
std::string hand_over_failure(std::uint64_t seed) {
  Gpu gpu({.seed = seed});
  const Buffer<u32> data(gpu, 32, "data");
  const Buffer<u32> flag(gpu, std::vector<u32>{0}, "flag");
  const Buffer<u32> out(gpu, 32, "out");
  const LaunchReport report =
      launch(gpu, &hand_over<kFault>,
             {.kernel = "hand_over", .grid = {2}, .block = {32}, .cooperative = true}, data.data(),
             flag.data(), out.data());
  if (!report.ok()) return report.failure;
  for (u32 i = 0; i < 32; ++i) {
    if (out.download()[i] != 3 * i) return "wrong";
  }
  return "";
}

template <HandOverFault kFault>
void expect_hand_over(const char* beginning) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string failure = hand_over_failure<kFault>(seed);
    EXPECT_EQ(failure.rfind(beginning, 0), 0U) << failure;
  }
}

TEST(Flags, AReleaseAndAnAcquireOrder) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    ASSERT_EQ(hand_over_failure<HandOverFault::kNone>(seed), "");
  }
}

TEST(Flags, EveryWeakerProtocolIsFound) {
  expect_hand_over<HandOverFault::kRelaxedStore>("race: load by thread ");
  expect_hand_over<HandOverFault::kRelaxedLoad>("race: load by thread ");
  expect_hand_over<HandOverFault::kNarrowStore>("scope too narrow: atomic (");
  expect_hand_over<HandOverFault::kNarrowLoad>("scope too narrow: atomic (");
  expect_hand_over<HandOverFault::kWeakStore>("race: ");
  // Who runs early reads what nobody has written yet, or races.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_NE(hand_over_failure<HandOverFault::kNoBarrierBefore>(seed), "");
    EXPECT_NE(hand_over_failure<HandOverFault::kNoBarrierAfter>(seed), "");
  }
}

template <FenceFault kFault>
std::string last_cta_failure(std::uint64_t seed, bool cooperative) {
  Gpu gpu({.seed = seed});
  const Buffer<u32> parts(gpu, 24, "parts");
  const Buffer<u32> counter(gpu, std::vector<u32>{0}, "counter");
  const Buffer<u32> sum(gpu, 1, "sum");
  const LaunchReport report =
      launch(gpu, &last_cta_sums<kFault>,
             {.kernel = "last_cta_sums", .grid = {24}, .block = {32}, .cooperative = cooperative},
             parts.data(), counter.data(), sum.data());
  if (!report.ok()) return report.failure;
  return sum.download()[0] == 300 ? "" : "wrong";
}

TEST(Fences, OrderPlainStoresAroundARelaxedCounter) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const bool cooperative : {false, true}) {
      EXPECT_EQ(last_cta_failure<FenceFault::kNone>(seed, cooperative), "");
      for (const std::string& failure :
           {last_cta_failure<FenceFault::kNoFenceBefore>(seed, cooperative),
            last_cta_failure<FenceFault::kNoFenceAfter>(seed, cooperative),
            last_cta_failure<FenceFault::kNarrowFence>(seed, cooperative)}) {
        EXPECT_EQ(failure.rfind("race: load by thread 0 of CTA ", 0), 0U) << failure;
      }
    }
  }
}

template <ExchangeFault kFault>
std::string exchange_failure(std::uint64_t seed, u32 ranks, u32 ctas, u32 threads) {
  Gpu gpu({.seed = seed});
  const u32 senders = ranks * ctas;
  const Buffer<u32> inbox(gpu, std::size_t{ranks} * senders * threads, "inbox");
  const Buffer<u32> counters(gpu, std::vector<u32>(ranks, 0), "counters");
  const Buffer<u32> out(gpu, std::size_t{senders} * threads, "out");
  const LaunchReport report = launch(gpu, &exchange<kFault>,
                                     {.kernel = "exchange",
                                      .grid = {senders},
                                      .block = {threads},
                                      .cooperative = true,
                                      .ranks = ranks},
                                     inbox.data(), counters.data(), out.data(), ranks);
  if (!report.ok()) return report.failure;
  const std::vector<u32> got = out.download();
  for (u32 i = 0; i < got.size(); ++i) {
    const u32 rank = i / threads / ctas;
    const u32 want = senders * (senders - 1) / 2 + senders * (i % threads) * (rank + 1);
    if (got[i] != want) return "wrong";
  }
  return "";
}

TEST(Ranks, EightRanksOfSixteenCtasExchange) {
  EXPECT_EQ(exchange_failure<ExchangeFault::kNone>(1, 8, 16, 32), "");
}

TEST(Ranks, AnExchangeIsRightForEverySeed) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    EXPECT_EQ(exchange_failure<ExchangeFault::kNone>(seed, 4, 3, 32), "");
  }
}

TEST(Ranks, FaultsOfTheExchangeAreFoundOnEverySeed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    // Without ranks the GPU is one, and its scope is enough.
    EXPECT_EQ(exchange_failure<ExchangeFault::kGpuScope>(seed, 1, 6, 32), "");
    EXPECT_EQ(
        exchange_failure<ExchangeFault::kGpuScope>(seed, 4, 2, 32).rfind("scope too narrow", 0),
        0U);
    EXPECT_EQ(exchange_failure<ExchangeFault::kRelaxed>(seed, 4, 2, 32).rfind("race: ", 0), 0U);
    EXPECT_NE(exchange_failure<ExchangeFault::kNoBarrier>(seed, 4, 2, 64), "");
    EXPECT_NE(exchange_failure<ExchangeFault::kTooFew>(seed, 4, 2, 32), "");
  }
}

std::string ctas_failure(std::uint64_t seed, bool cooperative, u32 ctas, const Body& body) {
  LaunchShape shape = shape_of(32, 0, ctas);
  shape.cooperative = cooperative;
  return failure_of({.seed = seed}, shape, body);
}

TEST(GlobalMemory, CtasThatRunOneAfterTheOtherRaceAllTheSame) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const bool cooperative : {false, true}) {
      Gpu gpu({.seed = seed});
      const Buffer<float> c(gpu, 32, "c");
      LaunchShape shape = shape_of(32, 0, 3);
      shape.cooperative = cooperative;
      const std::string failure =
          gpu.run(shape, [&] { st_global(c.data() + threadIdx.x, 1.0F); }).failure;
      EXPECT_EQ(failure.rfind("race: store by thread ", 0), 0U) << failure;
    }
  }
}

TEST(GlobalMemory, ALaunchIsOrderedAfterTheOneBefore) {
  Gpu gpu;
  const Buffer<u32> c(gpu, 32, "c");
  const auto write = [&] { st_global(c.data() + threadIdx.x, 1U); };
  EXPECT_EQ(gpu.run(shape_of(32), write).failure, "");
  EXPECT_EQ(gpu.run(shape_of(32), write).failure, "");
  EXPECT_EQ(gpu.run(shape_of(32), [&] { ld_global<u32>(c.data()); }).failure, "");
}

TEST(GlobalMemory, ReadOnlyLoadsMeetNoWriteOfTheLaunch) {
  Gpu gpu({.adversarial = false});
  const Buffer<u32> c(gpu, std::vector<u32>(4, 0), "c");
  const std::string failure = gpu.run(shape_of(1),
                                      [&] {
                                        st_global(c.data(), 1U, {"k.cuh", 1});
                                        ld_global_nc<u32>(c.data(), {"k.cuh", 2});
                                      })
                                  .failure;
  EXPECT_EQ(failure.substr(0, failure.find('\n')),
            "not read-only: load by thread 0 of CTA 0 at k.cuh:2 and store by thread 0 of CTA 0 at "
            "k.cuh:1 both touch c + 0 in one launch, and the read is a read-only one");
}

TEST(GlobalMemory, BoundsAlignmentAndDefinednessAreChecked) {
  Gpu gpu({.adversarial = false});
  const Buffer<u32> c(gpu, 4, "c");
  const auto quiet = [&](const Body& body) {
    const std::string all = gpu.run(shape_of(1), body).failure;
    return all.substr(0, all.find('\n'));
  };
  EXPECT_EQ(quiet([&] { st_global(c.data() + 4, 1U); }),
            "st_global: 4 bytes at c + 16 (of 16 bytes) are outside every buffer");
  EXPECT_EQ(quiet([&] { ld_global<u32x2>(c.data() + 1); }),
            "ld_global: c + 4 (of 16 bytes) is not aligned to 8 bytes");
  EXPECT_EQ(quiet([&] {
              ld_global<u32>(c.data() + 1, {"k.cuh", 1});
            }),
            "undefined: load by thread 0 of CTA 0 at k.cuh:1 reads c + 4, which is undefined; "
            "nobody wrote it");
}

TEST(GlobalMemory, ADependentGridWaitsFirst) {
  Gpu gpu;
  const Buffer<u32> c(gpu, 32, "c");
  LaunchShape shape = shape_of(32);
  shape.dependent = true;
  const auto body = [&](bool waits) {
    return [&c, waits] {
      if (waits) grid_dependency_wait();
      st_global(c.data() + threadIdx.x, 1U);
    };
  };
  EXPECT_EQ(gpu.run(shape, body(true)).failure, "");
  EXPECT_EQ(gpu.run(shape, body(false)).failure.rfind("the grid was launched behind another", 0),
            0U);
}

TEST(GlobalMemory, AFlagThatNobodyRaisesIsADeadlock) {
  Gpu gpu({.adversarial = false});
  const Buffer<u32> flag(gpu, std::vector<u32>{0}, "flag");
  const std::string failure = gpu.run(shape_of(1),
                                      [&] {
                                        wait_flag_equal<Scope::kGpu>(flag.data(), 1, {"k.cuh", 9});
                                      })
                                  .failure;
  EXPECT_EQ(
      failure.substr(0, failure.find("\n  kernel")),
      "deadlock: nobody can go on\n    1 thread, warp 0 of CTA 0: wait_flag on flag + 0 (of 4 "
      "bytes) at k.cuh:9");
}

TEST(GlobalMemory, NoBufferIsTouchedByNobody) {
  EXPECT_EQ(ctas_failure(1, false, 2, [] {}), "");
}

}  // namespace
}  // namespace windtunnel::device
