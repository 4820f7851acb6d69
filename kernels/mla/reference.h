// What attention with a head's own keys and values computes (MLA after its up-projection, MHA), in
// double: the specification that a kernel is compared with, within kernels/mla/tolerance.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/matrix.h"

namespace windtunnel::reference {

/// Sequences lie packed one after another: sequence b has the tokens offsets[b] to offsets[b + 1],
/// as many keys as queries. q and k are [tokens, heads * qk], v and o [tokens, heads * v].
struct AttentionShape {
  std::int64_t heads;
  std::int64_t qk;
  std::int64_t v;
  bool causal;   ///< a query sees the keys up to its own
  double scale;  ///< of the scores
  std::vector<std::int64_t> offsets;

  std::int64_t tokens() const { return offsets.back(); }
};

/// o = softmax(scale q k^T) v, and the natural logarithm of each row's sum of exponentials.
struct AttentionForward {
  Sum o;         ///< magnitude: probabilities times |v|
  Matrix lse;    ///< [heads, tokens]
  double reach;  ///< the largest scale sum |q k|: no score, maximum or logarithm without ln(keys)
                 ///< is larger
};
/// Of `tokens`, in ascending order, where there are any: other rows are then left as zeros.
AttentionForward attention_forward(const AttentionShape& shape, MatrixView q, MatrixView k,
                                   MatrixView v, std::span<const std::int64_t> tokens = {});

/// A gradient sum_j p_ij (dp_ij - delta_i) w_j, in `magnitude` the absolute values of its terms,
/// in `parts` the same with those that dp and delta are sums of: sum p (sum |do v| + sum |o do|) w.
struct AttentionGradient {
  Matrix value;
  Matrix magnitude;
  Matrix parts;
};

struct AttentionBackward {
  AttentionGradient dq;
  AttentionGradient dk;
  Sum dv;
  Sum delta;  ///< rowsum(o dout) [heads, tokens]
};
/// The gradients for dout, given o and lse as the forward pass stored them: exact ones where those
/// are. Of `tokens`, in ascending order, where there are any: other rows then mean nothing.
AttentionBackward attention_backward(const AttentionShape& shape, MatrixView q, MatrixView k,
                                     MatrixView v, MatrixView o, MatrixView dout, MatrixView lse,
                                     std::span<const std::int64_t> tokens = {});

}  // namespace windtunnel::reference
