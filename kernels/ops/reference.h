// What the row-wise kernels compute, in double: the specification that a kernel is compared with,
// within kernels/ops/tolerance.h. Inputs are finite and already rounded to the format they are
// stored in; results are not rounded unless it says so.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/ops/matrix.h"
#include "kernels/ops/rounding.h"

namespace windtunnel::reference {

// Quantisation to e4m3 with a scale for each block: x ~ code * scale.

/// Rows and columns that share a scale: activations, weights.
struct Block {
  std::int64_t rows;
  std::int64_t columns;
};
inline constexpr Block kActivationBlock{1, 128};
inline constexpr Block kWeightBlock{128, 128};

enum class ScaleKind : std::uint8_t {
  kExact,      ///< amax / 448
  kPowerOfTwo  ///< the smallest power of two not below it: x * (1 / scale) is exact
};

/// Blocks whose largest |x| is below this are scaled as if it were this, so that neither the scale
/// nor its reciprocal leaves FP32's normal range; a block of zeros gets the codes 0.
inline constexpr double kSmallestAmax = 448 * 0x1p-126;

/// Codes as values of e4m3 (the sizes of x), and a scale for each block (ragged ones included).
struct Quantized {
  Matrix codes;
  Matrix scales;
  Block block;
};

double block_scale(double amax, ScaleKind kind);
Quantized quantize(MatrixView x, Block block, ScaleKind kind);
/// x[m, n] quantised in blocks of 128 x 1 and transposed: codes[n, m], scales[n, ceil(m / 128)].
Quantized quantize_transposed(MatrixView x, ScaleKind kind);
Matrix dequantize(const Quantized& x);

// RMSNorm of each row: y_j = x_j r gamma_j, r = 1 / sqrt(mean(x^2) + epsilon).

Matrix rms_norm(MatrixView x, std::span<const double> gamma, double epsilon);

/// The residual stream x + residual, rounded to BF16 as it is stored, and the norm of that.
struct ResidualNorm {
  Matrix stream;
  Matrix y;
};
ResidualNorm rms_norm_residual(MatrixView x, MatrixView residual, std::span<const double> gamma,
                               double epsilon);

/// dx[m, n] and dgamma[1, n], the latter a sum over rows.
struct NormGradient {
  Sum dx;
  Sum dgamma;
};
NormGradient rms_norm_backward(MatrixView x, std::span<const double> gamma, double epsilon,
                               MatrixView dy);

// Rotary embedding of the pairs (2i, 2i + 1) of each row by the angle whose cosine and sine stand
// at (row, i): interleaved, as DeepSeek stores them. Backward turns the other way.

Sum rope(MatrixView x, MatrixView cosines, MatrixView sines);
Sum rope_backward(MatrixView dy, MatrixView cosines, MatrixView sines);

// Cross-entropy of logits[m, n], which may be one range of a vocabulary split over ranks.

/// What a rank knows of a row: its largest logit, sum of exp(logit - largest), and the target's
/// logit, or 0 where another rank holds it.
struct LossPart {
  double largest;
  double sum;
  double target;
};
/// The part of a row of logits that stand for the vocabulary from `first`.
LossPart loss_part(std::span<const double> logits, std::int64_t first, std::int64_t target);
LossPart merged(const LossPart& a, const LossPart& b);
/// log of the sum of exp(logit).
double log_sum(const LossPart& part);
double loss(const LossPart& part);
/// scale * (softmax - one at the target), for the range from `first`, the whole row's log_sum
/// given.
std::vector<double> loss_gradient(std::span<const double> logits, std::int64_t first,
                                  std::int64_t target, double row_log_sum, double scale);

// Embedding: rows of the table by token, and the gradients of a token's rows added to `table`.

Matrix embed(MatrixView table, std::span<const std::int64_t> tokens);
Sum embed_backward(MatrixView table_gradient, std::span<const std::int64_t> tokens, MatrixView dy);

// Element by element.

Matrix scaled(MatrixView x, double factor);
Matrix added(MatrixView x, MatrixView y);
Matrix cast(MatrixView x, const Format& format);

// Adam with decoupled decay, one parameter: with m = b1 m + (1 - b1) g and v = b2 v + (1 - b2) g^2,
//   w -= rate (m c1 / (sqrt(v c2) + epsilon) + decay w).
/// `mean_correction` is 1 / (1 - beta1^t) and `square_correction` 1 / (1 - beta2^t) for step t from
/// 1.
struct AdamRule {
  double rate;
  double beta1;
  double beta2;
  double epsilon;
  double decay;
  double mean_correction;
  double square_correction;
};

/// Weight and the two moments, or how far each may be from its reference.
struct AdamState {
  double weight;
  double mean;
  double square;
};

/// The step uses both moments before they are rounded to be stored.
AdamState adam(const AdamRule& rule, const AdamState& before, double gradient);

}  // namespace windtunnel::reference
