// What a step of decoding computes, in double: the specification that a kernel is compared with,
// within kernels/mla/decode_tolerance.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/matrix.h"

namespace windtunnel::reference {

/// Attention of the last `queries` tokens of each request to its own past, all heads sharing one
/// key, whose first 512 channels are the value (MLA, absorbed). Token t of a request of `length`
/// cached tokens sees the first length - (queries - 1 - t) of them. Token j lies in row j % 64 of
/// page page_table[request, j / 64]; nothing else of table or cache is read.
struct DecodeInput {
  MatrixView q;                              ///< [requests x queries x heads, 576]
  MatrixView cache;                          ///< [pages x 64, 576]
  std::span<const std::int32_t> page_table;  ///< [requests, table_pitch]
  std::int64_t table_pitch;
  std::span<const std::int32_t> lengths;  ///< [requests]
  std::int64_t queries;
  std::int64_t heads;
  double scale;  ///< of q k, before softmax
};

/// What the tolerance must know of a row beside its result.
struct DecodeRow {
  double log_sum = 0;    ///< of exp(scale q k), natural; -inf for a row that sees nothing
  double size = 0;       ///< the largest |scale q k|
  double range = 0;      ///< the largest scale q k minus the smallest
  double magnitude = 0;  ///< the largest scale x sum |q k| of a key
  double keys = 0;
};

/// o[requests x queries x heads, 512], zeros for a row that sees nothing; its magnitude is the sum
/// of p |v|.
struct Decoded {
  Sum o;
  std::vector<DecodeRow> rows;
};
Decoded decode(const DecodeInput& input);

}  // namespace windtunnel::reference
