#include "reports/compare/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace windtunnel {
namespace {

/// Twice the mean rank of each value of a pooled, sorted sample: whole numbers with ties, too.
struct Ranking {
  std::vector<int> doubled;
  std::vector<bool> is_second;
  double tied;  ///< sum of t^3 - t over groups of t equal values
};

Ranking ranked(std::span<const double> first, std::span<const double> second) {
  std::vector<std::pair<double, bool>> all;
  for (const double value : first) all.emplace_back(value, false);
  for (const double value : second) all.emplace_back(value, true);
  std::sort(all.begin(), all.end());
  Ranking ranking{{}, {}, 0};
  for (std::size_t i = 0; i < all.size();) {
    std::size_t end = i;
    while (end < all.size() && all[end].first == all[i].first) ++end;
    const auto size = static_cast<double>(end - i);
    ranking.tied += size * size * size - size;
    for (std::size_t j = i; j < end; ++j) {
      ranking.doubled.push_back(static_cast<int>(i + end + 1));  // ranks i + 1 to end
      ranking.is_second.push_back(all[j].second);
    }
    i = end;
  }
  return ranking;
}

/// The share of subsets of `size` ranks whose doubled sum is at least as far from its mean as
/// `sum`. ways[k][s] counts subsets of k ranks with sum s, one rank after another.
double exact_p(const std::vector<int>& doubled, std::size_t size, long sum) {
  long total = 0;
  for (const int rank : doubled) total += rank;
  const auto width = static_cast<std::size_t>(total) + 1;
  std::vector<double> ways((size + 1) * width, 0.0);
  ways[0] = 1;
  std::size_t reach = 0;  // no sum so far is above it
  for (const int rank : doubled) {
    const auto step = static_cast<std::size_t>(rank);
    for (std::size_t k = size; k > 0; --k) {
      const double* from = &ways[(k - 1) * width];
      double* to = &ways[k * width + step];
      for (std::size_t s = 0; s <= reach; ++s) to[s] += from[s];
    }
    reach += step;
  }
  // The mean times the number of ranks, so that everything compared is a whole number.
  const auto n = static_cast<long>(doubled.size());
  const long mean = static_cast<long>(size) * total;
  const long distance = std::abs(n * sum - mean);
  double all = 0;
  double far = 0;
  for (std::size_t s = 0; s < width; ++s) {
    const double count = ways[size * width + s];
    all += count;
    if (std::abs(n * static_cast<long>(s) - mean) >= distance) far += count;
  }
  return far / all;
}

double normal_p(double u, double n, double m, double tied) {
  const double all = n + m;
  const double variance = n * m / 12 * ((all + 1) - tied / (all * (all - 1)));
  const double distance = std::max(0.0, std::abs(u - n * m / 2) - 0.5);
  return variance <= 0 ? 1 : std::erfc(distance / std::sqrt(variance) / std::numbers::sqrt2);
}

}  // namespace

RankTest mann_whitney(std::span<const double> first, std::span<const double> second) {
  const Ranking ranking = ranked(first, second);
  long sum = 0;
  for (std::size_t i = 0; i < ranking.doubled.size(); ++i) {
    if (ranking.is_second[i]) sum += ranking.doubled[i];
  }
  const auto n = static_cast<double>(first.size());
  const auto m = static_cast<double>(second.size());
  const double u = 0.5 * static_cast<double>(sum) - m * (m + 1) / 2;
  const double p = ranking.doubled.size() <= kExactRanks
                       ? exact_p(ranking.doubled, second.size(), sum)
                       : normal_p(u, n, m, ranking.tied);
  return {u, p};
}

double least_p(std::size_t first, std::size_t second) {
  const auto n = static_cast<double>(first);
  const auto m = static_cast<double>(second);
  return std::min(1.0,
                  2 * std::exp(std::lgamma(n + 1) + std::lgamma(m + 1) - std::lgamma(n + m + 1)));
}

}  // namespace windtunnel
