#include "kernels/mla/tolerance.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/mla/reference.h"
#include "kernels/testing/data.h"
#include "tests/kernels/single.h"

// Attention as plain FP32 loops with BF16 where kernels have it, in tiles of keys: passes; one that
// is a little wrong does not.
namespace windtunnel {
namespace {

using reference::AttentionShape;
using single::number;

constexpr std::int64_t kQk = 24;
constexpr std::int64_t kV = 16;
constexpr float kLog2E = 1.44269504F;

enum class AttentionFault {
  kNone,
  kKeyMissing,    ///< the last key of a row is not seen
  kKeyAhead,      ///< the mask lets one key more through
  kNoRescaling,   ///< the sum of earlier tiles is kept as it was
  kNoDelta,       ///< ds = p dp
  kUnscaled,      ///< dq without the scale's second factor
  kRoundedTwice,  ///< p has lost four bits more
};

struct Case {
  AttentionShape shape;
  Matrix q, k, v, dout;
  reference::AttentionForward forward;
  Matrix o, lse;
  reference::AttentionBackward backward;
};

Matrix rounded(const Matrix& x, const Format& format) {
  Matrix y = x;
  for (double& value : y.values) value = round_to(value, format);
  return y;
}

/// Scores of a size that makes maxima grow; `size` multiplies q.
Case make_case(double size) {
  Case it = {};
  it.shape = {1, kQk, kV, true, double{number(0.2)}, {0, 70}};
  const auto values = [](std::int64_t width, std::uint64_t seed) {
    return generate::values(70, width, generate::Pattern::kUniform, kBf16, seed);
  };
  it.q = values(kQk, 1);
  for (double& value : it.q.values) value *= size;
  it.k = values(kQk, 2);
  it.v = values(kV, 3);
  it.dout = values(kV, 4);
  it.forward = reference::attention_forward(it.shape, it.q, it.k, it.v);
  it.o = rounded(it.forward.o.value, kBf16);
  it.lse = rounded(it.forward.lse, kFp32);
  it.backward = reference::attention_backward(it.shape, it.q, it.k, it.v, it.o, it.dout, it.lse);
  return it;
}

tolerance::AttentionBound bound_of(const Case& it) {
  return {.qk = kQk, .v = kV, .keys = 70, .tiles = 9, .reach = it.forward.reach};
}

float product(const Matrix& a, std::int64_t i, const Matrix& b, std::int64_t j) {
  float sum = 0;
  for (std::int64_t c = 0; c < a.columns; ++c) sum += number(a(i, c)) * number(b(j, c));
  return sum;
}

double coarse(double p, AttentionFault fault) {
  constexpr Format kFourBits{4, -133, 0x1.ep127, false};
  return fault == AttentionFault::kRoundedTwice ? round_to(p, kFourBits) : round_to(p, kBf16);
}

/// Largest share of the tolerance that o or lse of an online softmax uses.
double forward_share(const Case& it, AttentionFault fault, single::Approximations fast) {
  const float c = number(it.shape.scale) * kLog2E;
  double worst = 0;
  for (std::int64_t i = 1; i < 70; ++i) {
    const std::int64_t last =
        fault == AttentionFault::kKeyMissing
            ? i
            : std::min<std::int64_t>(i + 1 + (fault == AttentionFault::kKeyAhead ? 1 : 0), 70);
    float m = -std::numeric_limits<float>::infinity();
    float sum = 0;
    float o[kV] = {};
    for (std::int64_t tile = 0; tile < last; tile += 8) {
      const std::int64_t end = std::min(last, tile + 8);
      const float old = m;
      for (std::int64_t j = tile; j < end; ++j) m = std::max(m, product(it.q, i, it.k, j) * c);
      const float factor =
          fault == AttentionFault::kNoRescaling && tile > 0 ? 1 : fast.ex2(old - m);
      sum *= factor;
      for (float& value : o) value *= factor;
      for (std::int64_t j = tile; j < end; ++j) {
        const float p = fast.ex2(std::fma(product(it.q, i, it.k, j), c, -m));
        sum += p;
        for (std::int64_t n = 0; n < kV; ++n) o[n] += number(coarse(p, fault)) * number(it.v(j, n));
      }
    }
    for (std::int64_t n = 0; n < kV; ++n) {
      const double want = it.forward.o.value(i, n);
      const double got = single::bf16(o[n] * fast.rcp(sum));
      worst = std::max(
          worst, std::abs(got - want) /
                     tolerance::attention_output(want, it.forward.o.magnitude(i, n), bound_of(it)));
    }
    const double lse = double{(m + std::log2(sum)) * 0.693147180F};
    worst = std::max(worst, std::abs(lse - it.forward.lse(0, i)) /
                                tolerance::attention_lse(it.forward.lse(0, i), bound_of(it)));
  }
  return worst;
}

/// Largest share of the tolerance that dq, dk or dv uses.
double backward_share(const Case& it, AttentionFault fault, single::Approximations fast) {
  const float c = number(it.shape.scale) * kLog2E;
  Matrix dq = zeros(70, kQk);
  Matrix dk = zeros(70, kQk);
  Matrix dv = zeros(70, kV);
  for (std::int64_t i = 0; i < 70; ++i) {
    float delta = 0;
    for (std::int64_t n = 0; n < kV; ++n) delta += number(it.o(i, n)) * number(it.dout(i, n));
    const std::int64_t last = fault == AttentionFault::kKeyMissing ? i : i + 1;
    for (std::int64_t j = 0; j < last; ++j) {
      const float s = product(it.q, i, it.k, j);
      const double p = coarse(fast.ex2(std::fma(s, c, -(number(it.lse(0, i)) * kLog2E))), fault);
      const float dp =
          product(it.dout, i, it.v, j) - (fault == AttentionFault::kNoDelta ? 0 : delta);
      const double ds = single::bf16(number(p) * dp);
      for (std::int64_t n = 0; n < kQk; ++n) {
        dq(i, n) += ds * it.k(j, n);
        dk(j, n) += ds * it.q(i, n);
      }
      for (std::int64_t n = 0; n < kV; ++n) dv(j, n) += p * it.dout(i, n);
    }
  }
  double worst = 0;
  const tolerance::AttentionBound bound = bound_of(it);
  const auto compare = [&](const Matrix& got, const reference::AttentionGradient& want,
                           double scale) {
    for (std::size_t n = 0; n < got.values.size(); ++n) {
      const double value = want.value.values[n];
      const double allowed =
          tolerance::attention_dqk(value, want.magnitude.values[n], want.parts.values[n], bound);
      worst = std::max(worst, std::abs(round_to(got.values[n] * scale, kBf16) - value) / allowed);
    }
  };
  compare(dq, it.backward.dq, fault == AttentionFault::kUnscaled ? 1 : it.shape.scale);
  compare(dk, it.backward.dk, it.shape.scale);
  for (std::size_t n = 0; n < dv.values.size(); ++n) {
    const double want = it.backward.dv.value.values[n];
    const double allowed = tolerance::attention_dv(want, it.backward.dv.magnitude.values[n], bound);
    worst = std::max(worst, std::abs(single::bf16(number(dv.values[n])) - want) / allowed);
  }
  return worst;
}

TEST(AttentionTolerance, OnlineSoftmaxPassesWhateverApproximationsDo) {
  for (const double size : {1.0, 16.0}) {
    const Case it = make_case(size);
    for (const single::Approximations fast : single::kApproximations) {
      EXPECT_LE(forward_share(it, AttentionFault::kNone, fast), 1);
    }
  }
}

TEST(AttentionTolerance, ForwardFaultsAreCaught) {
  const Case it = make_case(4);
  for (const AttentionFault fault : {AttentionFault::kKeyMissing, AttentionFault::kKeyAhead,
                                     AttentionFault::kNoRescaling, AttentionFault::kRoundedTwice}) {
    EXPECT_GT(forward_share(it, fault, {1}), 1.5) << static_cast<int>(fault);
  }
}

TEST(AttentionTolerance, GradientsPassWhateverApproximationsDo) {
  for (const double size : {1.0, 16.0}) {
    const Case it = make_case(size);
    for (const single::Approximations fast : single::kApproximations) {
      EXPECT_LE(backward_share(it, AttentionFault::kNone, fast), 1);
    }
  }
}

TEST(AttentionTolerance, BackwardFaultsAreCaught) {
  const Case it = make_case(4);
  for (const AttentionFault fault : {AttentionFault::kKeyMissing, AttentionFault::kNoDelta,
                                     AttentionFault::kUnscaled, AttentionFault::kRoundedTwice}) {
    EXPECT_GT(backward_share(it, fault, {1}), 1.5) << static_cast<int>(fault);
  }
}

// Sums made by hand: what each rounding adds.
TEST(AttentionTolerance, IsTheSumOfItsParts) {
  const tolerance::AttentionBound one{.qk = 8, .v = 8, .keys = 1, .tiles = 1, .reach = 1};
  // 11 and 9 roundings of reach, ex2 4 u, and a rescaling of 4 u + 2 u, in u; cross terms 1/64.
  EXPECT_NEAR(single::units(tolerance::attention_probability(one)), 30 * (1 + 0x1p-6), 1e-3);
  EXPECT_NEAR(single::units(tolerance::attention_delta(1, one)), 8, 1e-3);
  // BF16's 2^-8 of p, as much for the store.
  EXPECT_NEAR(tolerance::attention_dv(1, 1, one), 2 * 0x1p-8, 1e-4);
  EXPECT_NEAR(tolerance::attention_dqk(1, 1, 0, one), 3 * 0x1p-8, 2e-4);
  EXPECT_NEAR(tolerance::attention_output(1, 1, one), 2 * 0x1p-8, 1e-4);
}

}  // namespace
}  // namespace windtunnel
