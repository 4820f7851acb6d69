#include <cmath>

#include "kernels/moe/reference.h"

namespace windtunnel::reference {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::int64_t token_count(const Layout& layout) { return std::ssize(layout.slots) / layout.top_k; }

}  // namespace

std::vector<std::int64_t> histogram(std::span<const std::int32_t> choices, std::int64_t experts) {
  std::vector<std::int64_t> counts(at(experts));
  for (const std::int32_t expert : choices) {
    if (expert >= 0) ++counts[at(expert)];
  }
  return counts;
}

Layout layout(std::span<const std::int32_t> choices, std::int64_t top_k, std::int64_t experts,
              std::int64_t alignment) {
  Layout result{.top_k = top_k,
                .counts = histogram(choices, experts),
                .offsets = {0},
                .slots = std::vector<std::int64_t>(choices.size(), -1),
                .pairs = {},
                .row_experts = {}};
  for (const std::int64_t count : result.counts) {
    const std::int64_t padded = (count + alignment - 1) / alignment * alignment;
    result.offsets.push_back(result.offsets.back() + padded);
  }
  result.pairs.assign(at(result.offsets.back()), -1);
  result.row_experts.assign(at(result.offsets.back()), -1);
  std::vector<std::int64_t> next(result.offsets.begin(), result.offsets.end() - 1);
  for (std::int64_t pair = 0; pair < std::ssize(choices); ++pair) {
    const std::int32_t expert = choices[at(pair)];
    if (expert < 0) continue;
    const std::int64_t slot = next[at(expert)]++;
    result.slots[at(pair)] = slot;
    result.pairs[at(slot)] = pair;
    result.row_experts[at(slot)] = expert;
  }
  return result;
}

Matrix permute(MatrixView x, const Layout& layout) {
  Matrix y = zeros(std::ssize(layout.pairs), x.columns);
  for (std::int64_t slot = 0; slot < y.rows; ++slot) {
    const std::int64_t pair = layout.pairs[at(slot)];
    if (pair < 0) continue;
    for (std::int64_t j = 0; j < y.columns; ++j) y(slot, j) = x(pair / layout.top_k, j);
  }
  return y;
}

Sum permute_backward(MatrixView dy, const Layout& layout) {
  Matrix ones = zeros(token_count(layout), layout.top_k);
  ones.values.assign(ones.values.size(), 1);
  return unpermute(dy, ones, layout);
}

Sum unpermute(MatrixView x, MatrixView weights, const Layout& layout) {
  assert(weights.rows == token_count(layout) && weights.columns == layout.top_k);
  Sum y = no_sum(weights.rows, x.columns);
  for (std::int64_t pair = 0; pair < std::ssize(layout.slots); ++pair) {
    const std::int64_t slot = layout.slots[at(pair)];
    if (slot < 0) continue;
    const std::int64_t token = pair / layout.top_k;
    const double weight = weights(token, pair % layout.top_k);
    for (std::int64_t j = 0; j < x.columns; ++j) {
      y.value(token, j) += weight * x(slot, j);
      y.magnitude(token, j) += std::abs(weight * x(slot, j));
    }
  }
  return y;
}

UnpermuteGradient unpermute_backward(MatrixView x, MatrixView weights, const Layout& layout,
                                     MatrixView dy) {
  UnpermuteGradient result{zeros(x.rows, x.columns), no_sum(weights.rows, weights.columns)};
  for (std::int64_t pair = 0; pair < std::ssize(layout.slots); ++pair) {
    const std::int64_t slot = layout.slots[at(pair)];
    if (slot < 0) continue;
    const std::int64_t token = pair / layout.top_k;
    const std::int64_t choice = pair % layout.top_k;
    for (std::int64_t j = 0; j < x.columns; ++j) {
      result.dx(slot, j) = weights(token, choice) * dy(token, j);
      result.dweights.value(token, choice) += dy(token, j) * x(slot, j);
      result.dweights.magnitude(token, choice) += std::abs(dy(token, j) * x(slot, j));
    }
  }
  return result;
}

}  // namespace windtunnel::reference
