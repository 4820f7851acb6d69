// The seeds of a test, and how to run one of them again: WINDTUNNEL_DEVICE_SEED=17 in front of what
// a report calls `replay`.
#pragma once

#include <errno.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/device/model/options.h"

namespace windtunnel::device {

/// Seeds 1 to `count`, or only the one that the environment names.
inline std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* one = std::getenv("WINDTUNNEL_DEVICE_SEED")) {
    return {std::strtoull(one, nullptr, 10)};
  }
  std::vector<std::uint64_t> all;
  for (std::uint64_t seed = 1; seed <= count; ++seed) all.push_back(seed);
  return all;
}

/// The options of a seed, whose reports say how to run the test at hand with it.
inline ModelOptions seeded(std::uint64_t seed) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  ModelOptions options{.seed = seed};
  options.replay = program_invocation_name;
  if (test != nullptr) {
    options.replay +=
        std::string(" --gtest_filter=") + test->test_suite_name() + "." + test->name();
  }
  return options;
}

}  // namespace windtunnel::device
