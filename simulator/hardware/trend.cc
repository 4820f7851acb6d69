#include "simulator/hardware/trend.h"

#include <algorithm>
#include <cmath>

namespace windtunnel {
namespace {

using Matrix = std::array<WorkTerms, kWorkTerms>;

/// min |A x - 1|^2 with x >= 0 from the normal equations, one coordinate at a time.
WorkTerms nonnegative_solution(const Matrix& normal, const WorkTerms& right, WorkTerms x) {
  constexpr int kSweeps = 400;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (std::size_t i = 0; i < kWorkTerms; ++i) {
      if (normal[i][i] <= 0) continue;
      double gradient = right[i];
      for (std::size_t j = 0; j < kWorkTerms; ++j) gradient -= normal[i][j] * x[j];
      x[i] = std::max(0.0, x[i] + gradient / normal[i][i]);
    }
  }
  return x;
}

}  // namespace

double trend_seconds(const Trend& trend, const WorkTerms& terms) {
  double sum = 0;
  for (std::size_t i = 0; i < kWorkTerms; ++i) sum += trend[i] * terms[i];
  return sum;
}

Trend fit_trend(const std::vector<WorkTerms>& terms, std::span<const double> times) {
  // Rows are divided by their time, so that errors are relative; columns by their largest entry.
  WorkTerms scale{};
  for (std::size_t row = 0; row < terms.size(); ++row) {
    for (std::size_t i = 0; i < kWorkTerms; ++i) {
      scale[i] = std::max(scale[i], terms[row][i] / times[row]);
    }
  }
  std::vector<double> weights(terms.size(), 1.0);
  WorkTerms x{};
  x.fill(0.1);
  constexpr int kRounds = 6;
  for (int round = 0; round < kRounds; ++round) {
    Matrix normal{};
    WorkTerms right{};
    for (std::size_t row = 0; row < terms.size(); ++row) {
      WorkTerms a{};
      double sum = 0;
      for (std::size_t i = 0; i < kWorkTerms; ++i) {
        a[i] = scale[i] > 0 ? terms[row][i] / times[row] / scale[i] : 0;
        sum += a[i] * x[i];
      }
      // Weights of an absolute-value fit: the error of the last round in the denominator.
      if (round > 0) weights[row] = 1 / (0.1 + std::abs(std::log(std::max(sum, 1e-9))));
      for (std::size_t i = 0; i < kWorkTerms; ++i) {
        right[i] += weights[row] * a[i];
        for (std::size_t j = 0; j < kWorkTerms; ++j) normal[i][j] += weights[row] * a[i] * a[j];
      }
    }
    x = nonnegative_solution(normal, right, x);
  }
  x[0] = std::max(x[0], 1e-6);  // never zero seconds
  Trend trend{};
  for (std::size_t i = 0; i < kWorkTerms; ++i) trend[i] = scale[i] > 0 ? x[i] / scale[i] : 0;
  return trend;
}

}  // namespace windtunnel
