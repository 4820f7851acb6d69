// Random numbers without a state: a draw is a hash of what it is for (seed, rank, layer, step), so
// it doesn't depend on the order of draws or on the number of threads.
#pragma once

#include <cstdint>

namespace windtunnel {

/// 64 well-mixed bits of the four words; any change of any of them changes half of the bits.
std::uint64_t mix(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0);

/// [0, 1) with 53 bits of `hash`.
double uniform(std::uint64_t hash);

/// Standard normal, by Box and Muller on `hash` and its successor.
double normal(std::uint64_t hash);

}  // namespace windtunnel
