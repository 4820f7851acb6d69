// Work of the kernels around the experts; `rows` are (token, expert) pairs of one rank.
#pragma once

#include "kernels/shapes/units.h"

namespace windtunnel {

/// Copies received tokens to expert order, or sums rows to tokens: all rows once in, once out. An
/// upper bound on one side, where a token that chose two experts of a rank is moved once.
constexpr Work permute_work(double rows, double channels, double element) {
  return {Flops{0}, Bytes{2 * rows * channels * element}};
}

/// The gradient of a weighted sum over a token's rows: rows and their tokens' gradients in, as many
/// out; BF16. With several rows a token an upper bound, as above.
constexpr Work unpermute_backward_work(double rows, double channels) {
  return {Flops{0}, Bytes{3 * 2 * rows * channels}};
}

/// [rows, 2 n] BF16 to [rows, n] of `element` bytes.
constexpr Work swiglu_work(double rows, double n, double element) {
  return {Flops{0}, Bytes{rows * n * (4 + element)}};
}

/// Reads gate and up (2 n) and dy (n), writes their gradients (2 n); BF16.
constexpr Work swiglu_backward_work(double rows, double n) {
  return {Flops{0}, Bytes{2 * rows * n * 5}};
}

}  // namespace windtunnel
