// The speed of the device model: example kernels with every detector on.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/device/launch.h"
#include "tests/kernels/device/exchange.cuh"
#include "tests/kernels/device/gemm_sm80.cuh"
#include "tests/kernels/device/gemm_sm90.cuh"

namespace windtunnel::device {
namespace {

const std::vector<bf16>& ones(int count) {
  static std::vector<bf16> values;
  values.assign(static_cast<std::size_t>(count), to_bf16(1));
  return values;
}

/// Runs another seed each time; a report ends the benchmark.
template <typename Run>
void measure(benchmark::State& state, Run run) {
  Gpu gpu;
  std::uint64_t seed = 0;
  for ([[maybe_unused]] auto _ : state) {
    gpu.set_seed(++seed);
    const LaunchReport report = run(gpu);
    if (!report.ok()) state.SkipWithError(report.failure.c_str());
  }
}

void gemm80(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  measure(state, [&](Gpu& gpu) {
    const Buffer<bf16> a(gpu, ones(n * n), "a");
    const Buffer<float> c(gpu, static_cast<std::size_t>(n * n), "c");
    const u32 ctas = static_cast<u32>(n / 128 * (n / 128));
    return launch(
        gpu, &gemm_sm80<3>,
        {.kernel = "gemm_sm80", .grid = {ctas}, .block = {256}, .shared_bytes = 3 * kGemm80Stage},
        a.data(), a.data(), c.data(), n, n, n, GemmFault80::kNone);
  });
}
BENCHMARK(gemm80)->Arg(128)->Arg(256)->Unit(benchmark::kMillisecond);

void gemm90(benchmark::State& state) {
  const int n = static_cast<int>(state.range(0));
  measure(state, [&](Gpu& gpu) {
    const Buffer<bf16> a(gpu, ones(n * n), "a");
    const Buffer<float> c(gpu, static_cast<std::size_t>(n * n), "c");
    const u64 extent = static_cast<u64>(n);
    const TensorMap map = make_tensor_map(
        matrix_shape(a.data(), Element::kBf16, extent, extent, extent, 128, 64, Swizzle::k128));
    return launch(gpu, &gemm_sm90<4>,
                  {.kernel = "gemm_sm90",
                   .grid = {1},
                   .block = {384},
                   .shared_bytes = gemm_sm90_shared_bytes<4>()},
                  map, map, c.data(), n, n, n, GemmFault90::kNone);
  });
}
BENCHMARK(gemm90)->Arg(128)->Arg(256)->Arg(512)->Unit(benchmark::kMillisecond);

void exchange_of_ranks(benchmark::State& state) {
  const u32 ctas = static_cast<u32>(state.range(0));
  constexpr u32 kRanks = 8;
  constexpr u32 kThreads = 64;
  measure(state, [&](Gpu& gpu) {
    const u32 senders = kRanks * ctas;
    const Buffer<u32> inbox(gpu, std::size_t{kRanks} * senders * kThreads, "inbox");
    const Buffer<u32> counters(gpu, std::vector<u32>(kRanks, 0), "counters");
    const Buffer<u32> out(gpu, std::size_t{senders} * kThreads, "out");
    return launch(gpu, &exchange<>,
                  {.kernel = "exchange",
                   .grid = {senders},
                   .block = {kThreads},
                   .cooperative = true,
                   .ranks = kRanks},
                  inbox.data(), counters.data(), out.data(), kRanks);
  });
}
BENCHMARK(exchange_of_ranks)->Arg(4)->Arg(16)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace windtunnel::device
