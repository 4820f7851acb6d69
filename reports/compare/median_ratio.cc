#include "reports/compare/median_ratio.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace windtunnel {
namespace {

/// A value that the bootstrap's median can take: its logarithm, and how likely it is.
struct Atom {
  double value;
  double share;
};

// Less likely atoms can't move a 99 % interval.
constexpr double kLeastShare = 1e-9;
// Middle order statistics of a resample of an even number lie that many ranks apart with a
// probability of e^-40 at most.
constexpr std::size_t kWidestMiddle = 40;

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

// Beyond that many draws the binomial distribution is taken as normal.
constexpr std::size_t kExactDraws = 400;

/// P(at least k of n draws are among the lowest i of n values), for each i.
std::vector<double> at_or_below(std::size_t n, std::size_t k) {
  std::vector<double> share(n + 1, 0.0);
  share[n] = 1;
  const auto count = static_cast<double>(n);
  for (std::size_t i = 1; i < n; ++i) {
    if (n > kExactDraws) {
      const auto lowest = static_cast<double>(i);
      const double spread = std::sqrt(lowest * (1 - lowest / count));
      const double distance = static_cast<double>(k) - 0.5 - lowest;
      share[i] = 0.5 * std::erfc(distance / spread / std::numbers::sqrt2);
      continue;
    }
    const double inside = std::log(static_cast<double>(i) / count);
    const double outside = std::log1p(-static_cast<double>(i) / count);
    for (std::size_t j = k; j <= n; ++j) {
      const auto drawn = static_cast<double>(j);
      share[i] += std::exp(log_choose(count, drawn) + drawn * inside + (count - drawn) * outside);
    }
  }
  return share;
}

std::vector<Atom> odd_atoms(const std::vector<double>& logs) {
  const std::size_t n = logs.size();
  const std::vector<double> below = at_or_below(n, n / 2 + 1);
  std::vector<Atom> atoms;
  for (std::size_t i = 0; i < n; ++i) {
    const double share = below[i + 1] - below[i];
    if (share > kLeastShare) atoms.push_back({logs[i], share});
  }
  return atoms;
}

/// With h = n / 2: the h-th draw in order is value i and the next one is value j > i where exactly
/// h draws are among the lowest i, one of them i itself, and the others are j or above, one being
/// j. What is left of P(h-th = i) is that both are i.
std::vector<Atom> even_atoms(const std::vector<double>& sorted, const std::vector<double>& logs) {
  const std::size_t n = sorted.size();
  const auto h = static_cast<double>(n / 2);
  const auto count = static_cast<double>(n);
  const std::vector<double> below = at_or_below(n, n / 2);
  const double ways = log_choose(count, h);
  const auto power = [&](double draws) {
    return draws <= 0 ? 0.0 : std::exp(0.5 * ways + h * std::log(draws / count));
  };
  std::vector<Atom> atoms;
  for (std::size_t i = 0; i < n; ++i) {
    double rest = below[i + 1] - below[i];
    if (rest <= kLeastShare) continue;
    const double low = power(static_cast<double>(i) + 1) - power(static_cast<double>(i));
    for (std::size_t j = i + 1; j < std::min(n, i + kWidestMiddle); ++j) {
      const double share =
          low * (power(count - static_cast<double>(j)) - power(count - static_cast<double>(j) - 1));
      rest -= share;
      if (share > kLeastShare) atoms.push_back({std::log(0.5 * (sorted[i] + sorted[j])), share});
    }
    if (rest > kLeastShare) atoms.push_back({logs[i], rest});
  }
  return atoms;
}

std::vector<Atom> atoms_of(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> logs;
  for (const double value : sorted) logs.push_back(std::log(value));
  std::vector<Atom> atoms = sorted.size() % 2 == 1 ? odd_atoms(logs) : even_atoms(sorted, logs);
  std::sort(atoms.begin(), atoms.end(),
            [](const Atom& a, const Atom& b) { return a.value < b.value; });
  return atoms;
}

/// P(second - first <= difference), both sorted: one walk through the two.
double below_share(const std::vector<Atom>& first, const std::vector<Atom>& second,
                   double difference) {
  double share = 0;
  double taken = 0;
  std::size_t at = 0;
  for (const Atom& atom : first) {
    while (at < second.size() && second[at].value <= atom.value + difference) {
      taken += second[at++].share;
    }
    share += atom.share * taken;
  }
  return share;
}

double quantile_of(const std::vector<Atom>& first, const std::vector<Atom>& second, double share) {
  double low = second.front().value - first.back().value;
  double high = second.back().value - first.front().value;
  // Beyond 1e-13 of a logarithm nothing is told apart.
  while (high - low > 1e-13 * std::max(1.0, std::abs(low))) {
    const double middle = 0.5 * (low + high);
    (below_share(first, second, middle) < share ? low : high) = middle;
  }
  return high;
}

}  // namespace

double median(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  if (sorted.size() % 2 == 1) return *middle;
  return 0.5 * (*std::max_element(sorted.begin(), middle) + *middle);
}

RatioInterval median_ratio(std::span<const double> first, std::span<const double> second,
                           double level) {
  const std::vector<Atom> base = atoms_of(first);
  const std::vector<Atom> now = atoms_of(second);
  const double tail = (1 - level) / 2;
  const double ratio = median(second) / median(first);
  return {.ratio = ratio,
          .low = std::min(ratio, std::exp(quantile_of(base, now, tail))),
          .high = std::max(ratio, std::exp(quantile_of(base, now, 1 - tail)))};
}

}  // namespace windtunnel
