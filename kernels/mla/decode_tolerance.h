// How far decoding may be from its reference, absolute, with the rules of kernels/ops/error.h and
// kernels/gemm/tolerance.h.
//
// A score x = scale q k of 576 products is off by s = scale times the error of such a sum. Its
// p = exp(x - m), for any m that numerator and denominator share, is then off by s and by what
// tolerance::exponential says, relative; each of the `rescales` times that m was replaced (once a
// step of keys, and once where parts are merged) multiplies by one exponential more. Shrinking m's
// steps add up to the range of scores.
//   log sum: m + log(sum p), as tolerance::log_sum of the logits x, plus s.
//   o = sum p v / sum p: p is rounded to BF16 for the product with v, 2^-8 of each term, its
//   unrounded value is summed; with A = sum p |v| / sum p the error is
//     A (2^-8 + 2 (s + exponentials) + roundings of both sums + division).
// Where parts are merged, o_i exp(l_i - l) with l_i = log sum_i: what l_i inherits of the sums it
// shares with o_i cancels; its own logarithm, storage and exponential come on top, twice.
// BF16's 2^-8 hides a key that is left out of n only where p |v| < A / 256, for evenly weighted
// keys beyond n = 256; the log sum finds it while 1 / n > s, up to thousands of keys.
#pragma once

#include "kernels/mla/decode_reference.h"

namespace windtunnel::tolerance {

/// How a kernel came to a row's result.
struct DecodeSteps {
  double rescales;  ///< times that the running maximum may have been replaced: steps of keys
  double parts;     ///< that were merged; 1: none
};

double decode_log_sum(const reference::DecodeRow& row, const DecodeSteps& steps);

/// Of o in BF16, `magnitude` the reference's.
double decode_output(double value, double magnitude, const reference::DecodeRow& row,
                     const DecodeSteps& steps);

}  // namespace windtunnel::tolerance
