// Backward kernels of a layer's rows on a device, and their outputs against the references.
#pragma once

#include "bench/cases/moe_cases.cuh"
#include "bench/cases/values.h"
#include "kernels/ops/embedding.cuh"
#include "kernels/ops/reference.h"
#include "kernels/ops/rms_norm.cuh"
#include "kernels/ops/tolerance.h"

namespace windtunnel::bench {

struct NormInputs {
  const std::vector<device::bf16>& x;
  const std::vector<device::bf16>& gamma;
  const std::vector<device::bf16>& dy;
  std::int64_t rows;
  std::int64_t columns;
  double epsilon;

  [[nodiscard]] reference::NormGradient gradient(std::int64_t row) const {
    return reference::rms_norm_backward(row_of(x, row, columns), row_of(gamma, 0, columns).values,
                                        epsilon, row_of(dy, row, columns));
  }
};

inline std::string check_norm_rows(const NormInputs& in, const std::vector<device::bf16>& dx) {
  const auto depth = static_cast<double>(in.columns);
  for (const std::int64_t row : sampled_rows(in.rows)) {
    const Sum want = in.gradient(row).dx;
    const Matrix have = row_of(dx, row, in.columns);
    for (std::int64_t j = 0; j < in.columns; ++j) {
      const std::string wrong =
          difference(row, j, have(0, j), want.value(0, j),
                     tolerance::rms_norm_backward(want.value(0, j), want.magnitude(0, j), depth));
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

/// Of all rows: a sum has no sample.
inline std::string check_norm_gamma(const NormInputs& in, const std::vector<float>& dgamma) {
  Matrix sum = zeros(1, in.columns);
  Matrix magnitude = zeros(1, in.columns);
  for (std::int64_t row = 0; row < in.rows; ++row) {
    const Sum part = in.gradient(row).dgamma;
    for (std::int64_t j = 0; j < in.columns; ++j) {
      sum(0, j) += part.value(0, j);
      magnitude(0, j) += part.magnitude(0, j);
    }
  }
  for (std::int64_t j = 0; j < in.columns; ++j) {
    const double allowed = tolerance::rms_norm_gamma(magnitude(0, j), static_cast<double>(in.rows),
                                                     static_cast<double>(in.columns));
    const std::string wrong =
        difference(-1, j, dgamma[static_cast<std::size_t>(j)], sum(0, j), allowed);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

/// m rows of n: dx, and dgamma of all rows by a second kernel.
inline Prepared prepare_rms_norm_backward(device::Gpu& gpu, const KernelShape& shape, Data data,
                                          int sms) {
  constexpr float kEpsilon = 1e-6F;
  const std::int64_t columns = shape.n;
  const int parts =
      device::rms_norm_partials(static_cast<int>(shape.m), static_cast<int>(columns), sms);
  const auto host = share(bf16_inputs(shape.m * columns, data, 30));
  const auto host_dy = share(bf16_inputs(shape.m * columns, data, 31));
  const auto host_gamma = share(bf16_inputs(columns, Data::kUniform, 32));
  const auto x = upload(gpu, *host, "x");
  const auto dy = upload(gpu, *host_dy, "dy");
  const auto gamma = upload(gpu, *host_gamma, "gamma");
  const auto dx = output<device::bf16>(gpu, shape.m * columns, "dx");
  const auto partial = output<float>(gpu, parts * columns, "partial");
  const auto dgamma = output<float>(gpu, columns, "dgamma");
  const device::RmsNormBackwardArguments arguments{.x = x->data(),
                                                   .gamma = gamma->data(),
                                                   .dy = dy->data(),
                                                   .dx = dx->data(),
                                                   .partial = partial->data(),
                                                   .epsilon = kEpsilon,
                                                   .rows = static_cast<int>(shape.m),
                                                   .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, dy, gamma, dx) + bytes_of(partial, dgamma);
  prepared.poison = [=] {
    dx->poison();
    partial->poison();
    dgamma->poison();
  };
  prepared.launch = [=, &gpu, keep = std::pair(x, gamma)] {
    const Launched rows = launched(device::launch_rms_norm_backward(gpu, arguments, sms));
    if (!rows.failure.empty()) return rows;
    return together(rows, launched(device::launch_sum_parts(gpu, partial->data(), dgamma->data(),
                                                            parts, arguments.columns)));
  };
  prepared.check = [=, keep = dy] {
    const NormInputs in{*host, *host_gamma, *host_dy, shape.m, columns, kEpsilon};
    const std::string wrong = check_norm_rows(in, dx->download());
    return wrong.empty() ? check_norm_gamma(in, dgamma->download()) : wrong;
  };
  return prepared;
}

/// A row of dx = [dgate | dup].
inline std::string check_swiglu_gradient(std::int64_t row, const Matrix& x, const Sum& want,
                                         const Matrix& got) {
  const std::int64_t columns = x.columns / 2;
  for (std::int64_t j = 0; j < x.columns; ++j) {
    const double value = want.value(0, j);
    const double allowed =
        j < columns ? tolerance::swiglu_gate_gradient(value, want.magnitude(0, j), x(0, j))
                    : tolerance::swiglu_up_gradient(value, x(0, j - columns));
    const std::string wrong = difference(row, j, got(0, j), value, allowed);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

/// x[m, 2 n] and dy[m, n] to dx[m, 2 n] in BF16. With `recomputes` y[m, n] is made again, and there
/// are routing weights and their gradient.
inline Prepared prepare_swiglu_backward(device::Gpu& gpu, const KernelShape& shape, Data data,
                                        bool recomputes, int sms) {
  const std::int64_t columns = shape.n;
  const auto host = share(bf16_inputs(2 * shape.m * columns, data, 33));
  const auto host_dy = share(bf16_inputs(shape.m * columns, data, 34));
  const auto host_weights = share(positive_floats(shape.m, 35));
  const auto x = upload(gpu, *host, "x");
  const auto dy = upload(gpu, *host_dy, "dy");
  const auto weights = upload(gpu, *host_weights, "weights");
  const auto dx = output<device::bf16>(gpu, 2 * shape.m * columns, "dx");
  const auto y = output<device::bf16>(gpu, recomputes ? shape.m * columns : 1, "y");
  const auto dweights = output<float>(gpu, shape.m, "dweights");
  const device::SwigluBackwardArguments arguments{
      .x = x->data(),
      .weights = recomputes ? weights->data() : nullptr,
      .dy = dy->data(),
      .dx = dx->data(),
      .codes = nullptr,
      .scales = nullptr,
      .dweights = recomputes ? dweights->data() : nullptr,
      .y = recomputes ? y->data() : nullptr,
      .rows = static_cast<int>(shape.m),
      .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, dy, dx, y) + bytes_of(weights, dweights);
  prepared.poison = [=] {
    dx->poison();
    y->poison();
    dweights->poison();
  };
  prepared.launch = [=, &gpu, keep = std::pair(x, weights)] {
    return launched(device::launch_swiglu_backward<device::Output::kBf16>(gpu, arguments, sms));
  };
  prepared.check = [=, keep = dy] {
    const std::vector<device::bf16> got = dx->download();
    const auto got_y = recomputes ? y->download() : std::vector<device::bf16>();
    const auto got_weights = recomputes ? dweights->download() : std::vector<float>();
    std::string wrong;
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const Matrix both = row_of(*host, row, 2 * columns);
      std::vector<double> used;
      if (recomputes) used.push_back(real((*host_weights)[static_cast<std::size_t>(row)]));
      const reference::SwigluGradient want =
          reference::swiglu_backward(both, used, row_of(*host_dy, row, columns));
      wrong = check_swiglu_gradient(row, both, want.dx, row_of(got, row, 2 * columns));
      if (!wrong.empty()) break;
      if (!recomputes) continue;
      const double got_weight = got_weights[static_cast<std::size_t>(row)];
      wrong = difference(row, -1, got_weight, want.dweights.value(0, 0),
                         tolerance::swiglu_weight_gradient(want.dweights.magnitude(0, 0), 1,
                                                           static_cast<double>(columns)));
      if (wrong.empty()) wrong = check_swiglu(row, both, used, row_of(got_y, row, columns));
      if (!wrong.empty()) break;
    }
    return wrong;
  };
  return prepared;
}

/// Rows x, their tokens' gradients dy and weights; each token has one row.
struct UnpermuteInputs {
  const reference::Layout& layout;
  const std::vector<device::bf16>& x;
  const std::vector<device::bf16>& dy;
  const std::vector<float>& weights;
  std::int64_t columns;
};

/// A token's row of dx, and the gradient of its weight.
inline std::string check_unpermute_gradient(const UnpermuteInputs& in, std::int64_t token,
                                            const Matrix& dx, double dweight) {
  const std::int64_t slot = in.layout.slots[static_cast<std::size_t>(token)];
  const Matrix own = row_of(in.x, slot, in.columns);
  const Matrix gradient = row_of(in.dy, token, in.columns);
  double dot = 0;
  double size = 0;
  for (std::int64_t j = 0; j < in.columns; ++j) {
    const double want = gradient(0, j) * real(in.weights[static_cast<std::size_t>(token)]);
    const std::string wrong =
        difference(slot, j, dx(0, j), want, tolerance::unpermute_backward(want));
    if (!wrong.empty()) return wrong;
    dot += gradient(0, j) * own(0, j);
    size += std::abs(gradient(0, j) * own(0, j));
  }
  return difference(token, -1, dweight, dot,
                    tolerance::routing_weight_gradient(size, static_cast<double>(in.columns)));
}

/// m rows of n and their tokens' gradients to the rows' gradients, and those of the weights.
inline Prepared prepare_unpermute_backward(device::Gpu& gpu, const KernelShape& shape, Data data,
                                           int sms) {
  const std::int64_t columns = shape.n;
  const auto layout = std::make_shared<const reference::Layout>(one_choice_layout(shape.m));
  const auto slot_count = static_cast<int>(layout->pairs.size());
  const auto host = share(bf16_inputs(shape.m * columns, data, 37));
  const auto host_dy = share(bf16_inputs(shape.m * columns, data, 38));
  const auto host_weights = share(positive_floats(shape.m, 39));
  const auto x = upload(gpu, *host, "x");
  const auto dy = upload(gpu, *host_dy, "dy");
  const auto slots = upload(gpu, indices(layout->slots), "slots");
  const auto pairs = upload(gpu, indices(layout->pairs), "slot_pairs");
  const auto count = upload(gpu, std::vector<device::i32>{slot_count}, "slot_count");
  const auto weights = upload(gpu, *host_weights, "weights");
  const auto dx = output<device::bf16>(gpu, shape.m * columns, "dx");
  const auto dweights = output<float>(gpu, shape.m, "dweights");
  const device::UnpermuteBackwardArguments arguments{.x = x->data(),
                                                     .slots = slots->data(),
                                                     .slot_pairs = pairs->data(),
                                                     .slot_count = count->data(),
                                                     .weights = weights->data(),
                                                     .dy = dy->data(),
                                                     .dx = dx->data(),
                                                     .dweights = dweights->data(),
                                                     .tokens = static_cast<int>(shape.m),
                                                     .top_k = 1,
                                                     .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, dy, dx) + bytes_of(slots, pairs) + bytes_of(weights, dweights);
  prepared.poison = [=] {
    dx->poison();
    dweights->poison();
  };
  prepared.launch = [=, &gpu, keep = std::tuple(x, dy, slots, pairs, count, weights)] {
    return launched(device::launch_unpermute_backward(gpu, arguments, slot_count, sms));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::bf16> got = dx->download();
    const std::vector<float> got_weights = dweights->download();
    const UnpermuteInputs in{*layout, *host, *host_dy, *host_weights, columns};
    for (const std::int64_t token : sampled_rows(shape.m)) {
      const auto at = static_cast<std::size_t>(token);
      const std::string wrong = check_unpermute_gradient(
          in, token, row_of(got, layout->slots[at], columns), real(got_weights[at]));
      if (!wrong.empty()) return wrong;
    }
    return "";
  };
  return prepared;
}

/// m rows of n added in FP32 to the rows of a vocabulary, here of 129280 words or as many as rows.
inline Prepared prepare_embedding_gradient(device::Gpu& gpu, const KernelShape& shape, Data data,
                                           int sms) {
  constexpr float kBefore = 0.5F;
  const std::int64_t words = vocabulary(shape.m);
  const auto host = share(bf16_inputs(shape.m * shape.n, data, 36));
  const auto host_tokens = share(some_tokens(shape.m, words));
  const auto dy = upload(gpu, *host, "dy");
  const auto tokens = upload(gpu, *host_tokens, "tokens");
  const auto gradient = output<float>(gpu, words * shape.n, "gradient");
  const device::EmbedBackwardArguments arguments{.dy = dy->data(),
                                                 .tokens = tokens->data(),
                                                 .gradient = gradient->data(),
                                                 .count = static_cast<int>(shape.m),
                                                 .columns = static_cast<int>(shape.n)};
  Prepared prepared;
  prepared.footprint = bytes_of(dy) + bytes_of(tokens) + bytes_of(gradient);
  prepared.poison = [=] {
    gradient->upload(std::vector<float>(static_cast<std::size_t>(words * shape.n), kBefore));
  };
  prepared.launch = [=, &gpu, keep = std::pair(dy, tokens)] {
    return launched(device::launch_embed_backward(gpu, arguments, sms));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<float> got = gradient->download();
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const device::i32 word = (*host_tokens)[static_cast<std::size_t>(row)];
      Matrix want = zeros(1, shape.n);
      Matrix magnitude = zeros(1, shape.n);
      for (double& value : want.values) value = kBefore;
      for (double& value : magnitude.values) value = kBefore;
      for (std::int64_t i = 0; i < shape.m; ++i) {
        if ((*host_tokens)[static_cast<std::size_t>(i)] != word) continue;
        const Matrix terms = row_of(*host, i, shape.n);
        for (std::int64_t j = 0; j < shape.n; ++j) {
          want(0, j) += terms(0, j);
          magnitude(0, j) += std::abs(terms(0, j));
        }
      }
      const Matrix have = row_of(got, word, shape.n);
      for (std::int64_t j = 0; j < shape.n; ++j) {
        const std::string wrong =
            difference(word, j, have(0, j), want(0, j),
                       tolerance::summed(magnitude(0, j), static_cast<double>(shape.m)));
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  };
  return prepared;
}

}  // namespace windtunnel::bench
