// Attention to run kernels on: operands as the GPU holds them, and what must come out.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/mla/attention_call.h"
#include "kernels/mla/reference.h"
#include "kernels/mla/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/device/seeds.h"
#include "tests/kernels/kernel_case.h"

namespace windtunnel::device {

/// Operands, rounded as the GPU has them, and the reference's results.
struct AttentionCase {
  reference::AttentionShape shape;
  std::int64_t longest = 0;
  Matrix q = {}, k = {}, v = {}, dout = {};
  reference::AttentionForward forward = {};
  Matrix o = {}, lse = {};  ///< rounded, for the backward pass
  reference::AttentionBackward backward = {};

  tolerance::AttentionBound bound(int tile) const {
    return {.qk = static_cast<double>(shape.qk),
            .v = static_cast<double>(shape.v),
            .keys = static_cast<double>(std::max<std::int64_t>(longest, 1)),
            .tiles = std::ceil(static_cast<double>(longest) / tile),
            .reach = forward.reach};
  }
};

inline Matrix rounded(const Matrix& x, const Format& format) {
  Matrix y = x;
  for (double& value : y.values) value = round_to(value, format);
  return y;
}

/// Queries grow along the sequence, so that maxima grow from tile to tile and few keys count.
inline AttentionCase attention_case(int qk, int heads, bool causal,
                                    const std::vector<std::int64_t>& lengths) {
  AttentionCase it{.shape = {.heads = heads,
                             .qk = qk,
                             .v = kValueWidth,
                             .causal = causal,
                             .scale = static_cast<double>(1 / std::sqrt(static_cast<float>(qk))),
                             .offsets = {0}}};
  for (const std::int64_t length : lengths) {
    it.shape.offsets.push_back(it.shape.tokens() + length);
    it.longest = std::max(it.longest, length);
  }
  const auto values = [&](std::int64_t width, std::uint64_t seed) {
    return generate::values(it.shape.tokens(), heads * width, generate::Pattern::kUniform, kBf16,
                            seed);
  };
  it.q = values(qk, 1);
  for (double& value : it.q.values) value *= 4;
  it.k = values(qk, 2);
  it.v = values(kValueWidth, 3);
  it.dout = values(kValueWidth, 4);
  it.forward = reference::attention_forward(it.shape, it.q, it.k, it.v);
  it.o = rounded(it.forward.o.value, kBf16);
  it.lse = rounded(it.forward.lse, kFp32);
  return it;
}

/// The same with the reference's gradients.
inline AttentionCase gradient_case(int qk, int heads, bool causal,
                                   const std::vector<std::int64_t>& lengths) {
  AttentionCase it = attention_case(qk, heads, causal, lengths);
  it.backward = reference::attention_backward(it.shape, it.q, it.k, it.v, it.o, it.dout, it.lse);
  return it;
}

inline std::vector<int> offsets_of(const AttentionCase& it) {
  return {it.shape.offsets.begin(), it.shape.offsets.end()};
}

inline AttentionCall call_of(const AttentionCase& it) {
  AttentionCall call = {};
  call.heads = static_cast<int>(it.shape.heads);
  call.qk = static_cast<int>(it.shape.qk);
  call.sequences = static_cast<int>(it.shape.offsets.size()) - 1;
  call.tokens = static_cast<int>(it.shape.tokens());
  call.longest = static_cast<int>(it.longest);
  call.causal = it.shape.causal;
  call.scale = static_cast<float>(it.shape.scale);
  return call;
}

/// The first element of `got` that is off by more than `tolerance(i, j)`, or nothing.
template <typename Tolerance>
std::string first_wrong(const char* name, const Matrix& got, const Matrix& want,
                        const Tolerance& tolerance) {
  for (std::int64_t i = 0; i < want.rows; ++i) {
    for (std::int64_t j = 0; j < want.columns; ++j) {
      if (std::abs(got(i, j) - want(i, j)) <= tolerance(i, j)) continue;
      return std::string(name) + "[" + std::to_string(i) + ", " + std::to_string(j) + "] is " +
             std::to_string(got(i, j)) + ", not " + std::to_string(want(i, j)) + " +- " +
             std::to_string(tolerance(i, j));
    }
  }
  return "";
}

/// One launch of `launcher(gpu, call)`: what the model has against it, or what is wrong with o and
/// lse. `tile` is its tile of keys.
template <typename Launcher>
std::string run_forward(const AttentionCase& it, int tile, std::uint64_t seed,
                        const Launcher& launcher) {
  Gpu gpu(seeded(seed));
  const Buffer<bf16> q(gpu, bf16_values(it.q), "q");
  const Buffer<bf16> k(gpu, bf16_values(it.k), "k");
  const Buffer<bf16> v(gpu, bf16_values(it.v), "v");
  const Buffer<int> offsets(gpu, offsets_of(it), "offsets");
  const Buffer<bf16> o(gpu, it.v.values.size(), "o");
  const Buffer<float> lse(gpu, it.lse.values.size(), "lse");
  AttentionCall call = call_of(it);
  call.offsets = offsets.data();
  call.q = q.data();
  call.k = k.data();
  call.v = v.data();
  call.o = o.data();
  call.lse = lse.data();
  const LaunchReport report = launcher(gpu, call);
  if (!report.ok()) return report.failure;
  const tolerance::AttentionBound bound = it.bound(tile);
  const Sum& want = it.forward.o;
  const std::string wrong = first_wrong(
      "o", downloaded(o, it.v.rows, it.v.columns), want.value, [&](std::int64_t i, std::int64_t j) {
        return tolerance::attention_output(want.value(i, j), want.magnitude(i, j), bound);
      });
  if (!wrong.empty()) return wrong;
  return first_wrong("lse", downloaded(lse, it.lse.rows, it.lse.columns), it.forward.lse,
                     [&](std::int64_t i, std::int64_t j) {
                       return tolerance::attention_lse(it.forward.lse(i, j), bound);
                     });
}

/// A bound of each element of a gradient.
inline std::string wrong_gradient(const char* name, const Matrix& got,
                                  const reference::AttentionGradient& want,
                                  const tolerance::AttentionBound& bound) {
  return first_wrong(name, got, want.value, [&](std::int64_t i, std::int64_t j) {
    return tolerance::attention_dqk(want.value(i, j), want.magnitude(i, j), want.parts(i, j),
                                    bound);
  });
}

/// The three launches of `launcher(gpu, call, gradients)`: what the model has against one, or what
/// is wrong with a gradient. `tile` is its tile of keys.
template <typename Launcher>
std::string run_backward(const AttentionCase& it, int tile, std::uint64_t seed,
                         const Launcher& launcher) {
  Gpu gpu(seeded(seed));
  const Buffer<bf16> q(gpu, bf16_values(it.q), "q");
  const Buffer<bf16> k(gpu, bf16_values(it.k), "k");
  const Buffer<bf16> v(gpu, bf16_values(it.v), "v");
  const Buffer<bf16> o(gpu, bf16_values(it.o), "o");
  const Buffer<bf16> dout(gpu, bf16_values(it.dout), "dout");
  const Buffer<float> lse(gpu, fp32_values(it.lse), "lse");
  const Buffer<int> offsets(gpu, offsets_of(it), "offsets");
  const std::size_t keys = it.q.values.size();
  const Buffer<bf16> dq(gpu, keys, "dq");
  const Buffer<bf16> dk(gpu, keys, "dk");
  const Buffer<bf16> dv(gpu, it.v.values.size(), "dv");
  const Buffer<float> dq_sum(gpu, keys, "dq_sum");
  AttentionCall call = call_of(it);
  const std::size_t rows =
      static_cast<std::size_t>(call.heads * padded_rows(call.tokens, call.sequences));
  const Buffer<float> log_sums(gpu, rows, "log_sums");
  const Buffer<float> deltas(gpu, rows, "deltas");
  call.offsets = offsets.data();
  call.q = q.data();
  call.k = k.data();
  call.v = v.data();
  call.o = o.data();
  call.lse = lse.data();
  const AttentionGradients gradients{.dout = dout.data(),
                                     .dq = dq.data(),
                                     .dk = dk.data(),
                                     .dv = dv.data(),
                                     .dq_sum = dq_sum.data(),
                                     .log_sums = log_sums.data(),
                                     .deltas = deltas.data()};
  const std::string failure = launcher(gpu, call, gradients);
  if (!failure.empty()) return failure;
  const tolerance::AttentionBound bound = it.bound(tile);
  const Sum& want = it.backward.dv;
  std::string wrong =
      first_wrong("dv", downloaded(dv, it.v.rows, it.v.columns), want.value,
                  [&](std::int64_t i, std::int64_t j) {
                    return tolerance::attention_dv(want.value(i, j), want.magnitude(i, j), bound);
                  });
  if (wrong.empty()) {
    wrong = wrong_gradient("dk", downloaded(dk, it.q.rows, it.q.columns), it.backward.dk, bound);
  }
  if (!wrong.empty()) return wrong;
  return wrong_gradient("dq", downloaded(dq, it.q.rows, it.q.columns), it.backward.dq, bound);
}

}  // namespace windtunnel::device
