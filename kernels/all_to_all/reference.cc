#include "kernels/all_to_all/reference.h"

#include <algorithm>
#include <cmath>

namespace windtunnel::reference {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

void add_row(Sum& y, std::int64_t i, double weight, MatrixView rows, std::int64_t row) {
  for (std::int64_t j = 0; j < rows.columns; ++j) {
    y.value(i, j) += weight * rows(row, j);
    y.magnitude(i, j) += std::abs(weight * rows(row, j));
  }
}

}  // namespace

Exchange exchange(const Choices& choices, std::int64_t top_k, std::int64_t experts) {
  const std::int64_t ranks = std::ssize(choices);
  const std::int64_t share = experts / ranks;
  Exchange result{
      .arrivals = std::vector<std::vector<Arrival>>(choices.size()),
      .offsets = std::vector<std::vector<std::int64_t>>(choices.size()),
      .expert_pairs = std::vector(choices.size(), std::vector<std::int64_t>(at(share)))};
  for (std::int64_t rank = 0; rank < ranks; ++rank) {
    std::vector<Arrival>& arrivals = result.arrivals[at(rank)];
    for (std::int64_t source = 0; source < ranks; ++source) {
      result.offsets[at(rank)].push_back(std::ssize(arrivals));
      const std::vector<std::int32_t>& chosen = choices[at(source)];
      for (std::int64_t pair = 0; pair < std::ssize(chosen); ++pair) {
        const std::int32_t expert = chosen[at(pair)];
        if (expert < 0 || expert / share != rank) continue;
        ++result.expert_pairs[at(rank)][at(expert % share)];
        const Arrival arrival{source, pair / top_k};
        if (arrivals.empty() || arrivals.back() != arrival) arrivals.push_back(arrival);
      }
    }
    result.offsets[at(rank)].push_back(std::ssize(arrivals));
  }
  return result;
}

Sum combine(const std::vector<Matrix>& rows, const Exchange& exchange, std::int64_t source,
            std::int64_t tokens) {
  Sum y = no_sum(tokens, rows.front().columns);
  for (std::size_t rank = 0; rank < rows.size(); ++rank) {
    for (std::int64_t i = 0; i < std::ssize(exchange.arrivals[rank]); ++i) {
      const Arrival& arrival = exchange.arrivals[rank][at(i)];
      if (arrival.source == source) add_row(y, arrival.token, 1, rows[rank], i);
    }
  }
  return y;
}

ExpertPairs expert_pairs(const Choices& choices, std::int64_t experts) {
  ExpertPairs result(at(experts), std::vector<std::vector<std::int64_t>>(choices.size()));
  for (std::size_t source = 0; source < choices.size(); ++source) {
    for (std::int64_t pair = 0; pair < std::ssize(choices[source]); ++pair) {
      const std::int32_t expert = choices[source][at(pair)];
      if (expert >= 0) result[at(expert)][source].push_back(pair);
    }
  }
  return result;
}

Sum combine_pairs(const std::vector<std::vector<Matrix>>& rows, const ExpertPairs& pairs,
                  std::int64_t source, MatrixView weights, std::int64_t capacity) {
  Sum y = no_sum(weights.rows, rows.front().front().columns);
  for (std::size_t expert = 0; expert < rows.size(); ++expert) {
    const std::vector<std::int64_t>& sent = pairs[expert][at(source)];
    for (std::int64_t i = 0; i < std::min(std::ssize(sent), capacity); ++i) {
      const std::int64_t token = sent[at(i)] / weights.columns;
      const double weight = weights(token, sent[at(i)] % weights.columns);
      add_row(y, token, weight, rows[expert][at(source)], i);
    }
  }
  return y;
}

}  // namespace windtunnel::reference
