// Row-wise kernels on a device, and their outputs against the references.
#pragma once

#include "bench/cases/copy.cuh"
#include "bench/cases/values.h"
#include "kernels/ops/loss.cuh"
#include "kernels/ops/quantize.cuh"
#include "kernels/ops/reference.h"
#include "kernels/ops/rms_norm.cuh"
#include "kernels/ops/tolerance.h"

namespace windtunnel::bench {

/// m rows of n; m n a multiple of 8.
inline Prepared prepare_copy(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  using device::u32x4;
  const std::int64_t vectors = shape.m * shape.n / device::kVector;
  const auto host = share(bf16_inputs(shape.m * shape.n, data, 1));
  const auto x = upload(gpu, *host, "x");
  const auto y = output<device::bf16>(gpu, shape.m * shape.n, "y");
  Prepared prepared;
  prepared.footprint = bytes_of(x, y);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu] {
    return launched(device::launch_copy(gpu, reinterpret_cast<const u32x4*>(x->data()),
                                        reinterpret_cast<u32x4*>(y->data()), vectors, sms));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (got[i].bits != (*host)[i].bits) return "element " + std::to_string(i) + " differs";
    }
    return "";
  };
  return prepared;
}

/// m rows of n, BF16 to BF16, without a residual.
inline Prepared prepare_rms_norm(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  constexpr float kEpsilon = 1e-6F;
  const std::int64_t columns = shape.n;
  const auto host = share(bf16_inputs(shape.m * columns, data, 2));
  const auto host_gamma = share(bf16_inputs(columns, Data::kUniform, 3));
  const auto x = upload(gpu, *host, "x");
  const auto gamma = upload(gpu, *host_gamma, "gamma");
  const auto y = output<device::bf16>(gpu, shape.m * columns, "y");
  const device::RmsNormArguments arguments{.x = x->data(),
                                           .residual = nullptr,
                                           .gamma = gamma->data(),
                                           .stream = nullptr,
                                           .y = y->data(),
                                           .codes = nullptr,
                                           .scales = nullptr,
                                           .epsilon = kEpsilon,
                                           .rows = static_cast<int>(shape.m),
                                           .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, gamma, y);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu, keep = gamma] {
    return launched(device::launch_rms_norm<device::Output::kBf16>(gpu, arguments, sms));
  };
  prepared.check = [=, keep = x]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    const Matrix weights = row_of(*host_gamma, 0, columns);
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const Matrix want =
          reference::rms_norm(row_of(*host, row, columns), weights.values, kEpsilon);
      const Matrix have = row_of(got, row, columns);
      for (std::int64_t j = 0; j < columns; ++j) {
        const double allowed = tolerance::rms_norm(want(0, j), static_cast<double>(columns));
        const std::string wrong = difference(row, j, have(0, j), want(0, j), allowed);
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  };
  return prepared;
}

/// A row of `values` as codes with an exact scale for each 128.
inline std::string check_codes(std::int64_t row, const Matrix& values, const Matrix& codes,
                               const Matrix& scales) {
  constexpr auto kKind = reference::ScaleKind::kExact;
  const reference::Quantized want = reference::quantize(values, reference::kActivationBlock, kKind);
  for (std::int64_t j = 0; j < values.columns; ++j) {
    const double scale = scales(0, j / device::kScaleBlock);
    const double want_scale = want.scales(0, j / device::kScaleBlock);
    std::string wrong = difference(row, j, scale, want_scale, tolerance::scale(kKind) * want_scale);
    const double ratio = values(0, j) / scale;
    if (wrong.empty()) wrong = difference(row, j, codes(0, j), ratio, tolerance::code(ratio));
    if (!wrong.empty()) return wrong;
  }
  return "";
}

