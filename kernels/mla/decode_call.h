// A step of decoding as the host asks for it.
#pragma once

#include <stdexcept>

#include "kernels/device/types.h"
#include "kernels/mla/decode_plan.h"

namespace windtunnel::device {

/// A token of a cache in FP8: 512 codes in e4m3, an FP32 scale for each 128 of them, a power of two
/// from 2^-100 to 64, and 64 rotary channels in BF16.
inline constexpr int kRotaryBytes = 2 * (kDecodeWidth - kDecodeLatent);
inline constexpr int kFp8TokenBytes = kDecodeLatent + kDecodeLatent / 128 * 4 + kRotaryBytes;

/// reference::DecodeInput in global memory of the GPU, with the step's plan (decode_plan.h) beside
/// it. o[requests, queries, heads, 512]; log_sums[requests, queries, heads], natural, -inf where a
/// row sees nothing. Rows of pages that hold no token of a request are never read, nor are other
/// entries of the table than those of its pages. `scale` > 0.
struct DecodeCall {
  const bf16* q;
  const void* cache;  ///< [pages, 64, 576] BF16; FP8: [pages, 64, kFp8TokenBytes]
  const int* page_table;
  const int* lengths;
  int pages;
  int table_pitch;
  int requests;
  int queries;
  int heads;
  float scale;
  const int* begins;
  const DecodePiece* pieces;
  const DecodeMerge* merges;
  float* parts;      ///< [slots, queries, heads, 512]: the result of a part by itself
  float* part_sums;  ///< [slots, queries, heads]: its log sum, base 2
  bf16* o;
  float* log_sums;
};

/// What every kernel of the family is told, beside its operands.
struct DecodeArguments {
  const int* page_table;
  const int* lengths;
  const int* begins;
  const DecodePiece* pieces;
  float* parts;
  float* part_sums;
  bf16* o;
  float* log_sums;
  int table_pitch;
  int queries;
  int heads;
  int rows;     ///< of a request
  int tiles;    ///< of a request
  float scale;  ///< times log2 e
};

/// Throws std::invalid_argument where plan and call do not belong together.
inline void check(const DecodePlan& plan, const DecodeCall& call) {
  if (plan.rows != call.queries * call.heads) {
    throw std::invalid_argument("decode: the plan is of other queries and heads: " + text(plan));
  }
  if (!(call.scale > 0)) throw std::invalid_argument("decode: the scale must be positive");
}

inline DecodeArguments arguments_of(const DecodeCall& call, const DecodePlan& plan) {
  return {.page_table = call.page_table,
          .lengths = call.lengths,
          .begins = call.begins,
          .pieces = call.pieces,
          .parts = call.parts,
          .part_sums = call.part_sums,
          .o = call.o,
          .log_sums = call.log_sums,
          .table_pitch = call.table_pitch,
          .queries = call.queries,
          .heads = call.heads,
          .rows = plan.rows,
          .tiles = plan.tiles,
          .scale = call.scale * 1.44269504F};
}

}  // namespace windtunnel::device
