// Samples, runs and results that nobody measured, for tests of what is done with them.
#pragma once

#include <vector>

#include "bench/harness/result.h"

namespace windtunnel::bench {

/// `count` samples that spread evenly by +-1 % around `ns`, at one clock.
inline std::vector<Sample> invented_samples(double ns, int count, double mhz = 1980) {
  std::vector<Sample> samples;
  for (int i = 0; i < count; ++i) {
    const double share = count == 1 ? 0 : 2.0 * i / (count - 1) - 1;
    samples.push_back({ns * (1 + 0.01 * share), mhz});
  }
  return samples;
}

inline Run invented_run(Regime regime = Regime::kBurst) {
  return {.machine = {.gpu = "h200",
                      .device = "NVIDIA H200",
                      .driver = "invented",
                      .cuda = "13.0",
                      .sms = 132,
                      .default_mhz = 1980,
                      .l2 = {50e6}},
          .commit = "0123456789ab",
          .code = "c0de",
          .date = "2001-02-03",
          .regime = regime};
}

inline Result invented_result(const KernelShape& shape, double us,
                              const std::string& implementation = "windtunnel",
                              Data data = Data::kUniform) {
  return {.item = {.shape = shape, .tiny = shape, .implementation = implementation, .data = data},
          .plan = {.regime = Regime::kBurst, .launches = 1, .samples = 11, .buffer_sets = 2},
          .collected = {.samples = invented_samples(1000 * us, 11), .notes = {}},
          .wrong = {}};
}

constexpr KernelShape rows_shape(Operation operation, Dtype dtype, std::int64_t m, std::int64_t n) {
  return {.operation = operation, .dtype = dtype, .m = m, .n = n, .k = 0, .groups = 1};
}

constexpr KernelShape gemm_shape(std::int64_t m, std::int64_t n, std::int64_t k) {
  return {
      .operation = Operation::kGemm, .dtype = Dtype::kBf16, .m = m, .n = n, .k = k, .groups = 1};
}

}  // namespace windtunnel::bench
