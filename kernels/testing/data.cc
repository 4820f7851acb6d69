#include "kernels/testing/data.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace windtunnel::generate {
namespace {

double drawn(Random& random, Pattern pattern, const Format& format, std::int64_t place) {
  const bool wide = format.smallest_exponent < -100;
  const double tiny = wide ? 0x1p-100 : std::ldexp(4.0, format.smallest_exponent);
  switch (pattern) {
    case Pattern::kZeros:
      return 0;
    case Pattern::kTiny:
      return tiny * random.real(-1, 1);
    case Pattern::kCancelling:
      return (place % 2 == 0 ? 1 : -1) * random.real(0.9, 1);
    case Pattern::kIndex:
      return static_cast<double>(place % 13) - 6;
    default:
      return random.real(-1, 1);
  }
}

template <typename T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::int64_t i = std::ssize(items) - 1; i > 0; --i) {
    std::swap(items[static_cast<std::size_t>(i)],
              items[static_cast<std::size_t>(random.below(i + 1))]);
  }
}

std::int32_t expert(Random& random, std::int32_t experts, Load load) {
  if (load == Load::kEmptyEnds) return 1 + static_cast<std::int32_t>(random.below(experts - 2));
  if (load != Load::kSkewed) return static_cast<std::int32_t>(random.below(experts));
  const double u = random.real(0, 1);
  return static_cast<std::int32_t>(u * u * u * experts);
}

}  // namespace

std::uint64_t Random::bits() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

double Random::real(double low, double high) {
  return low + (high - low) * static_cast<double>(bits() >> 11U) * 0x1p-53;
}

std::int64_t Random::below(std::int64_t count) {
  return static_cast<std::int64_t>(bits() % static_cast<std::uint64_t>(count));
}

Matrix values(std::int64_t rows, std::int64_t columns, Pattern pattern, const Format& format,
              std::uint64_t seed) {
  Random random(seed);
  Matrix x = zeros(rows, columns);
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    x.values[i] = round_to(drawn(random, pattern, format, static_cast<std::int64_t>(i)), format);
  }
  if (pattern == Pattern::kHuge && !x.values.empty()) {
    const auto place = static_cast<std::size_t>(random.below(std::ssize(x.values)));
    x.values[place] = round_to(0x1p20, format);
  }
  return x;
}

Angles angles(std::int64_t rows, std::int64_t pairs, std::uint64_t seed) {
  Random random(seed);
  Angles result{zeros(rows, pairs), zeros(rows, pairs)};
  for (std::size_t i = 0; i < result.cosines.values.size(); ++i) {
    const double angle = random.real(0, 2 * std::numbers::pi);
    result.cosines.values[i] = round_to(std::cos(angle), kFp32);
    result.sines.values[i] = round_to(std::sin(angle), kFp32);
  }
  return result;
}

std::vector<std::int32_t> choices(std::int64_t tokens, std::int64_t top_k, std::int32_t experts,
                                  Load load, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int32_t> chosen;
  for (std::int64_t token = 0; token < tokens; ++token) {
    const auto first = std::ssize(chosen);
    if (load == Load::kOneExpert && top_k > 0) chosen.push_back(experts / 2);
    while (std::ssize(chosen) - first < top_k) {
      const std::int32_t next = expert(random, experts, load);
      if (std::find(chosen.begin() + first, chosen.end(), next) == chosen.end()) {
        chosen.push_back(next);
      }
    }
  }
  if (load == Load::kElsewhere) {
    for (std::int32_t& it : chosen) {
      if (random.below(3) == 0) it = -1;
    }
  }
  return chosen;
}

std::vector<std::int64_t> ragged(std::int64_t groups, std::int64_t largest, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::int64_t> counts;
  for (std::int64_t i = 0; i < groups; ++i) counts.push_back(random.below(largest + 1));
  counts.at(0) = 0;
  counts.at(1) = 1;
  counts.at(2) = largest;
  return counts;
}

Matrix router_logits(std::int64_t tokens, std::int64_t experts, Logits kind, std::uint64_t seed) {
  Random random(seed);
  Matrix x = zeros(tokens, experts);
  std::vector<double> row(static_cast<std::size_t>(experts));
  for (std::int64_t token = 0; token < tokens; ++token) {
    std::iota(row.begin(), row.end(), -static_cast<double>(experts / 2));
    shuffle(row, random);
    const std::int64_t hot = random.below(experts);
    for (std::int64_t j = 0; j < experts; ++j) {
      double& logit = x(token, j);
      if (kind == Logits::kDistinct) logit = row[static_cast<std::size_t>(j)] / 16;
      if (kind == Logits::kTies) logit = static_cast<double>(random.below(4)) - 2;
      if (kind == Logits::kExtreme) logit = j == hot ? 80 : -80;
    }
  }
  return x;
}

}  // namespace windtunnel::generate
