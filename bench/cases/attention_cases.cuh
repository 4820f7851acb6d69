// Attention with keys and values of every head on a device: forward, backward and what goes around
// it. One causal sequence of m tokens, `groups` heads, queries and keys k wide, values 128. A head
// and some of its tokens stand for all: the reference takes long.
#pragma once

#include "bench/cases/values.h"
#include "kernels/mla/attention.h"
#include "kernels/mla/reference.h"
#include "kernels/mla/tolerance.h"

namespace windtunnel::bench {

/// Keys of a tile: the fewest that a kernel of Hopper's takes, so that none replaces its maximum
/// more often.
inline constexpr int kAttentionTile = 64;

/// Operands and results of both passes on the device, and what of them a check needs.
struct AttentionBuffers {
  reference::AttentionShape shape;  ///< of one head
  std::int64_t heads;
  std::shared_ptr<const std::vector<device::bf16>> host_q, host_k, host_v, host_dout;
  SharedBuffer<device::bf16> q, k, v, dout, o, dq, dk, dv;
  SharedBuffer<float> lse, dq_sum, log_sums, deltas;
  SharedBuffer<int> offsets;

  [[nodiscard]] double footprint() const {
    return bytes_of(q, k, v, dout, o, dq, dk, dv) + bytes_of(lse, dq_sum, log_sums, deltas);
  }
  [[nodiscard]] device::AttentionCall call() const {
    device::AttentionCall call = {};
    call.heads = static_cast<int>(heads);
    call.qk = static_cast<int>(shape.qk);
    call.sequences = 1;
    call.tokens = static_cast<int>(shape.tokens());
    call.longest = call.tokens;
    call.causal = true;
    call.scale = static_cast<float>(shape.scale);
    call.offsets = offsets->data();
    call.q = q->data();
    call.k = k->data();
    call.v = v->data();
    call.o = o->data();
    call.lse = lse->data();
    return call;
  }
  [[nodiscard]] device::AttentionGradients gradients() const {
    return {.dout = dout->data(),
            .dq = dq->data(),
            .dk = dk->data(),
            .dv = dv->data(),
            .dq_sum = dq_sum->data(),
            .log_sums = log_sums->data(),
            .deltas = deltas->data()};
  }
};

inline AttentionBuffers attention_buffers(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const std::int64_t wide = shape.m * shape.groups * shape.k;
  const std::int64_t narrow = shape.m * shape.groups * shape.n;
  const std::int64_t padded = shape.groups * device::padded_rows(static_cast<int>(shape.m), 1);
  const auto scale = static_cast<double>(1 / std::sqrt(static_cast<float>(shape.k)));
  AttentionBuffers it{};
  it.shape = {.heads = 1,
              .qk = shape.k,
              .v = shape.n,
              .causal = true,
              .scale = scale,
              .offsets = {0, shape.m}};
  it.heads = shape.groups;
  it.host_q = share(bf16_inputs(wide, data, 40));
  it.host_k = share(bf16_inputs(wide, data, 41));
  it.host_v = share(bf16_inputs(narrow, data, 42));
  it.host_dout = share(bf16_inputs(narrow, data, 43));
  it.q = upload(gpu, *it.host_q, "q");
  it.k = upload(gpu, *it.host_k, "k");
  it.v = upload(gpu, *it.host_v, "v");
  it.dout = upload(gpu, *it.host_dout, "dout");
  it.o = output<device::bf16>(gpu, narrow, "o");
  it.dq = output<device::bf16>(gpu, wide, "dq");
  it.dk = output<device::bf16>(gpu, wide, "dk");
  it.dv = output<device::bf16>(gpu, narrow, "dv");
  it.lse = output<float>(gpu, shape.groups * shape.m, "lse");
  it.dq_sum = output<float>(gpu, wide, "dq_sum");
  it.log_sums = output<float>(gpu, padded, "log_sums");
  it.deltas = output<float>(gpu, padded, "deltas");
  it.offsets = upload(gpu, std::vector<int>{0, static_cast<int>(shape.m)}, "offsets");
  return it;
}

/// The columns of one head of [tokens, heads, width].
template <typename T>
Matrix head_of(const std::vector<T>& values, std::int64_t heads, std::int64_t head,
               std::int64_t width) {
  Matrix x = zeros(std::ssize(values) / (heads * width), width);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < width; ++j) {
      x(i, j) = real(values[static_cast<std::size_t>((i * heads + head) * width + j)]);
    }
  }
  return x;
}

inline double largest_norm(const Matrix& x) {
  double largest = 0;
  for (std::int64_t i = 0; i < x.rows; ++i) {
    double sum = 0;
    for (std::int64_t j = 0; j < x.columns; ++j) sum += x(i, j) * x(i, j);
    largest = std::max(largest, sum);
  }
  return std::sqrt(largest);
}

