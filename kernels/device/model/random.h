// The adversary's dice: small, fast, the same everywhere.
#pragma once

#include <cstdint>

namespace windtunnel::device::model {

/// xorshift64*; the seed may be any number.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15U + 0x3039U} {
    if (state_ == 0) state_ = 1;
    for (int i = 0; i < 8; ++i) next();
  }

  std::uint64_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1dU;
  }

  /// A number below `n`, which must be positive.
  std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
  }

  bool chance(std::uint32_t per_1024) { return (next() >> 54) < per_1024; }

 private:
  std::uint64_t state_;
};

}  // namespace windtunnel::device::model
