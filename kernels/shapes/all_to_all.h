// Work of the exchange between the ranks of experts, where every rank is a virtual one of one GPU:
// all traffic is that GPU's memory's. Choices fall on experts with equal chances, as independent
// ones would: a token of k choices goes to n (1 - (1 - 1/n)^k) of n ranks or nodes.
#pragma once

#include "kernels/shapes/units.h"

namespace windtunnel {

/// `ranks` of `tokens` each, rows of `columns`, `choices` a token.
struct Exchange {
  double ranks;
  double tokens;
  double columns;
  double choices;
};

/// Nodes that the ranks of a loop-back in two hops are on.
inline constexpr double kLoopbackNodes = 2;

/// Of `places` ranks or nodes, those that a token goes to.
constexpr double expected_places(double places, double choices) {
  double missed = 1;
  for (int i = 0; i < static_cast<int>(choices); ++i) missed *= 1 - 1 / places;
  return places * (1 - missed);
}

/// FP8 with an FP32 scale for each 128, or BF16.
constexpr double exchange_row_bytes(double columns, bool fp8) {
  return fp8 ? columns + 4 * columns / 128 : 2 * columns;
}

/// Choices in; a place at each rank, and at the one node, out.
constexpr Work dispatch_layout_work(double tokens, double choices, double ranks) {
  return {Flops{0}, Bytes{4 * tokens * (choices + ranks + 1)}};
}

/// Each token in once, out to each of its ranks.
constexpr Work loopback_dispatch_work(const Exchange& x, bool fp8) {
  const double copies = expected_places(x.ranks, x.choices);
  return {Flops{0}, Bytes{x.ranks * x.tokens * (1 + copies) * exchange_row_bytes(x.columns, fp8)}};
}

/// Each rank's row in and out to its source, in again there; the sum out.
constexpr Work loopback_combine_work(const Exchange& x) {
  const double copies = expected_places(x.ranks, x.choices);
  return {Flops{0}, Bytes{x.ranks * x.tokens * (3 * copies + 1) * 2 * x.columns}};
}

/// Besides, each token out to and in again at its nodes.
constexpr Work loopback_two_hop_dispatch_work(const Exchange& x, bool fp8) {
  const double staged = 2 * expected_places(kLoopbackNodes, x.choices);
  return loopback_dispatch_work(x, fp8) +
         Work{Flops{0}, Bytes{x.ranks * x.tokens * staged * exchange_row_bytes(x.columns, fp8)}};
}
constexpr Work loopback_two_hop_combine_work(const Exchange& x) {
  const double reduced = 2 * expected_places(kLoopbackNodes, x.choices);
  return loopback_combine_work(x) +
         Work{Flops{0}, Bytes{x.ranks * x.tokens * reduced * 2 * x.columns}};
}

/// Each token in once in BF16, out to each choice in FP8.
constexpr Work loopback_fast_dispatch_work(const Exchange& x) {
  return {Flops{0}, Bytes{x.ranks * x.tokens *
                          (2 * x.columns + x.choices * exchange_row_bytes(x.columns, true))}};
}
constexpr Work loopback_fast_combine_work(const Exchange& x) {
  return {Flops{0}, Bytes{x.ranks * x.tokens * (3 * x.choices + 1) * 2 * x.columns}};
}

}  // namespace windtunnel