/// No score is larger than what the norms of queries and keys allow.
inline tolerance::AttentionBound attention_bound(const AttentionBuffers& it, const Matrix& q,
                                                 const Matrix& k) {
  const auto tokens = static_cast<double>(it.shape.tokens());
  return {.qk = static_cast<double>(it.shape.qk),
          .v = static_cast<double>(it.shape.v),
          .keys = tokens,
          .tiles = std::ceil(tokens / kAttentionTile),
          .reach = it.shape.scale * largest_norm(q) * largest_norm(k)};
}

/// The last head, whose place is the hardest to find.
inline std::string check_attention_forward(const AttentionBuffers& it) {
  const std::int64_t head = it.heads - 1;
  const Matrix q = head_of(*it.host_q, it.heads, head, it.shape.qk);
  const Matrix k = head_of(*it.host_k, it.heads, head, it.shape.qk);
  const Matrix v = head_of(*it.host_v, it.heads, head, it.shape.v);
  const Matrix o = head_of(it.o->download(), it.heads, head, it.shape.v);
  const std::vector<float> lse = it.lse->download();
  const tolerance::AttentionBound bound = attention_bound(it, q, k);
  const std::vector<std::int64_t> tokens = sampled_rows(it.shape.tokens());
  const auto want = reference::attention_forward(it.shape, q, k, v, tokens);
  for (const std::int64_t i : tokens) {
    std::string wrong =
        difference(i, -1, lse[static_cast<std::size_t>(head * it.shape.tokens() + i)],
                   want.lse(0, i), tolerance::attention_lse(want.lse(0, i), bound));
    for (std::int64_t j = 0; j < it.shape.v && wrong.empty(); ++j) {
      const double value = want.o.value(i, j);
      wrong = difference(i, j, o(i, j), value,
                         tolerance::attention_output(value, want.o.magnitude(i, j), bound));
    }
    if (!wrong.empty()) return wrong;
  }
  return "";
}

inline Prepared prepare_attention_forward(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const AttentionBuffers it = attention_buffers(gpu, shape, data);
  Prepared prepared;
  prepared.footprint = bytes_of(it.q, it.k, it.v, it.o) + bytes_of(it.lse);
  prepared.poison = [=] {
    it.o->poison();
    it.lse->poison();
  };
  prepared.launch = [=, &gpu] {
    return launched(device::attention_forward_on_sm90(gpu, it.call()));
  };
  prepared.check = [=] { return check_attention_forward(it); };
  return prepared;
}

/// What a backward pass finds: the forward pass' results.
inline AttentionBuffers backward_buffers(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const AttentionBuffers it = attention_buffers(gpu, shape, data);
  must_run(device::attention_forward_on_sm90(gpu, it.call()));
  return it;
}

