#include "kernels/mla/decode_reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/mla/decode_plan.h"

namespace windtunnel::reference {
namespace {

/// The row of the cache in which token `token` of the request lies.
std::int64_t cache_row(const DecodeInput& input, std::int64_t request, std::int64_t token) {
  const std::int64_t entry = request * input.table_pitch + token / kPageTokens;
  const std::int64_t page = input.page_table[static_cast<std::size_t>(entry)];
  return page * kPageTokens + token % kPageTokens;
}

/// One row of q against the first `keys` tokens of its request.
DecodeRow attend(const DecodeInput& input, std::int64_t request, std::int64_t row,
                 std::int64_t keys, Sum& o) {
  DecodeRow result{.log_sum = -std::numeric_limits<double>::infinity(),
                   .keys = static_cast<double>(keys)};
  if (keys <= 0) return {.log_sum = result.log_sum};
  std::vector<double> scores;
  for (std::int64_t j = 0; j < keys; ++j) {
    const std::int64_t key = cache_row(input, request, j);
    double score = 0;
    double magnitude = 0;
    for (std::int64_t d = 0; d < kDecodeWidth; ++d) {
      score += input.q(row, d) * input.cache(key, d);
      magnitude += std::abs(input.q(row, d) * input.cache(key, d));
    }
    scores.push_back(input.scale * score);
    result.size = std::max(result.size, std::abs(scores.back()));
    result.magnitude = std::max(result.magnitude, input.scale * magnitude);
  }
  const auto [smallest, largest] = std::minmax_element(scores.begin(), scores.end());
  result.range = *largest - *smallest;
  double sum = 0;
  for (const double score : scores) sum += std::exp(score - *largest);
  result.log_sum = *largest + std::log(sum);
  for (std::int64_t j = 0; j < keys; ++j) {
    const std::int64_t key = cache_row(input, request, j);
    const double p = std::exp(scores[static_cast<std::size_t>(j)] - result.log_sum);
    for (std::int64_t d = 0; d < kDecodeLatent; ++d) {
      o.value(row, d) += p * input.cache(key, d);
      o.magnitude(row, d) += p * std::abs(input.cache(key, d));
    }
  }
  return result;
}

}  // namespace

Decoded decode(const DecodeInput& input) {
  Decoded result{no_sum(input.q.rows, kDecodeLatent), {}};
  const std::int64_t rows = input.queries * input.heads;
  for (std::int64_t row = 0; row < input.q.rows; ++row) {
    const std::int64_t request = row / rows;
    const std::int64_t later = input.queries - 1 - row % rows / input.heads;
    const std::int64_t keys = input.lengths[static_cast<std::size_t>(request)] - later;
    result.rows.push_back(attend(input, request, row, keys, result.o));
  }
  return result;
}

}  // namespace windtunnel::reference
