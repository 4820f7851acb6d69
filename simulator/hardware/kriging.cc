#include "simulator/hardware/kriging.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

namespace windtunnel {
namespace {

constexpr double kLeastDeviation = 0.002;  // where measurements agree to all their digits

/// Matern correlation along all axes, as a product.
double correlation(const TableRule& rule, std::span<const double> a, std::span<const double> b) {
  double exponent = 0, factor = 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double distance = std::abs(a[i] - b[i]) / rule.axes[i].length;
    if (rule.axes[i].smoothness == Smoothness::kRough) {
      exponent += distance;
    } else if (rule.axes[i].smoothness == Smoothness::kSmooth) {
      const double r = std::sqrt(3.0) * distance;
      exponent += r;
      factor *= 1 + r;
    } else {
      const double r = std::sqrt(5.0) * distance;
      exponent += r;
      factor *= 1 + r + r * r / 3;
    }
  }
  return factor * std::exp(-exponent);
}

/// The rule's number of usable rows nearest to `place`, ties by row.
std::vector<std::size_t> nearest_rows(const Surface& surface, std::span<const double> place,
                                      UsableRows usable) {
  std::vector<std::pair<double, std::size_t>> candidates;
  candidates.reserve(surface.rows());
  for (std::size_t row = 0; row < surface.rows(); ++row) {
    if (!usable[row]) continue;
    const auto at = surface.place(row);
    double distance = 0;
    for (std::size_t i = 0; i < place.size(); ++i) {
      distance += std::abs(at[i] - place[i]) / surface.rule->axes[i].reach;
    }
    candidates.emplace_back(distance, row);
  }
  const std::size_t count =
      std::min(candidates.size(), static_cast<std::size_t>(surface.rule->neighbours));
  const auto last = candidates.begin() + static_cast<std::ptrdiff_t>(count);
  if (last != candidates.end()) std::nth_element(candidates.begin(), last, candidates.end());
  std::sort(candidates.begin(), last);
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < count; ++i) rows.push_back(candidates[i].second);
  return rows;
}

/// Lower triangle L of a symmetric positive definite matrix, row-major n x n, in place.
void factorise(std::vector<double>& matrix, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double sum = matrix[i * n + j];
      for (std::size_t k = 0; k < j; ++k) sum -= matrix[i * n + k] * matrix[j * n + k];
      if (i == j && sum <= 0) throw std::logic_error("kriging: a rule without noise");
      matrix[i * n + j] = i == j ? std::sqrt(sum) : sum / matrix[j * n + j];
    }
  }
}

std::vector<double> solve(const std::vector<double>& lower, std::vector<double> x) {
  const std::size_t n = x.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) x[i] -= lower[i * n + k] * x[k];
    x[i] /= lower[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= lower[k * n + i] * x[k];
    x[i] /= lower[i * n + i];
  }
  return x;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The neighbours of one place: their correlations, and the noise of each.
struct System {
  std::vector<double> between;  // n x n, without noise
  std::vector<double> towards;  // n, to the place
  std::vector<double> values;
  std::vector<double> noise;
};

struct Solution {
  KrigedResidual residual;
  std::vector<double> errors;  // the noise part of each neighbour's value
};

Solution solve_system(const System& system, double table_noise) {
  const std::size_t n = system.values.size();
  std::vector<double> lower = system.between;
  for (std::size_t i = 0; i < n; ++i) lower[i * n + i] += system.noise[i];
  factorise(lower, n);
  const std::vector<double> ones(n, 1.0);
  const std::vector<double> whitened_ones = solve(lower, ones);
  const double information = dot(ones, whitened_ones);
  const double mean = dot(whitened_ones, system.values) / information;
  std::vector<double> centred = system.values;
  for (double& value : centred) value -= mean;
  const std::vector<double> weights = solve(lower, centred);
  const std::vector<double> kriging = solve(lower, system.towards);
  const double unexplained = 1 - dot(ones, kriging);
  const double variance =
      1 - dot(system.towards, kriging) + unexplained * unexplained / information;
  // The neighbours' own scatter gives the scale.
  const double scale = std::sqrt(std::max(0.0, dot(weights, centred)) / static_cast<double>(n));
  const double deviation = std::max(scale, kLeastDeviation);
  Solution solution = {{mean + dot(system.towards, weights),
                        deviation * std::sqrt(std::max(0.0, variance) + table_noise),
                        deviation * std::sqrt(table_noise)},
                       {}};
  for (std::size_t i = 0; i < n; ++i) solution.errors.push_back(system.noise[i] * weights[i]);
  return solution;
}

/// Solves again and again with more noise for the values that stick out, so that a few spikes among
/// the neighbours don't pull the answer up.
Solution solve_spiky_system(System& system, double table_noise) {
  constexpr int kRounds = 5;
  constexpr double kDeviationsPerMedian = 1.48;  // of a normal distribution
  Solution solution = solve_system(system, table_noise);
  for (int round = 1; round < kRounds; ++round) {
    std::vector<double> sizes;
    for (double error : solution.errors) sizes.push_back(std::abs(error));
    std::vector<double> sorted = sizes;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    const double deviation = kDeviationsPerMedian * *middle + 1e-6;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      system.noise[i] = table_noise * std::max(1.0, sizes[i] / deviation);
    }
    solution = solve_system(system, table_noise);
  }
  return solution;
}

}  // namespace

KrigedResidual krige(const Surface& surface, std::span<const double> place, UsableRows usable) {
  const TableRule& rule = *surface.rule;
  const std::vector<std::size_t> rows = nearest_rows(surface, place, usable);
  if (rows.empty()) throw std::logic_error("kriging: no rows to interpolate");
  const std::size_t n = rows.size();
  System system = {
      std::vector<double>(n * n), std::vector<double>(n), {}, std::vector<double>(n, rule.noise)};
  for (std::size_t i = 0; i < n; ++i) {
    system.values.push_back(surface.residuals[rows[i]]);
    system.towards[i] = correlation(rule, surface.place(rows[i]), place);
    for (std::size_t j = 0; j <= i; ++j) {
      const double value = correlation(rule, surface.place(rows[i]), surface.place(rows[j]));
      system.between[i * n + j] = system.between[j * n + i] = value;
    }
  }
  return rule.spiky ? solve_spiky_system(system, rule.noise).residual
                    : solve_system(system, rule.noise).residual;
}

}  // namespace windtunnel
