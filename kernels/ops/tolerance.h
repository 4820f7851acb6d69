// How far a kernel of this family may be from its reference: bounds of the absolute error, derived
// from formats and shapes with the rules of kernels/ops/error.h. `depth` is the number of FP32
// additions in a row on the longest path of a reduction: for n terms over t threads and a
// tree of them n / t + log2 t; n is always right, and loose.
#pragma once

#include <cstdint>

#include "kernels/ops/reference.h"

namespace windtunnel::tolerance {

/// Of a scale, relative: division by 448, or multiplication by its rounded reciprocal, is off by
/// at most 2 u, an approximate division by 4 u; plus `input` where the block itself was computed
/// with that relative error. Powers of two must be equal: amax = m 2^e of BF16 (m below 256) is
/// either 448 times a power of two, which an exact division or comparison tells, or off it by at
/// least one part in 256.
double scale(reference::ScaleKind kind, double input = 0);

/// Of a code against x / scale, the scale taken from the kernel: half the distance of e4m3's
/// numbers, after a quotient off by 4 u (x times a rounded reciprocal: 2 u), or `input`.
double code(double ratio, double input = 0);

/// Of code * scale stored in BF16: one product, one rounding.
double dequantized(double value);

/// r = 1 / sqrt(mean(x^2) + epsilon), relative: squares of BF16 are exact in FP32 and all terms
/// positive, so the sum is off by depth u, mean and epsilon add 3 u; the root halves that.
double inverse_root(double depth);

/// y = x r gamma in BF16: r, and two products.
double rms_norm(double y, double depth);

/// dx = r (g - z mean(g z)) in BF16: r enters three times (r, z, and z in the mean), a term of the
/// mean is made by 3 roundings more (g, g z, 1 / n) and `depth` additions; 5 roundings follow.
double rms_norm_backward(double dx, double magnitude, double depth);

/// dgamma = sum of dy x r in FP32: r, two products, `depth` additions over the rows.
double rms_norm_gamma(double magnitude, double depth, double row_depth);

/// a c - b s in BF16 of exact a, b, c, s: each term has a product and an addition.
double rope(double y, double magnitude);

/// A row of logits as the bounds below see it.
struct LossRow {
  double size;   ///< the largest |logit|
  double range;  ///< the largest logit minus the smallest
  double depth;
  double rescales;  ///< how often a running maximum was replaced on one path; 0 in two passes
};

/// exp(x - m), relative, as ex2 of (x - m) log2(e) or of x log2(e) - m log2(e) fused: the argument
/// is off by u (3 |x - m| + |m|), which ex2 hands on, and adds its own error.
double exponential(double distance, double size);

/// log sum exp, absolute. Relative errors of the sum: exponentials (those of x more than 104 below
/// the largest are 0 in FP32, so distance is at most 104), additions, and a product and an
/// exponential for each rescaling, whose distances together are at most the range. The logarithm
/// turns them absolute; lg2, its product with ln 2, and the addition of m follow.
double log_sum(double value, const LossRow& row);

/// loss = log sum - target's logit, FP32: one subtraction more.
double loss(double log_sum_value, double value, const LossRow& row);

/// scale (exp(x - log sum) - 1 at the target) in BF16. `gradient` is the reference's value and
/// `probability` scale exp(x - log sum): its exponent is off by the log sum's error as well.
double loss_gradient(double gradient, double probability, double log_sum_value, const LossRow& row);

/// FP32 sum along `depth` additions of exact terms, in any order.
double summed(double magnitude, double depth);

/// x factor in BF16, factor in FP32.
double scaled(double y);

/// Of an FP32 weight and BF16 moments. m has two products and an addition of its terms; v all
/// positive terms and one product more, so the root is off by (4 / 2 + 1) u and with epsilon by
/// 4 u; the quotient adds m's error, the correction and the division; decay is one product; their
/// sum, the rate and the last difference round.
reference::AdamState adam(const reference::AdamRule& rule, const reference::AdamState& before,
                          double gradient);

}  // namespace windtunnel::tolerance
