// How far a matrix product may be from its reference, absolute, with the rules of
// kernels/ops/error.h. Products of two BF16 (16 significant bits) or e4m3 (8) are exact in FP32;
// what is lost is lost in adding them up.
//
// BF16. One FP32 addition rounds by 2^-24. Tensor cores add blocks of g products and the
// accumulator at once: every addend is aligned to the largest and cut, at 2^-24 of it on A100
// (g = 8), at 2^-25 on H100 (g = 16), and the sum is cut to 24 bits, 2^-23 of it (M. Fasi et al.,
// PeerJ CS 7:e330, 2021; F. Khattak, M. Mikaitis, arXiv 2512.07004). No addend or partial sum
// exceeds M = sum |a b|, so k products cost at most
//   A100: (k + k/8) 2^-24 M + k/8 2^-23 M = 11/8 k 2^-24 M,   H100: about 2/3 k 2^-24 M,
// and plain FP32 in any order k 2^-24 M. The bound takes 11/8. A term of average size left out
// changes the sum by M / k, which is seen while 11/8 k^2 < 2^24, k < 3490, and an output in BF16
// of |c| near M / sqrt(k) hides it only beyond k = 2^18: tests of a kernel stay below k = 3490.
//
// FP8. Hopper keeps 14 bits, so the same bound, 132 2^-13 M for each 128 of k, would hide whole
// terms. Kernels add two levels: 128 products (four wgmma) in the tensor core, then times both
// scales into an FP32 sum. reference::fp8_accumulation_loss follows the four steps with the sizes
// that really occur, which for random data is some ten times less. A device model that adds in
// FP32 has no such loss: there pass 0.
#pragma once

#include "kernels/ops/rounding.h"

namespace windtunnel::tolerance {

/// c of `k` products with sum |a b| = magnitude, stored in `output` (BF16 or FP32). A sum that
/// starts from what was there (weight gradients) has one addend more: pass k + 1.
double gemm(double value, double magnitude, double k, const Format& output);

/// The same of FP8 with scales: `loss` in the tensor core, FP32 rounding inside a block of 128, the
/// product of two scales, the product with it, and the addition for each of k / 128 blocks.
double fp8_gemm(double value, double magnitude, double loss, double k, const Format& output);

}  // namespace windtunnel::tolerance
