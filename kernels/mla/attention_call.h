// Attention of packed sequences as the host asks for it, and the maps and sizes its kernels share.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/device/logarithms.h"
#include "kernels/device/tensor_map.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Rows to which a sequence is padded in what the backward pass keeps of each query.
inline constexpr int kPaddedRows = 64;

/// Row-major, BF16 but for the FP32 of lse and of the scratch. Sequence b has the tokens
/// offsets[b] to offsets[b + 1]; numbers of other sequences' tokens must be finite, for a tile
/// reaches into them. Values are 128 wide, queries and keys 192 or 128.
struct AttentionCall {
  int heads;
  int qk;  ///< width of queries and keys
  int sequences;
  int tokens;
  int longest;  ///< at least the longest sequence
  bool causal;
  float scale;
  const int* offsets;  ///< [sequences + 1]
  const bf16* q;       ///< [tokens, heads, qk]
  const bf16* k;       ///< the same
  const bf16* v;       ///< [tokens, heads, 128]
  bf16* o;             ///< the same
  float* lse;          ///< [heads, tokens], natural logarithms
};

/// What the backward pass reads and writes beside the forward pass' tensors, of the same shapes.
struct AttentionGradients {
  const bf16* dout;
  bf16* dq;
  bf16* dk;
  bf16* dv;
  float* dq_sum;    ///< scratch [tokens, heads, qk]
  float* log_sums;  ///< scratch [heads, padded_rows(call)]: of base 2, infinite in padding
  float* deltas;    ///< scratch of the same size
};

inline constexpr int kValueWidth = 128;

/// Rows of the scratch a head: each sequence's begin at a multiple of kPaddedRows.
WT_HOST_DEVICE constexpr int padded_rows(int tokens, int sequences) {
  return (tokens / kPaddedRows + sequences) * kPaddedRows;
}
/// Where those of the sequence at `offset` begin.
WT_HOST_DEVICE constexpr int padded_row(int offset, int sequence) {
  return (offset / kPaddedRows + sequence) * kPaddedRows;
}

/// Boxes of `rows` tokens by `columns` of one head of [tokens, heads, width], swizzled.
inline TensorMap head_map(const AttentionCall& call, const void* base, Element element, int width,
                          int rows, int columns) {
  const u64 head = static_cast<u64>(width) * element_bytes(element);
  return make_tensor_map(
      {.base = base,
       .element = element,
       .rank = 3,
       .extents = {static_cast<u64>(width), static_cast<u64>(call.heads),
                   static_cast<u64>(call.tokens), 1, 1},
       .strides = {element_bytes(element), head, head * static_cast<u64>(call.heads), 0, 0},
       .box = {static_cast<u32>(columns), 1, static_cast<u32>(rows), 1, 1},
       .swizzle = Swizzle::k128});
}

}  // namespace windtunnel::device
