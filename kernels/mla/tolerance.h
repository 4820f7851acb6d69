// How far an attention kernel may be from its reference, absolute, with the rules of
// kernels/ops/error.h and the tensor core's 11/8 roundings a product of kernels/gemm/tolerance.h.
// u = 2^-24, b = 2^-8 (half of BF16's spacing at most), R = reach, the largest scale sum |q k|.
//
// Probability. A kernel computes exp2(s c - m), c = scale log2(e): s is off by 11/8 qk u of
// sum |q k|; c is rounded twice, m once, the fused difference once, each of sizes of at most R or
// 2 R: 7 R u. ex2 adds its own error. A row's maximum is shared by all of its terms, so it cancels,
// but where it grows, what was summed is multiplied by exp2(old - new): one ex2 and two roundings a
// tile of keys, and exponents that together are at most 2 R, so 2 R u. Then
//   p = score + 9 R u + ex2 + tiles (ex2 + 2 u).
// In the backward pass nothing grows, but log2 of the sum is given: a product with log2(e) and its
// rounding, of |lse| <= R + ln(keys). The same bound with 2 u ln(keys) more.
//
// o. Unnormalised p is rounded to BF16 before it meets v, not where it is summed; both sums are of
// `keys` terms; 1 / sum and a product follow. lse is m + log2 of the sum, times ln 2.
//
// Gradients. dv: p in BF16 once. ds = p (dp - delta): p may be the rounded one, ds is rounded
// again, so 2 b of |ds|; dp and delta are sums of v terms, off by 11/8 v u of their terms' sizes,
// whatever cancels between them (`parts`). dq and dk are sums of them, times scale (two roundings).
// dq reaches BF16 from an FP32 sum in any order.
//
// What BF16's b hides: of n terms of one size one may be missing unseen if 1 / n < b, n > 256
// (gradients: 128). Tests of a kernel stay below that in the length of a sequence.
#pragma once

#include <cstdint>

namespace windtunnel::tolerance {

struct AttentionBound {
  double qk;
  double v;
  double keys;   ///< the most that a sum is over: keys of a query, queries of a key
  double tiles;  ///< of keys, in one query's sum
  double reach;  ///< see reference::AttentionForward
};

/// Of a probability, relative, before it is rounded to BF16.
double attention_probability(const AttentionBound& bound);
/// o in BF16; `magnitude` = sum p |v|.
double attention_output(double o, double magnitude, const AttentionBound& bound);
/// Natural logarithm of the sum of exponentials, FP32.
double attention_lse(double lse, const AttentionBound& bound);
/// rowsum(o dout), FP32.
double attention_delta(double magnitude, const AttentionBound& bound);
/// dv in BF16; `magnitude` = sum p |dout|.
double attention_dv(double dv, double magnitude, const AttentionBound& bound);
/// dq or dk in BF16; sizes as in reference::AttentionGradient.
double attention_dqk(double value, double magnitude, double parts, const AttentionBound& bound);

}  // namespace windtunnel::tolerance
