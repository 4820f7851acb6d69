// Work of causal attention as trained: `heads` independent problems of `rows` queries and as many
// keys, BF16, queries and keys `qk` wide, values `v` wide. And of decoding with a latent cache.
#pragma once

#include "kernels/shapes/units.h"

namespace windtunnel {

/// Two products (scores, output) over the lower half of rows x rows.
constexpr Work attention_forward_work(double heads, double rows, double qk, double v) {
  return {Flops{heads * rows * rows * (qk + v)}, Bytes{2 * heads * rows * 2 * (qk + v)}};
}

/// Five products: scores, dq and dk over qk channels, dp and dv over v. dq is summed in FP32.
constexpr Work attention_backward_work(double heads, double rows, double qk, double v) {
  return {Flops{heads * rows * rows * (3 * qk + 2 * v)},
          Bytes{heads * rows * (2 * (2 * qk + 2 * v) + 2 * (qk + v) + 8 * qk)}};
}

/// Reads o and dout, zeroes the FP32 dq.
constexpr Work attention_backward_pre_work(double heads, double rows, double qk, double v) {
  return {Flops{0}, Bytes{heads * rows * (2 * 2 * v + 4 * qk)}};
}

/// FP32 dq to BF16.
constexpr Work attention_backward_post_work(double heads, double rows, double qk) {
  return {Flops{0}, Bytes{heads * rows * (4 + 2) * qk}};
}

/// A cached token of absorbed MLA: 512 latent channels, which are also its value, and 64 rotary
/// ones; in FP8 a byte each of the former, an FP32 scale for each 128, and BF16 rotary channels.
inline constexpr double kCacheWidth = 576;
inline constexpr double kCacheLatent = 512;
inline constexpr double kBf16CacheBytes = 2 * kCacheWidth;
inline constexpr double kFp8CacheBytes = kCacheLatent + 4 * kCacheLatent / 128 + 2 * 64;

/// The last of `queries` new tokens of a request sees all `cached` ones, each before it one less.
/// Scores and output of every head; the cache once, q in, o and a log sum out.
constexpr Work attention_decode_work(double requests, double queries, double cached, double heads,
                                     double token_bytes) {
  const double rows = requests * queries * heads;
  const double seen = queries * cached - queries * (queries - 1) / 2;
  return {Flops{2 * requests * heads * seen * (kCacheWidth + kCacheLatent)},
          Bytes{requests * cached * token_bytes + rows * (2 * (kCacheWidth + kCacheLatent) + 4)}};
}

/// `parts` FP32 results and log sums of each row in, one in BF16 out.
constexpr Work attention_merge_work(double requests, double rows, double parts) {
  return {Flops{0},
          Bytes{requests * rows * (parts * 4 * (kCacheLatent + 1) + 2 * kCacheLatent + 4)}};
}

}  // namespace windtunnel
