// What dispatch and combine do, in plain words: who gets which token, in which order, and what
// comes back. Kernels are compared with it; layout.h and offsets.h, which say where a row lies, are
// not used.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/ops/matrix.h"

namespace windtunnel::reference {

/// Of each rank, the experts of its pairs (token * top_k + choice), -1 for none.
using Choices = std::vector<std::vector<std::int32_t>>;

struct Arrival {
  std::int64_t source;
  std::int64_t token;

  friend bool operator==(const Arrival&, const Arrival&) = default;
};

/// The tokens that come to each rank, each once, by source rank, then token. Ranks share `experts`
/// evenly, neighbours by neighbours.
struct Exchange {
  std::vector<std::vector<Arrival>> arrivals;
  std::vector<std::vector<std::int64_t>> offsets;       ///< first of each source, then how many
  std::vector<std::vector<std::int64_t>> expert_pairs;  ///< of each rank, by its own experts
};
Exchange exchange(const Choices& choices, std::int64_t top_k, std::int64_t experts);

/// y[tokens of the source, columns] = sum over the ranks that got the token of their row;
/// rows[rank] [arrivals, columns].
Sum combine(const std::vector<Matrix>& rows, const Exchange& exchange, std::int64_t source,
            std::int64_t tokens);

/// Pairs that come to an expert, by source: [expert][source], each in order.
using ExpertPairs = std::vector<std::vector<std::vector<std::int64_t>>>;
ExpertPairs expert_pairs(const Choices& choices, std::int64_t experts);

/// y[tokens of the source, columns] = sum over choices of weight * row, where a source keeps but
/// the first `capacity` pairs of an expert. rows[expert][source] [capacity, columns]; weights
/// [tokens, top_k].
Sum combine_pairs(const std::vector<std::vector<Matrix>>& rows, const ExpertPairs& pairs,
                  std::int64_t source, MatrixView weights, std::int64_t capacity);

}  // namespace windtunnel::reference
