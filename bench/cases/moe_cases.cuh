// The kernels around the experts on a device, and their outputs against the references.
#pragma once

#include "bench/cases/values.h"
#include "kernels/moe/permute.cuh"
#include "kernels/moe/reference.h"
#include "kernels/moe/router.cuh"
#include "kernels/moe/swiglu.cuh"
#include "kernels/moe/tolerance.h"

namespace windtunnel::bench {

/// [m, 2 n] to [m, n] in BF16, without routing weights.
inline Prepared prepare_swiglu(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t columns = shape.n;
  const auto host = std::make_shared<const std::vector<device::bf16>>(
      bf16_inputs(2 * shape.m * columns, data, 6));
  const auto x = upload(gpu, *host, "x");
  const auto y = output<device::bf16>(gpu, shape.m * columns, "y");
  const device::SwigluArguments arguments{.x = x->data(),
                                          .weights = nullptr,
                                          .y = y->data(),
                                          .codes = nullptr,
                                          .scales = nullptr,
                                          .rows = static_cast<int>(shape.m),
                                          .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, y);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu] {
    return launched(device::launch_swiglu<device::Output::kBf16>(gpu, arguments, sms));
  };
  prepared.check = [=, keep = x]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const Matrix both = row_of(*host, row, 2 * columns);
      const Matrix want = reference::swiglu(both, {});
      const Matrix have = row_of(got, row, columns);
      for (std::int64_t j = 0; j < columns; ++j) {
        const double allowed = tolerance::swiglu(want(0, j), both(0, j), both(0, columns + j), 1);
        const std::string wrong = difference(row, j, have(0, j), want(0, j), allowed);
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  };
  return prepared;
}

/// m tokens choose 8 of n experts as DeepSeek-V3 does, with a bias. n a multiple of 32.
inline Prepared prepare_router(device::Gpu& gpu, const KernelShape& shape, int sms) {
  reference::RouterConfig config = reference::kDeepSeekV3Router;
  config.experts = shape.n;
  // Distinct logits and a bias of the same grid: no two scores are too near for a comparison.
  const auto host = std::make_shared<const Matrix>(
      generate::router_logits(shape.m, shape.n, generate::Logits::kDistinct, 7));
  const auto logits =
      upload(gpu, std::vector<float>(host->values.begin(), host->values.end()), "logits");
  const auto chosen = output<device::i32>(gpu, shape.m * config.top_k, "chosen");
  const auto weights = output<float>(gpu, shape.m * config.top_k, "weights");
  const device::RouterArguments arguments{.logits = logits->data(),
                                          .bias = nullptr,
                                          .chosen = chosen->data(),
                                          .weights = weights->data(),
                                          .tokens = static_cast<int>(shape.m),
                                          .experts = static_cast<int>(shape.n),
                                          .groups = static_cast<int>(config.groups),
                                          .top_groups = static_cast<int>(config.top_groups),
                                          .top_k = static_cast<int>(config.top_k),
                                          .lanes_a_group = 0,
                                          .normalized = config.normalized,
                                          .factor = static_cast<float>(config.factor)};
  Prepared prepared;
  prepared.footprint = bytes_of(logits, weights) + bytes_of(chosen);
  prepared.poison = [=] {
    chosen->poison();
    weights->poison();
  };
  prepared.launch = [=, &gpu, keep = logits] {
    return launched(device::launch_router(gpu, arguments, false, sms));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::i32> got = chosen->download();
    const std::vector<float> got_weights = weights->download();
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const MatrixView own = rows_of(*host, row, 1);
      const std::vector<double> bias(static_cast<std::size_t>(shape.n), 0.0);
      const reference::Routing want = reference::route(own, bias, config);
      double size = 0;
      for (const double logit : own.values) size = std::max(size, std::abs(logit));
      // Two decisions nearer than arithmetic can tell may fall either way.
      if (want.gaps[0] < tolerance::decision(config.scoring, size, shape.n, 0)) continue;
      for (std::int64_t j = 0; j < config.top_k; ++j) {
        const auto at = static_cast<std::size_t>(row * config.top_k + j);
        const auto expert = static_cast<std::size_t>(j);
        std::string wrong = difference(row, j, got[at], want.experts[expert], 0);
        if (wrong.empty()) {
          wrong = difference(row, j, got_weights[at], want.weights(0, j),
                             tolerance::weight(want.weights(0, j), size, config));
        }
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  };
  return prepared;
}

/// Each of m received tokens of n channels belongs to one of four experts: as many rows out as in,
/// which is what permute_work counts.
inline reference::Layout one_choice_layout(std::int64_t tokens) {
  constexpr std::int32_t kExperts = 4;
  const std::vector<std::int32_t> choices =
      generate::choices(tokens, 1, kExperts, generate::Load::kUniform, 8);
  return reference::layout(choices, 1, kExperts, 1);
}

inline std::vector<device::i32> indices(const std::vector<std::int64_t>& values) {
  return std::vector<device::i32>(values.begin(), values.end());
}

inline Prepared prepare_permute(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t columns = shape.n;
  const auto layout = std::make_shared<const reference::Layout>(one_choice_layout(shape.m));
  const auto slots = static_cast<int>(layout->pairs.size());
  const auto host =
      std::make_shared<const std::vector<device::bf16>>(bf16_inputs(shape.m * columns, data, 9));
  const auto x = upload(gpu, *host, "x");
  const auto pairs = upload(gpu, indices(layout->pairs), "slot_pairs");
  const auto count = upload(gpu, std::vector<device::i32>{slots}, "slot_count");
  const auto y = output<device::bf16>(gpu, slots * columns, "y");
  const device::PermuteArguments arguments{.x = x->data(),
                                           .x_scales = nullptr,
                                           .y = y->data(),
                                           .y_scales = nullptr,
                                           .slot_pairs = pairs->data(),
                                           .slot_count = count->data(),
                                           .row_bytes = static_cast<int>(2 * columns),
                                           .scales = 0,
                                           .top_k = 1};
  Prepared prepared;
  prepared.footprint = bytes_of(x, y) + bytes_of(pairs, count);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu, keep = std::pair(pairs, count)] {
    return launched(device::launch_permute(gpu, arguments, slots, sms));
  };
  prepared.check = [=, keep = x]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    for (std::int64_t slot = 0; slot < slots; ++slot) {
      const std::int64_t token = layout->pairs[static_cast<std::size_t>(slot)];
      for (std::int64_t j = 0; j < columns; ++j) {
        if (got[static_cast<std::size_t>(slot * columns + j)].bits !=
            (*host)[static_cast<std::size_t>(token * columns + j)].bits) {
          return "slot " + std::to_string(slot) + ", column " + std::to_string(j) + " differs";
        }
      }
    }
    return "";
  };
  return prepared;
}

