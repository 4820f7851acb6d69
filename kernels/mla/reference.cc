#include "kernels/mla/reference.h"

#include <algorithm>
#include <cmath>

namespace windtunnel::reference {
namespace {

/// A head's columns of a packed matrix.
struct Head {
  MatrixView all;
  std::int64_t first;
  std::int64_t width;

  double operator()(std::int64_t token, std::int64_t c) const { return all(token, first + c); }
};

Head head_of(MatrixView all, std::int64_t head, std::int64_t width) {
  assert(all.columns % width == 0);
  return {all, head * width, width};
}

struct Product {
  double value = 0;
  double magnitude = 0;
};

Product dot(const Head& a, std::int64_t i, const Head& b, std::int64_t j) {
  Product sum;
  for (std::int64_t c = 0; c < a.width; ++c) {
    const double term = a(i, c) * b(j, c);
    sum.value += term;
    sum.magnitude += std::abs(term);
  }
  return sum;
}

/// Calls `row(head, token, first key, last key + 1)` for every query.
template <typename Row>
void for_each_query(const AttentionShape& shape, const Row& row) {
  for (std::int64_t head = 0; head < shape.heads; ++head) {
    for (std::size_t b = 0; b + 1 < shape.offsets.size(); ++b) {
      for (std::int64_t i = shape.offsets[b]; i < shape.offsets[b + 1]; ++i) {
        row(head, i, shape.offsets[b], shape.causal ? i + 1 : shape.offsets[b + 1]);
      }
    }
  }
}

bool wanted(std::span<const std::int64_t> tokens, std::int64_t token) {
  return tokens.empty() || std::binary_search(tokens.begin(), tokens.end(), token);
}

AttentionGradient no_gradient(std::int64_t rows, std::int64_t columns) {
  return {zeros(rows, columns), zeros(rows, columns), zeros(rows, columns)};
}

/// One term of a gradient's row: what a score's gradient is, and how large its parts are.
struct ScoreGradient {
  double value;
  double parts;
};
void add(AttentionGradient& sum, std::int64_t row, ScoreGradient s, const Head& other,
         std::int64_t other_row, double scale) {
  for (std::int64_t c = 0; c < other.width; ++c) {
    const double factor = scale * other(other_row, c);
    sum.value(row, other.first + c) += s.value * factor;
    sum.magnitude(row, other.first + c) += std::abs(s.value * factor);
    sum.parts(row, other.first + c) += s.parts * std::abs(factor);
  }
}

}  // namespace

AttentionForward attention_forward(const AttentionShape& shape, MatrixView q, MatrixView k,
                                   MatrixView v, std::span<const std::int64_t> tokens) {
  AttentionForward result{no_sum(shape.tokens(), shape.heads * shape.v),
                          zeros(shape.heads, shape.tokens()), 0};
  std::vector<double> scores;
  for_each_query(
      shape, [&](std::int64_t head, std::int64_t i, std::int64_t first, std::int64_t last) {
        if (!wanted(tokens, i)) return;
        const Head values = head_of(v, head, shape.v);
        scores.clear();
        for (std::int64_t j = first; j < last; ++j) {
          const Product s = dot(head_of(q, head, shape.qk), i, head_of(k, head, shape.qk), j);
          scores.push_back(shape.scale * s.value);
          result.reach = std::max(result.reach, shape.scale * s.magnitude);
        }
        const double largest = *std::max_element(scores.begin(), scores.end());
        double sum = 0;
        for (const double s : scores) sum += std::exp(s - largest);
        result.lse(head, i) = largest + std::log(sum);
        for (std::int64_t j = first; j < last; ++j) {
          const double p = std::exp(scores[static_cast<std::size_t>(j - first)] - largest) / sum;
          for (std::int64_t c = 0; c < shape.v; ++c) {
            result.o.value(i, values.first + c) += p * values(j, c);
            result.o.magnitude(i, values.first + c) += p * std::abs(values(j, c));
          }
        }
      });
  return result;
}

AttentionBackward attention_backward(const AttentionShape& shape, MatrixView q, MatrixView k,
                                     MatrixView v, MatrixView o, MatrixView dout, MatrixView lse,
                                     std::span<const std::int64_t> tokens) {
  const std::int64_t all = shape.tokens();
  AttentionBackward result{no_gradient(all, shape.heads * shape.qk),
                           no_gradient(all, shape.heads * shape.qk),
                           no_sum(all, shape.heads * shape.v), no_sum(shape.heads, all)};
  for_each_query(shape, [&](std::int64_t head, std::int64_t i, std::int64_t first,
                            std::int64_t last) {
    const Head queries = head_of(q, head, shape.qk);
    const Head keys = head_of(k, head, shape.qk);
    const Head values = head_of(v, head, shape.v);
    const Head gradients = head_of(dout, head, shape.v);
    const Product delta = dot(head_of(o, head, shape.v), i, gradients, i);
    result.delta.value(head, i) = delta.value;
    result.delta.magnitude(head, i) = delta.magnitude;
    const bool whole = wanted(tokens, i);
    for (std::int64_t j = first; j < last; ++j) {
      if (!whole && !wanted(tokens, j)) continue;
      const double p = std::exp(shape.scale * dot(queries, i, keys, j).value - lse(head, i));
      const Product dp = dot(gradients, i, values, j);
      const ScoreGradient ds{p * (dp.value - delta.value), p * (dp.magnitude + delta.magnitude)};
      add(result.dq, i, ds, keys, j, shape.scale);
      add(result.dk, j, ds, queries, i, shape.scale);
      for (std::int64_t c = 0; c < shape.v; ++c) {
        result.dv.value(j, values.first + c) += p * gradients(i, c);
        result.dv.magnitude(j, values.first + c) += p * std::abs(gradients(i, c));
      }
    }
  });
  return result;
}

}  // namespace windtunnel::reference
