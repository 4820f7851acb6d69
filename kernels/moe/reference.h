// What the kernels around the experts compute, in double: the specification that a kernel is
// compared with, within kernels/moe/tolerance.h. "pair" p = token * top_k + choice.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/matrix.h"

namespace windtunnel::reference {

// Router: which experts a token goes to, and with which weights.

enum class Scoring : std::uint8_t { kSigmoid, kSoftmax };

/// Experts come in `groups` of neighbours (nodes); a token's experts lie in `top_groups` of them.
struct RouterConfig {
  Scoring scoring;
  std::int64_t experts;
  std::int64_t groups;
  std::int64_t top_groups;
  std::int64_t top_k;
  bool normalized;  ///< weights are divided by their sum plus 1e-20
  double factor;    ///< and multiplied by this
};
inline constexpr RouterConfig kDeepSeekV3Router{Scoring::kSigmoid, 256, 8, 4, 8, true, 2.5};
inline constexpr RouterConfig kVl2SmallRouter{Scoring::kSoftmax, 64, 1, 1, 6, false, 1.0};
inline constexpr RouterConfig kVl2BaseRouter{Scoring::kSigmoid, 72, 1, 1, 6, true, 2.0};

/// tokens x top_k experts, best first, and their weights.
struct Routing {
  std::vector<std::int32_t> experts;
  Matrix weights;
  /// For each token, by how much the closest decision was taken (a group kept or dropped, an
  /// expert taken or passed over, one before another): the difference of the two scores. Equal
  /// scores are no close decision, since any arithmetic finds them equal: 0 never appears.
  std::vector<double> gaps;
};

/// Scores are sigmoid or softmax of logits[tokens, experts]; `bias`, of each expert, is added for
/// selection only. A group's score is the sum of its two largest biased scores (its only one, in
/// groups of one). The best top_groups groups, then the best top_k experts in them are taken, of
/// equals the lower index. Weights are scores without bias.
Routing route(MatrixView logits, std::span<const double> bias, const RouterConfig& config);

/// dlogits of what was chosen, given the gradient of its weights[tokens, top_k].
Sum route_backward(MatrixView logits, const Routing& routing, const RouterConfig& config,
                   MatrixView dweights);

// Permutation: rows of tokens to rows in expert order, and back.

/// Where pairs go: experts one after another, each from a multiple of `alignment`, in an expert in
/// the order of pairs. A pair whose expert is -1 (another rank's) goes nowhere.
struct Layout {
  std::int64_t top_k;
  std::vector<std::int64_t> counts;       ///< of each expert
  std::vector<std::int64_t> offsets;      ///< first slot of each expert, then the number of slots
  std::vector<std::int64_t> slots;        ///< of each pair, or -1
  std::vector<std::int64_t> pairs;        ///< of each slot, or -1 for padding
  std::vector<std::int32_t> row_experts;  ///< of each slot, or -1 for padding
};

std::vector<std::int64_t> histogram(std::span<const std::int32_t> choices, std::int64_t experts);
Layout layout(std::span<const std::int32_t> choices, std::int64_t top_k, std::int64_t experts,
              std::int64_t alignment);

/// x[tokens, n] copied to slots; padding is 0.
Matrix permute(MatrixView x, const Layout& layout);
/// dx[tokens, n] = sum over a token's slots.
Sum permute_backward(MatrixView dy, const Layout& layout);

/// y[tokens, n] = sum over choices of weight * x[slot]; weights[tokens, top_k].
Sum unpermute(MatrixView x, MatrixView weights, const Layout& layout);

/// dx[slots, n] = weight * dy (0 in padding), dweights[tokens, top_k] = dy . x[slot].
struct UnpermuteGradient {
  Matrix dx;
  Sum dweights;
};
UnpermuteGradient unpermute_backward(MatrixView x, MatrixView weights, const Layout& layout,
                                     MatrixView dy);

// SwiGLU of x = [gate | up], [rows, 2 n]: y = gate sigmoid(gate) up, times a weight for each row
// where `weights` is not empty.

Matrix swiglu(MatrixView x, std::span<const double> weights);

/// dx[rows, 2 n], and dweights[rows, 1] = sum of dy gate sigmoid(gate) up.
struct SwigluGradient {
  Sum dx;
  Sum dweights;
};
SwigluGradient swiglu_backward(MatrixView x, std::span<const double> weights, MatrixView dy);

}  // namespace windtunnel::reference
