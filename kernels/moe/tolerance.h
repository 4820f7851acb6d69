// How far a kernel of this family may be from its reference: bounds of the absolute error unless
// it says relative, derived with the rules of kernels/ops/error.h. Copies (permute) are exact.
#pragma once

#include <cstdint>

#include "kernels/moe/reference.h"

namespace windtunnel::tolerance {

/// sigmoid(x) = 1 / (1 + ex2(-x log2 e)), relative: the exponential is off by its own error and
/// 2 u |x| from its argument, of which the sum keeps the share 1 - sigmoid(x); addition and rcp.
double sigmoid(double x);

/// A score, relative, of logits no larger than `size`: sigmoid, or softmax, where numerator and sum
/// are exponentials of distances up to 2 size, the sum adds `experts` terms in any order, and rcp
/// and a product follow.
double score(reference::Scoring scoring, double size, std::int64_t experts);

/// How far apart two decisions of a router must be for every kernel to take them alike: scores are
/// at most 1, a group's score is a sum of two of them with biases up to `bias`, and both sides may
/// move. Tokens whose Routing::gaps entry is smaller can't be compared by experts.
double decision(reference::Scoring scoring, double size, std::int64_t experts, double bias);

/// factor s / (sum of top_k s), FP32: two scores, top_k additions of positive terms, rcp and two
/// products; or factor s.
double weight(double value, double size, const reference::RouterConfig& config);

/// dlogits in FP32: the score enters up to four times, the weights' sum (top_k additions) twice,
/// softmax's other sum adds top_k again; some ten roundings beside.
double router_backward(double magnitude, double size, const reference::RouterConfig& config);

/// y = sum of top_k products in BF16: each product and each addition rounds.
double unpermute(double y, double magnitude, std::int64_t top_k);

/// dx = w dy in BF16.
double unpermute_backward(double dx);

/// dweight = dy . x in FP32: products of BF16 are exact, `depth` additions.
double routing_weight_gradient(double magnitude, double depth);

/// y = g sigmoid(g) u w before it is stored, absolute: sigmoid and three products. Below 2^-126
/// sigmoid may be flushed, which loses that times |g u w|.
double swiglu_error(double y, double gate, double up, double weight);
/// The same stored in BF16.
double swiglu(double y, double gate, double up, double weight);

/// dgate in BF16: with s off by e relative, s (1 + g (1 - s)) is off by at most 2 e + 4 u times
/// s (1 + |g|), which the magnitude holds; dy w, u and the product of the two round.
double swiglu_gate_gradient(double value, double magnitude, double gate);
/// dup = dy w g s in BF16.
double swiglu_up_gradient(double value, double gate);
/// dw = sum of dy g s u in FP32 with |g| at most `gate`.
double swiglu_weight_gradient(double magnitude, double gate, double depth);

}  // namespace windtunnel::tolerance