/// A row of dq or dk.
inline std::string check_score_gradient(std::int64_t row, const Matrix& got,
                                        const reference::AttentionGradient& want,
                                        const tolerance::AttentionBound& bound) {
  for (std::int64_t j = 0; j < got.columns; ++j) {
    const double allowed = tolerance::attention_dqk(want.value(row, j), want.magnitude(row, j),
                                                    want.parts(row, j), bound);
    const std::string wrong = difference(row, j, got(row, j), want.value(row, j), allowed);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

/// The last head, of o and lse as the device has them.
inline std::string check_attention_backward(const AttentionBuffers& it) {
  const std::int64_t head = it.heads - 1;
  const Matrix q = head_of(*it.host_q, it.heads, head, it.shape.qk);
  const Matrix k = head_of(*it.host_k, it.heads, head, it.shape.qk);
  const Matrix v = head_of(*it.host_v, it.heads, head, it.shape.v);
  const Matrix dout = head_of(*it.host_dout, it.heads, head, it.shape.v);
  const Matrix o = head_of(it.o->download(), it.heads, head, it.shape.v);
  const Matrix lse = row_of(it.lse->download(), head, it.shape.tokens());
  const std::vector<std::int64_t> tokens = sampled_rows(it.shape.tokens());
  const auto want = reference::attention_backward(it.shape, q, k, v, o, dout, lse, tokens);
  const tolerance::AttentionBound bound = attention_bound(it, q, k);
  const Matrix dq = head_of(it.dq->download(), it.heads, head, it.shape.qk);
  const Matrix dk = head_of(it.dk->download(), it.heads, head, it.shape.qk);
  const Matrix dv = head_of(it.dv->download(), it.heads, head, it.shape.v);
  for (const std::int64_t i : tokens) {
    std::string wrong = check_score_gradient(i, dq, want.dq, bound);
    if (!wrong.empty()) return "dq, " + wrong;
    wrong = check_score_gradient(i, dk, want.dk, bound);
    if (!wrong.empty()) return "dk, " + wrong;
    for (std::int64_t j = 0; j < it.shape.v; ++j) {
      const double value = want.dv.value(i, j);
      wrong = difference(i, j, dv(i, j), value,
                         tolerance::attention_dv(value, want.dv.magnitude(i, j), bound));
      if (!wrong.empty()) return "dv, " + wrong;
    }
  }
  return "";
}

/// The main kernel. It adds to what the one before has set to zero, and dq is read off by the one
/// behind: poisoning runs the former, checking the latter.
inline Prepared prepare_attention_backward(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const AttentionBuffers it = backward_buffers(gpu, shape, data);
  must_run(device::attention_backward_pre(gpu, it.call(), it.gradients()));
  Prepared prepared;
  prepared.footprint = it.footprint();
  prepared.poison = [=, &gpu] {
    must_run(device::attention_backward_pre(gpu, it.call(), it.gradients()));
    it.dk->poison();
    it.dv->poison();
  };
  prepared.launch = [=, &gpu] {
    return launched(device::attention_backward_on_sm90(gpu, it.call(), it.gradients()));
  };
  prepared.check = [=, &gpu] {
    must_run(device::attention_backward_post(gpu, it.call(), it.gradients()));
    return check_attention_backward(it);
  };
  return prepared;
}

/// Deltas, log sums of base 2, and zeros.
inline std::string check_backward_pre(const AttentionBuffers& it) {
  const std::int64_t head = it.heads - 1;
  const std::int64_t padded = std::ssize(it.deltas->download()) / it.heads;
  const Matrix o = head_of(it.o->download(), it.heads, head, it.shape.v);
  const Matrix dout = head_of(*it.host_dout, it.heads, head, it.shape.v);
  const std::vector<float> lse = it.lse->download();
  const Matrix deltas = row_of(it.deltas->download(), head, padded);
  const Matrix log_sums = row_of(it.log_sums->download(), head, padded);
  const tolerance::AttentionBound bound{
      .qk = 0, .v = static_cast<double>(it.shape.v), .keys = 1, .tiles = 1, .reach = 0};
  for (const std::int64_t i : sampled_rows(it.shape.tokens())) {
    double want = 0;
    double size = 0;
    for (std::int64_t j = 0; j < it.shape.v; ++j) {
      want += o(i, j) * dout(i, j);
      size += std::abs(o(i, j) * dout(i, j));
    }
    std::string wrong =
        difference(i, -1, deltas(0, i), want, tolerance::attention_delta(size, bound));
    if (!wrong.empty()) return "delta, " + wrong;
    const float sum = lse[static_cast<std::size_t>(head * it.shape.tokens() + i)] * device::kLog2E;
    wrong = difference(i, -1, log_sums(0, i), real(sum), 0);
    if (!wrong.empty()) return "log sum, " + wrong;
  }
  for (const float value : it.dq_sum->download()) {
    if (value != 0) return "the sum of dq is not zero";
  }
  return "";
}

inline Prepared prepare_backward_pre(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const AttentionBuffers it = backward_buffers(gpu, shape, data);
  Prepared prepared;
  prepared.footprint = bytes_of(it.o, it.dout) + bytes_of(it.dq_sum, it.deltas);
  prepared.poison = [=] {
    it.deltas->poison();
    it.log_sums->poison();
    it.dq_sum->poison();
  };
  prepared.launch = [=, &gpu] {
    return launched(device::attention_backward_pre(gpu, it.call(), it.gradients()));
  };
  prepared.check = [=] { return check_backward_pre(it); };
  return prepared;
}

/// FP32 sums, here those of one backward pass, times the scale.
inline Prepared prepare_backward_post(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const AttentionBuffers it = backward_buffers(gpu, shape, data);
  must_run(device::attention_backward_pre(gpu, it.call(), it.gradients()));
  must_run(device::attention_backward_on_sm90(gpu, it.call(), it.gradients()));
  Prepared prepared;
  prepared.footprint = bytes_of(it.dq) + bytes_of(it.dq_sum);
  prepared.poison = [=] { it.dq->poison(); };
  prepared.launch = [=, &gpu] {
    return launched(device::attention_backward_post(gpu, it.call(), it.gradients()));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<float> sums = it.dq_sum->download();
    const std::vector<device::bf16> got = it.dq->download();
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (got[i].bits != device::to_bf16(sums[i] * it.call().scale).bits) {
        return "element " + std::to_string(i) + " differs";
      }
    }
    return "";
  };
  return prepared;
}

}  // namespace windtunnel::bench
