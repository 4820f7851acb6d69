#include "simulator/base/random.h"

#include <cmath>
#include <numbers>

namespace windtunnel {
namespace {

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio, odd
constexpr double kUnit = 0x1p-53;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection of 64 bits.
std::uint64_t finish(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  std::uint64_t hash = finish(a + kGolden);
  hash = finish((hash ^ b) + kGolden);
  hash = finish((hash ^ c) + kGolden);
  return finish((hash ^ d) + kGolden);
}

double uniform(std::uint64_t hash) { return static_cast<double>(hash >> 11) * kUnit; }

double normal(std::uint64_t hash) {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform(hash)));  // 1 - u is never 0
  return radius * std::cos(2.0 * std::numbers::pi * uniform(finish(hash + kGolden)));
}

}  // namespace windtunnel
