#include "kernels/mla/reference.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/testing/data.h"
#include "tests/kernels/differences.h"

namespace windtunnel {
namespace {

using reference::attention_backward;
using reference::attention_forward;
using reference::AttentionShape;

struct Inputs {
  Matrix q, k, v, dout;
};

Inputs inputs(const AttentionShape& shape) {
  const auto values = [&](std::int64_t width, std::uint64_t seed) {
    return generate::values(shape.tokens(), shape.heads * width, generate::Pattern::kUniform, kBf16,
                            seed);
  };
  return {values(shape.qk, 1), values(shape.qk, 2), values(shape.v, 3), values(shape.v, 4)};
}

AttentionShape shape(bool causal, std::vector<std::int64_t> offsets = {0, 3, 3, 4, 9}) {
  return {.heads = 2, .qk = 6, .v = 4, .causal = causal, .scale = 0.4, .offsets = offsets};
}

// A first query of a causal sequence, and one without a neighbour, see one key: o is its v.
TEST(AttentionReference, OneKeyGivesItsValue) {
  const AttentionShape causal = shape(true);
  const Inputs x = inputs(causal);
  const auto y = attention_forward(causal, x.q, x.k, x.v);
  for (const std::int64_t token : {0, 3, 4}) {
    for (std::int64_t c = 0; c < 8; ++c) {
      EXPECT_NEAR(y.o.value(token, c), x.v(token, c), 1e-15);
      EXPECT_NEAR(y.o.magnitude(token, c), std::abs(x.v(token, c)), 1e-15);
    }
  }
  double score = 0;
  for (std::int64_t c = 6; c < 12; ++c) score += 0.4 * x.q(3, c) * x.k(3, c);
  EXPECT_NEAR(y.lse(1, 3), score, 1e-15);
}

TEST(AttentionReference, ProbabilitiesSumToOne) {
  for (const bool causal : {false, true}) {
    const AttentionShape it = shape(causal);
    Inputs x = inputs(it);
    for (double& value : x.v.values) value = 1;
    const auto y = attention_forward(it, x.q, x.k, x.v);
    for (const double value : y.o.value.values) EXPECT_NEAR(value, 1, 1e-14);
    for (const double value : y.lse.values) EXPECT_LE(std::abs(value), y.reach + std::log(5));
  }
}

// The last query of a sequence sees the same with a causal mask as without.
TEST(AttentionReference, TheLastQuerySeesAllKeys) {
  const AttentionShape full = shape(false);
  const Inputs x = inputs(full);
  const auto y = attention_forward(full, x.q, x.k, x.v);
  const auto z = attention_forward(shape(true), x.q, x.k, x.v);
  for (const std::int64_t token : {2, 3, 8}) {
    for (std::int64_t c = 0; c < 8; ++c) EXPECT_EQ(y.o.value(token, c), z.o.value(token, c));
    EXPECT_EQ(y.lse(0, token), z.lse(0, token));
  }
  EXPECT_NE(y.o.value(7, 0), z.o.value(7, 0));
}

TEST(AttentionReference, SequencesDoNotSeeEachOther) {
  const AttentionShape packed = shape(false);
  const Inputs x = inputs(packed);
  const auto y = attention_forward(packed, x.q, x.k, x.v);
  const AttentionShape alone = shape(false, {0, 5});
  const auto z =
      attention_forward(alone, rows_of(x.q, 4, 5), rows_of(x.k, 4, 5), rows_of(x.v, 4, 5));
  for (std::int64_t i = 0; i < 5; ++i) {
    for (std::int64_t c = 0; c < 8; ++c) EXPECT_EQ(y.o.value(4 + i, c), z.o.value(i, c));
  }
}

TEST(AttentionReference, NoTokensGiveNothing) {
  const AttentionShape none = shape(true, {0, 0, 0});
  const Inputs x = inputs(none);
  const auto y = attention_forward(none, x.q, x.k, x.v);
  EXPECT_TRUE(y.o.value.values.empty());
  const auto z = attention_backward(none, x.q, x.k, x.v, y.o.value, x.dout, y.lse);
  EXPECT_TRUE(z.dq.value.values.empty());
}

TEST(AttentionReference, GradientsAreThoseOfTheOutput) {
  for (const bool causal : {false, true}) {
    const AttentionShape it = shape(causal);
    const Inputs x = inputs(it);
    const auto y = attention_forward(it, x.q, x.k, x.v);
    const auto d = attention_backward(it, x.q, x.k, x.v, y.o.value, x.dout, y.lse);
    expect_gradient(x.q, d.dq.value, [&](MatrixView q) {
      return dot(attention_forward(it, q, x.k, x.v).o.value, x.dout);
    });
    expect_gradient(x.k, d.dk.value, [&](MatrixView k) {
      return dot(attention_forward(it, x.q, k, x.v).o.value, x.dout);
    });
    expect_gradient(x.v, d.dv.value, [&](MatrixView v) {
      return dot(attention_forward(it, x.q, x.k, v).o.value, x.dout);
    });
  }
}

TEST(AttentionReference, SomeTokensAreThoseOfAll) {
  for (const bool causal : {false, true}) {
    const AttentionShape it = shape(causal);
    const Inputs x = inputs(it);
    const auto y = attention_forward(it, x.q, x.k, x.v);
    const auto d = attention_backward(it, x.q, x.k, x.v, y.o.value, x.dout, y.lse);
    const std::vector<std::int64_t> tokens = {1, it.tokens() - 1};
    const auto some = attention_forward(it, x.q, x.k, x.v, tokens);
    const auto gradient = attention_backward(it, x.q, x.k, x.v, y.o.value, x.dout, y.lse, tokens);
    for (const std::int64_t token : tokens) {
      const auto same = [&](const Matrix& a, const Matrix& b) {
        for (std::int64_t j = 0; j < a.columns; ++j) EXPECT_EQ(a(token, j), b(token, j));
      };
      same(some.o.value, y.o.value);
      same(some.o.magnitude, y.o.magnitude);
      same(gradient.dq.value, d.dq.value);
      same(gradient.dk.parts, d.dk.parts);
      same(gradient.dv.value, d.dv.value);
    }
    EXPECT_EQ(some.lse(0, 0), 0);
    EXPECT_NE(y.lse(0, 0), 0);
  }
}

TEST(AttentionReference, MagnitudesBoundTheGradients) {
  const AttentionShape it = shape(true);
  const Inputs x = inputs(it);
  const auto y = attention_forward(it, x.q, x.k, x.v);
  const auto d = attention_backward(it, x.q, x.k, x.v, y.o.value, x.dout, y.lse);
  const double rounding = 1e-14;
  for (const auto* gradient : {&d.dq, &d.dk}) {
    for (std::size_t i = 0; i < gradient->value.values.size(); ++i) {
      EXPECT_LE(std::abs(gradient->value.values[i]), gradient->magnitude.values[i] + rounding);
      EXPECT_LE(gradient->magnitude.values[i], gradient->parts.values[i] + rounding);
    }
  }
}

}  // namespace
}  // namespace windtunnel
