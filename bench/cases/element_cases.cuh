// Kernels that take each element, or each block of 128, by itself, and what differs from the
// references.
#pragma once

#include "bench/cases/ops_cases.cuh"
#include "bench/cases/values.h"
#include "kernels/ops/adam.cuh"
#include "kernels/ops/embedding.cuh"
#include "kernels/ops/quantize.cuh"
#include "kernels/ops/quantize_transposed.cuh"
#include "kernels/ops/reference.h"
#include "kernels/ops/rope.cuh"
#include "kernels/ops/tolerance.h"

namespace windtunnel::bench {

/// m rows of n e4m3 codes, with a scale for each 1 x 128, to BF16.
inline Prepared prepare_cast_back(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t columns = shape.n;
  const std::int64_t across = (columns + device::kScaleBlock - 1) / device::kScaleBlock;
  const auto host = share(inputs<device::e4m3>(shape.m * columns, data, 40));
  const auto host_scales = share(positive_floats(shape.m * across, 41));
  const auto codes = upload(gpu, *host, "codes");
  const auto scales = upload(gpu, *host_scales, "scales");
  const auto y = output<device::bf16>(gpu, shape.m * columns, "y");
  const device::DequantizeArguments arguments{.codes = codes->data(),
                                              .scales = scales->data(),
                                              .y = y->data(),
                                              .rows = static_cast<int>(shape.m),
                                              .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(codes) + bytes_of(scales) + bytes_of(y);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu, keep = std::pair(codes, scales)] {
    return launched(device::launch_dequantize(gpu, arguments, sms));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const Matrix code = row_of(*host, row, columns);
      const Matrix scale = row_of(*host_scales, row, across);
      const Matrix have = row_of(got, row, columns);
      for (std::int64_t j = 0; j < columns; ++j) {
        const double want = code(0, j) * scale(0, j / device::kScaleBlock);
        const std::string wrong =
            difference(row, j, have(0, j), want, tolerance::dequantized(want));
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  };
  return prepared;
}

/// m rows of n in BF16 to e4m3 codes [n, m] with an exact scale for each 128 x 1.
inline Prepared prepare_cast_transpose(device::Gpu& gpu, const KernelShape& shape, Data data) {
  const std::int64_t down = (shape.m + device::kScaleBlock - 1) / device::kScaleBlock;
  const auto host = share(bf16_inputs(shape.m * shape.n, data, 42));
  const auto x = upload(gpu, *host, "x");
  const auto codes = output<device::e4m3>(gpu, shape.m * shape.n, "codes");
  const auto scales = output<float>(gpu, shape.n * down, "scales");
  const device::QuantizeTransposedArguments arguments{.x = x->data(),
                                                      .codes = codes->data(),
                                                      .scales = scales->data(),
                                                      .rows = static_cast<int>(shape.m),
                                                      .columns = static_cast<int>(shape.n)};
  Prepared prepared;
  prepared.footprint = bytes_of(x) + bytes_of(codes) + bytes_of(scales);
  prepared.poison = [=] {
    codes->poison();
    scales->poison();
  };
  prepared.launch = [=, &gpu, keep = x] {
    return launched(
        device::launch_quantize_transposed(gpu, arguments, device::Output::kExactScale));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::e4m3> got = codes->download();
    const std::vector<float> got_scales = scales->download();
    for (const std::int64_t column : sampled_rows(shape.n)) {
      Matrix values = zeros(1, shape.m);
      for (std::int64_t i = 0; i < shape.m; ++i) {
        values(0, i) = real((*host)[static_cast<std::size_t>(i * shape.n + column)]);
      }
      const std::string wrong = check_codes(column, values, row_of(got, column, shape.m),
                                            row_of(got_scales, column, down));
      if (!wrong.empty()) return wrong;
    }
    return "";
  };
  return prepared;
}

/// m tokens of n channels in heads of 64, all turned.
inline Prepared prepare_rope(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  constexpr std::int64_t kPairs = 32;
  const std::int64_t heads = shape.n / (2 * kPairs);
  const auto host = share(bf16_inputs(shape.m * shape.n, data, 43));
  const auto angles =
      std::make_shared<const generate::Angles>(generate::angles(shape.m, kPairs, 44));
  const auto floats = [](const Matrix& x) {
    return std::vector<float>(x.values.begin(), x.values.end());
  };
  const auto x = upload(gpu, *host, "x");
  const auto cosines = upload(gpu, floats(angles->cosines), "cosines");
  const auto sines = upload(gpu, floats(angles->sines), "sines");
  const auto y = output<device::bf16>(gpu, shape.m * shape.n, "y");
  const device::RopeArguments arguments{.x = x->data(),
                                        .y = y->data(),
                                        .cosines = cosines->data(),
                                        .sines = sines->data(),
                                        .tokens = static_cast<int>(shape.m),
                                        .heads = static_cast<int>(heads),
                                        .pairs = static_cast<int>(kPairs),
                                        .pitch = static_cast<int>(2 * kPairs)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, y) + bytes_of(cosines, sines);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu, keep = std::tuple(x, cosines, sines)] {
    return launched(device::launch_rope(gpu, arguments, false, sms));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    for (const std::int64_t row : sampled_rows(shape.m * heads)) {
      const MatrixView cosine = rows_of(angles->cosines, row / heads, 1);
      const MatrixView sine = rows_of(angles->sines, row / heads, 1);
      const Sum want = reference::rope(row_of(*host, row, 2 * kPairs), cosine, sine);
      const Matrix have = row_of(got, row, 2 * kPairs);
      for (std::int64_t j = 0; j < 2 * kPairs; ++j) {
        const std::string wrong =
            difference(row, j, have(0, j), want.value(0, j),
                       tolerance::rope(want.value(0, j), want.magnitude(0, j)));
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  };
  return prepared;
}

/// m rows of n gathered from the table of a vocabulary.
inline Prepared prepare_embedding(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t words = vocabulary(shape.m);
  const auto host = share(bf16_inputs(words * shape.n, data, 45));
  const auto host_tokens = share(some_tokens(shape.m, words));
  const auto table = upload(gpu, *host, "table");
  const auto tokens = upload(gpu, *host_tokens, "tokens");
  const auto y = output<device::bf16>(gpu, shape.m * shape.n, "y");
  const device::EmbedArguments arguments{.table = table->data(),
                                         .tokens = tokens->data(),
                                         .y = y->data(),
                                         .count = static_cast<int>(shape.m),
                                         .columns = static_cast<int>(shape.n)};
  Prepared prepared;
  prepared.footprint = bytes_of(table, y) + bytes_of(tokens);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu, keep = std::pair(table, tokens)] {
    return launched(device::launch_embed(gpu, arguments, sms));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    for (std::int64_t row = 0; row < shape.m; ++row) {
      const std::int64_t word = (*host_tokens)[static_cast<std::size_t>(row)];
      for (std::int64_t j = 0; j < shape.n; ++j) {
        if (got[static_cast<std::size_t>(row * shape.n + j)].bits !=
            (*host)[static_cast<std::size_t>(word * shape.n + j)].bits) {
          return "row " + std::to_string(row) + ", column " + std::to_string(j) + " differs";
        }
      }
    }
    return "";
  };
  return prepared;
}

struct AdamResult {
  std::vector<float> master;
  std::vector<device::bf16> mean;
  std::vector<device::bf16> square;
  std::vector<device::bf16> weight;
};

/// After a first step, before which both moments were 0.
inline std::string check_adam(const reference::AdamRule& rule, const std::vector<float>& before,
                              const std::vector<float>& gradient, const AdamResult& got) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    const reference::AdamState old{real(before[i]), 0, 0};
    const reference::AdamState want = reference::adam(rule, old, real(gradient[i]));
    const reference::AdamState allowed = tolerance::adam(rule, old, real(gradient[i]));
    const auto at = static_cast<std::int64_t>(i);
    const double weight = round_to(real(got.master[i]), kBf16);
    std::string wrong = difference(at, 0, real(got.master[i]), want.weight, allowed.weight);
    if (wrong.empty()) wrong = difference(at, 1, real(got.mean[i]), want.mean, allowed.mean);
    if (wrong.empty()) wrong = difference(at, 2, real(got.square[i]), want.square, allowed.square);
    if (wrong.empty()) wrong = difference(at, 3, real(got.weight[i]), weight, 0);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

/// One step of m parameters, the first of a run.
inline Prepared prepare_adam(device::Gpu& gpu, const KernelShape& shape, int sms) {
  const reference::AdamRule rule{.rate = 2.2e-4F,
                                 .beta1 = 0.9F,
                                 .beta2 = 0.95F,
                                 .epsilon = 0x1p-6F,
                                 .decay = 0.1F,
                                 .mean_correction = 10,
                                 .square_correction = 20};
  const auto host = share(positive_floats(shape.m, 46));
  const auto host_gradient = share(positive_floats(shape.m, 47));
  const auto host_moments = share(bf16_inputs(shape.m, Data::kZeros, 0));
  const auto master = upload(gpu, *host, "master");
  const auto gradient = upload(gpu, *host_gradient, "gradient");
  const auto mean = upload(gpu, *host_moments, "mean");
  const auto square = upload(gpu, *host_moments, "square");
  const auto weight = output<device::bf16>(gpu, shape.m, "weight");
  const device::AdamArguments arguments{
      .master = master->data(),
      .gradient = gradient->data(),
      .mean = mean->data(),
      .square = square->data(),
      .weight = weight->data(),
      .rate = static_cast<float>(rule.rate),
      .beta1 = static_cast<float>(rule.beta1),
      .beta2 = static_cast<float>(rule.beta2),
      .epsilon = static_cast<float>(rule.epsilon),
      .decay = static_cast<float>(rule.decay),
      .mean_correction = static_cast<float>(rule.mean_correction),
      .square_correction = static_cast<float>(rule.square_correction),
      .count = shape.m};
  Prepared prepared;
  prepared.footprint = bytes_of(master, gradient) + bytes_of(mean, square, weight);
  // In place: what a launch reads must be there again.
  prepared.poison = [=] {
    master->upload(*host);
    mean->upload(*host_moments);
    square->upload(*host_moments);
    weight->poison();
  };
  prepared.launch = [=, &gpu, keep = gradient] {
    return launched(device::launch_adam(gpu, arguments, sms));
  };
  prepared.check = [=] {
    return check_adam(
        rule, *host, *host_gradient,
        {master->download(), mean->download(), square->download(), weight->download()});
  };
  return prepared;
}

}  // namespace windtunnel::bench
