#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/moe/reference.h"

namespace windtunnel::reference {
namespace {

constexpr double kTinySum = 1e-20;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::vector<double> scores_of(MatrixView logits, std::int64_t token, Scoring scoring) {
  std::vector<double> scores;
  for (std::int64_t e = 0; e < logits.columns; ++e) scores.push_back(logits(token, e));
  if (scoring == Scoring::kSigmoid) {
    for (double& s : scores) s = 1 / (1 + std::exp(-s));
    return scores;
  }
  const double largest = *std::max_element(scores.begin(), scores.end());
  for (double& s : scores) s = std::exp(s - largest);
  const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  for (double& s : scores) s /= sum;
  return scores;
}

/// Indices by falling score, of equals the lower first; unable ones (-infinity) stay at the end.
std::vector<std::int64_t> ranked(const std::vector<double>& scores) {
  std::vector<std::int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return scores[at(a)] > scores[at(b)]; });
  return order;
}

/// Smallest difference between one of the best `count` and the first that is really smaller; with
/// `order_matters` each of them is asked, else the last one, which is the border of the taken.
double smallest_gap(const std::vector<double>& scores, const std::vector<std::int64_t>& order,
                    std::int64_t count, bool order_matters) {
  double gap = std::numeric_limits<double>::infinity();
  for (std::int64_t i = order_matters ? 0 : count - 1; i < count; ++i) {
    const double score = scores[at(order[at(i)])];
    const auto smaller = std::find_if(order.begin() + i, order.end(), [&](std::int64_t other) {
      return scores[at(other)] < score;
    });
    if (smaller != order.end()) gap = std::min(gap, score - scores[at(*smaller)]);
  }
  return gap;
}

/// Two largest of a group summed.
std::vector<double> group_scores(const std::vector<double>& biased, std::int64_t groups) {
  const std::int64_t size = std::ssize(biased) / groups;
  std::vector<double> scores;
  for (std::int64_t g = 0; g < groups; ++g) {
    std::vector<double> members(biased.begin() + g * size, biased.begin() + (g + 1) * size);
    std::sort(members.begin(), members.end(), std::greater<>());
    scores.push_back(size > 1 ? members[0] + members[1] : members[0]);
  }
  return scores;
}

/// Experts outside the best groups get -infinity; returns the gap of that decision.
double keep_best_groups(std::vector<double>& biased, const RouterConfig& config) {
  if (config.top_groups == config.groups) return std::numeric_limits<double>::infinity();
  const std::vector<double> scores = group_scores(biased, config.groups);
  const std::vector<std::int64_t> order = ranked(scores);
  const std::int64_t size = config.experts / config.groups;
  for (std::int64_t i = config.top_groups; i < config.groups; ++i) {
    const auto first = biased.begin() + order[at(i)] * size;
    std::fill(first, first + size, -std::numeric_limits<double>::infinity());
  }
  return smallest_gap(scores, order, config.top_groups, false);
}

}  // namespace

Routing route(MatrixView logits, std::span<const double> bias, const RouterConfig& config) {
  assert(logits.columns == config.experts && config.experts % config.groups == 0);
  Routing routing{{}, zeros(logits.rows, config.top_k), {}};
  for (std::int64_t token = 0; token < logits.rows; ++token) {
    const std::vector<double> scores = scores_of(logits, token, config.scoring);
    std::vector<double> biased = scores;
    for (std::size_t e = 0; e < bias.size(); ++e) biased[e] += bias[e];
    const double group_gap = keep_best_groups(biased, config);
    const std::vector<std::int64_t> order = ranked(biased);
    routing.gaps.push_back(std::min(group_gap, smallest_gap(biased, order, config.top_k, true)));
    double sum = kTinySum;
    for (std::int64_t j = 0; j < config.top_k; ++j) sum += scores[at(order[at(j)])];
    const double factor = config.normalized ? config.factor / sum : config.factor;
    for (std::int64_t j = 0; j < config.top_k; ++j) {
      routing.experts.push_back(static_cast<std::int32_t>(order[at(j)]));
      routing.weights(token, j) = scores[at(order[at(j)])] * factor;
    }
  }
  return routing;
}

// With chosen scores s_j, S their sum and w_j = f s_j / S:  ds_j = f (dw_j - sum_i dw_i s_i / S) /
// S; without normalising ds_j = f dw_j. Then sigmoid: dl = ds s (1 - s); softmax, all experts: dl_e
// = s_e (ds_e - sum_j ds_j s_j).
Sum route_backward(MatrixView logits, const Routing& routing, const RouterConfig& config,
                   MatrixView dweights) {
  Sum result = no_sum(logits.rows, logits.columns);
  for (std::int64_t token = 0; token < logits.rows; ++token) {
    const std::vector<double> s = scores_of(logits, token, config.scoring);
    const auto chosen = [&](std::int64_t j) {
      return static_cast<std::int64_t>(routing.experts[at(token * config.top_k + j)]);
    };
    double total = kTinySum;
    double mean = 0;
    double mean_size = 0;
    for (std::int64_t j = 0; j < config.top_k; ++j) total += s[at(chosen(j))];
    for (std::int64_t j = 0; j < config.top_k; ++j) {
      mean += dweights(token, j) * s[at(chosen(j))] / total;
      mean_size += std::abs(dweights(token, j)) * s[at(chosen(j))] / total;
    }
    if (!config.normalized) mean = mean_size = 0;
    const double factor = config.normalized ? config.factor / total : config.factor;
    std::vector<double> ds(s.size());
    std::vector<double> size(s.size());
    double dot = 0;
    double dot_size = 0;
    for (std::int64_t j = 0; j < config.top_k; ++j) {
      const std::size_t e = at(chosen(j));
      ds[e] = factor * (dweights(token, j) - mean);
      size[e] = factor * (std::abs(dweights(token, j)) + mean_size);
      dot += ds[e] * s[e];
      dot_size += size[e] * s[e];
    }
    const bool sigmoid = config.scoring == Scoring::kSigmoid;
    for (std::size_t e = 0; e < s.size(); ++e) {
      const auto column = static_cast<std::int64_t>(e);
      result.value(token, column) = s[e] * (sigmoid ? ds[e] * (1 - s[e]) : ds[e] - dot);
      result.magnitude(token, column) = s[e] * (sigmoid ? size[e] : size[e] + dot_size);
    }
  }
  return result;
}

}  // namespace windtunnel::reference
