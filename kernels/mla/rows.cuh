// Which rows a block of an attention kernel has.
#pragma once

#include "kernels/device/vocabulary.h"
#include "kernels/mla/attention_call.h"

namespace windtunnel::device {

/// The sequence of a block, blockIdx.z.
struct SequenceRows {
  int offset;
  int length;
};
__device__ inline SequenceRows sequence_rows(const int* offsets) {
  const int offset = ld_global_nc<int>(offsets + blockIdx.z);
  return {offset, ld_global_nc<int>(offsets + blockIdx.z + 1) - offset};
}

/// A tile of queries of one head, and how many keys they may see. The heaviest tiles come first, so
/// that the last blocks are short.
struct QueryTile {
  SequenceRows sequence;
  int head;
  int query;  ///< within the sequence
  int keys;
};
__device__ inline QueryTile query_tile(const int* offsets, bool causal, int rows) {
  QueryTile tile{sequence_rows(offsets), static_cast<int>(blockIdx.y), 0, 0};
  tile.query = static_cast<int>(gridDim.x - 1 - blockIdx.x) * rows;
  const int length = tile.sequence.length;
  tile.keys = causal && tile.query + rows < length ? tile.query + rows : length;
  return tile;
}

/// What the forward kernels are given beside their operands.
struct ForwardArguments {
  int heads;
  int tokens;
  bool causal;
  float scale;  ///< times log2(e)
  const int* offsets;
  bf16* o;
  float* lse;
};

inline ForwardArguments forward_arguments(const AttentionCall& call) {
  return {.heads = call.heads,
          .tokens = call.tokens,
          .causal = call.causal,
          .scale = call.scale * kLog2E,
          .offsets = call.offsets,
          .o = call.o,
          .lse = call.lse};
}

}  // namespace windtunnel::device
