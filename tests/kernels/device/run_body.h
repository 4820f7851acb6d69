// Runs a few lines as a kernel and says what the model has against them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "kernels/device/launch.h"
#include "kernels/device/vocabulary.h"
#include "tests/kernels/device/seeds.h"

namespace windtunnel::device {

using Body = std::function<void()>;

/// The shape of a test kernel: one CTA unless said otherwise.
inline LaunchShape shape_of(u32 threads, u32 shared_bytes = 0, u32 ctas = 1) {
  return {.kernel = "test",
          .grid = {ctas},
          .block = {threads},
          .shared_bytes = shared_bytes,
          .cooperative = ctas > 1};
}

inline std::string failure_of(const ModelOptions& options, const LaunchShape& shape,
                              const Body& body) {
  Gpu gpu(options);
  return gpu.run(shape, body).failure;
}

/// Without an adversary the lanes run one after the other, so the message is always the same.
inline std::string quiet_failure(const LaunchShape& shape, const Body& body) {
  const std::string all = failure_of({.adversarial = false}, shape, body);
  return all.substr(0, all.find("\n  kernel"));
}

/// The kernel fails with a message that begins so, whatever the seed.
inline void expect_on_every_seed(std::string_view beginning, const LaunchShape& shape,
                                 const Body& body) {
  for (const std::uint64_t seed : seeds(20)) {
    const std::string failure = failure_of(seeded(seed), shape, body);
    EXPECT_EQ(failure.substr(0, beginning.size()), beginning) << "seed " << seed << ": " << failure;
  }
}

/// The model has nothing against a correct kernel, whatever the seed.
inline void expect_no_alarm(const LaunchShape& shape, const Body& body, std::uint64_t count = 200) {
  for (const std::uint64_t seed : seeds(count)) {
    ModelOptions options = seeded(seed);
    options.strict_proxy_fence = true;
    ASSERT_EQ(failure_of(options, shape, body), "");
  }
}

}  // namespace windtunnel::device