inline Prepared prepare_unpermute(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t columns = shape.n;
  const auto layout = std::make_shared<const reference::Layout>(one_choice_layout(shape.m));
  const auto host =
      std::make_shared<const std::vector<device::bf16>>(bf16_inputs(shape.m * columns, data, 10));
  std::vector<float> host_weights;
  generate::Random random(11);
  for (std::int64_t i = 0; i < shape.m; ++i) {
    host_weights.push_back(static_cast<float>(random.real(0.1, 1)));
  }
  const auto x = upload(gpu, *host, "x");
  const auto slots = upload(gpu, indices(layout->slots), "slots");
  const auto weights = upload(gpu, host_weights, "weights");
  const auto y = output<device::bf16>(gpu, shape.m * columns, "y");
  const device::UnpermuteArguments arguments{.x = x->data(),
                                             .slots = slots->data(),
                                             .weights = weights->data(),
                                             .y = y->data(),
                                             .tokens = static_cast<int>(shape.m),
                                             .top_k = 1,
                                             .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, y) + bytes_of(slots) + bytes_of(weights);
  prepared.poison = [y] { y->poison(); };
  prepared.launch = [=, &gpu, keep = std::pair(slots, weights)] {
    return launched(device::launch_unpermute(gpu, arguments, sms));
  };
  prepared.check = [=, keep = x]() -> std::string {
    const std::vector<device::bf16> got = y->download();
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const Matrix own = row_of(*host, layout->slots[static_cast<std::size_t>(row)], columns);
      const Matrix have = row_of(got, row, columns);
      for (std::int64_t j = 0; j < columns; ++j) {
        const double want = own(0, j) * host_weights[static_cast<std::size_t>(row)];
        const std::string wrong =
            difference(row, j, have(0, j), want, tolerance::unpermute(want, std::abs(want), 1));
        if (!wrong.empty()) return wrong;
      }
    }
    return "";
  };
  return prepared;
}

}  // namespace windtunnel::bench
