// Work of causal attention as trained: `heads` independent problems of `rows` queries and as many
// keys, BF16, queries and keys `qk` wide, values `v` wide.
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

}  // namespace windtunnel
