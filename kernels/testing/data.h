// Inputs for kernel tests: a seed makes the same values everywhere, each exactly one that the
// operand's format holds, and the cases are those that break kernels.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/ops/matrix.h"
#include "kernels/ops/rounding.h"

namespace windtunnel::generate {

/// splitmix64: every seed gives a full-period stream of its own.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t bits();
  /// Uniform in [low, high).
  double real(double low, double high);
  /// Uniform in [0, count).
  std::int64_t below(std::int64_t count);

 private:
  std::uint64_t state_;
};

enum class Pattern : std::uint8_t {
  kUniform,     ///< [-1, 1): a missing or doubled term shows
  kZeros,       ///< quantisation must not divide by 0
  kHuge,        ///< uniform but for one value, large enough to swallow a row's others
  kTiny,        ///< uniform times 2^-100 (BF16), or subnormal (e4m3)
  kCancelling,  ///< neighbours of opposite sign and nearly equal size
  kIndex,       ///< small integers of their own place, so that a wrong place shows exactly
};
inline constexpr Pattern kPatterns[] = {Pattern::kUniform, Pattern::kZeros,      Pattern::kHuge,
                                        Pattern::kTiny,    Pattern::kCancelling, Pattern::kIndex};

Matrix values(std::int64_t rows, std::int64_t columns, Pattern pattern, const Format& format,
              std::uint64_t seed);

/// Cosines and sines of seeded angles, rounded to FP32.
struct Angles {
  Matrix cosines;
  Matrix sines;
};
Angles angles(std::int64_t rows, std::int64_t pairs, std::uint64_t seed);

/// How tokens choose experts.
enum class Load : std::uint8_t {
  kUniform,
  kSkewed,     ///< low-numbered experts far more often
  kOneExpert,  ///< every token's first choice is the same expert
  kEmptyEnds,  ///< nobody chooses the first or the last expert
  kElsewhere,  ///< a third of the choices is -1: an expert of another rank
};
inline constexpr Load kLoads[] = {Load::kUniform, Load::kSkewed, Load::kOneExpert, Load::kEmptyEnds,
                                  Load::kElsewhere};

/// tokens x top_k experts, distinct within a token but for -1; needs top_k <= experts - 2.
std::vector<std::int32_t> choices(std::int64_t tokens, std::int64_t top_k, std::int32_t experts,
                                  Load load, std::uint64_t seed);

/// `groups` row counts in [0, largest], the first 0, one of them 1 and one `largest`; groups >= 3.
std::vector<std::int64_t> ragged(std::int64_t groups, std::int64_t largest, std::uint64_t seed);

/// Scores before sigmoid or softmax.
enum class Logits : std::uint8_t {
  kDistinct,  ///< a token's logits are multiples of 1/16 that differ: no two scores are near
  kTies,      ///< only four values: the lower index must win
  kEqual,     ///< all 0
  kExtreme,   ///< one of +80 per token, the others -80: sigmoid and softmax saturate
};
inline constexpr Logits kLogits[] = {Logits::kDistinct, Logits::kTies, Logits::kEqual,
                                     Logits::kExtreme};

Matrix router_logits(std::int64_t tokens, std::int64_t experts, Logits kind, std::uint64_t seed);

}  // namespace windtunnel::generate