/// m rows of n, BF16 to e4m3 with an exact scale for each 1 x 128.
inline Prepared prepare_cast(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t columns = shape.n;
  const std::int64_t across = (columns + device::kScaleBlock - 1) / device::kScaleBlock;
  const auto host = share(bf16_inputs(shape.m * columns, data, 4));
  const auto x = upload(gpu, *host, "x");
  const auto codes = output<device::e4m3>(gpu, shape.m * columns, "codes");
  const auto scales = output<float>(gpu, shape.m * across, "scales");
  const device::QuantizeArguments arguments{.x = x->data(),
                                            .codes = codes->data(),
                                            .scales = scales->data(),
                                            .rows = static_cast<int>(shape.m),
                                            .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x) + bytes_of(codes) + bytes_of(scales);
  prepared.poison = [=] {
    codes->poison();
    scales->poison();
  };
  prepared.launch = [=, &gpu] {
    return launched(device::launch_quantize(gpu, arguments, device::Output::kExactScale, sms));
  };
  prepared.check = [=, keep = x]() -> std::string {
    const std::vector<device::e4m3> got = codes->download();
    const std::vector<float> got_scales = scales->download();
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const std::string wrong =
          check_codes(row, row_of(*host, row, columns), row_of(got, row, columns),
                      row_of(got_scales, row, across));
      if (!wrong.empty()) return wrong;
    }
    return "";
  };
  return prepared;
}

/// `got` is the gradient at scale 1, `got_loss` the loss of each row of `logits`.
inline std::string check_cross_entropy(const std::vector<device::bf16>& logits,
                                       const std::vector<device::i32>& targets,
                                       const std::vector<device::bf16>& got,
                                       const std::vector<float>& got_loss,
                                       const KernelShape& shape) {
  const auto depth = static_cast<double>(shape.n);
  const tolerance::LossRow bounds{.size = 1, .range = 2, .depth = depth, .rescales = depth};
  for (const std::int64_t row : sampled_rows(shape.m)) {
    const auto at = static_cast<std::size_t>(row);
    const Matrix x = row_of(logits, row, shape.n);
    const reference::LossPart part = reference::loss_part(x.values, 0, targets[at]);
    const double log_sum = reference::log_sum(part);
    const double want_loss = reference::loss(part);
    std::string wrong =
        difference(row, -1, got_loss[at], want_loss, tolerance::loss(log_sum, want_loss, bounds));
    const std::vector<double> want = reference::loss_gradient(x.values, 0, targets[at], log_sum, 1);
    const Matrix have = row_of(got, row, shape.n);
    for (std::int64_t j = 0; j < shape.n && wrong.empty(); ++j) {
      const double value = want[static_cast<std::size_t>(j)];
      const double probability = j == targets[at] ? value + 1 : value;
      wrong = difference(row, j, have(0, j), value,
                         tolerance::loss_gradient(value, probability, log_sum, bounds));
    }
    if (!wrong.empty()) return wrong;
  }
  return "";
}

/// m tokens of n logits: the loss, and the gradient in place.
inline Prepared prepare_cross_entropy(device::Gpu& gpu, const KernelShape& shape, Data data,
                                      int sms) {
  constexpr int kThreads = 1024;
  constexpr float kScale = 1.0F;
  const std::int64_t columns = shape.n;
  const auto host = share(bf16_inputs(shape.m * columns, data, 5));
  std::vector<device::i32> host_targets;
  for (std::int64_t i = 0; i < shape.m; ++i) {
    host_targets.push_back(static_cast<device::i32>(i * 7919 % columns));
  }
  const auto logits = upload(gpu, *host, "logits");
  const auto targets = upload(gpu, host_targets, "targets");
  const auto loss = output<float>(gpu, shape.m, "loss");
  const device::LossArguments arguments{.logits = logits->data(),
                                        .targets = targets->data(),
                                        .loss = loss->data(),
                                        .parts = nullptr,
                                        .log_sum = nullptr,
                                        .scale = kScale,
                                        .rows = static_cast<int>(shape.m),
                                        .columns = static_cast<int>(columns),
                                        .first = 0};
  Prepared prepared;
  prepared.footprint = bytes_of(logits) + bytes_of(targets) + bytes_of(loss);
  // In place: what a launch reads must be there again.
  prepared.poison = [=] {
    logits->upload(*host);
    loss->poison();
  };
  prepared.launch = [=, &gpu, keep = targets] {
    return launched(device::launch_cross_entropy<device::LossKind::kLossAndGradient, kThreads>(
        gpu, arguments, sms));
  };
  prepared.check = [=] {
    return check_cross_entropy(*host, host_targets, logits->download(), loss->download(), shape);
  };
  return prepared;
}

}  // namespace windtunnel::bench
