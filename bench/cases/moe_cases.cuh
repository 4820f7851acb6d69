// The kernels around the experts on a device, and their outputs against the references.
#pragma once

#include "bench/cases/values.h"
#include "kernels/moe/permute.cuh"
#include "kernels/moe/reference.h"
#include "kernels/moe/router.cuh"
#include "kernels/moe/slots.cuh"
#include "kernels/moe/swiglu.cuh"
#include "kernels/moe/tolerance.h"

namespace windtunnel::bench {

/// A row of y, whose gates and ups are `x`.
inline std::string check_swiglu(std::int64_t row, const Matrix& x, std::span<const double> weights,
                                const Matrix& got) {
  const std::int64_t columns = x.columns / 2;
  const Matrix want = reference::swiglu(x, weights);
  const double weight = weights.empty() ? 1 : weights.front();
  for (std::int64_t j = 0; j < columns; ++j) {
    const double allowed = tolerance::swiglu(want(0, j), x(0, j), x(0, columns + j), weight);
    const std::string wrong = difference(row, j, got(0, j), want(0, j), allowed);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

/// A row of codes and scales; what they stand for may be off by SwiGLU's error besides.
inline std::string check_swiglu_codes(std::int64_t row, const Matrix& x, const Matrix& codes,
                                      const Matrix& scales) {
  const std::int64_t columns = x.columns / 2;
  const Matrix want = reference::swiglu(x, {});
  double largest = 0;
  for (std::int64_t j = 0; j < columns; ++j) {
    const double scale = scales(0, j / device::kScaleBlock);
    const double relative = tolerance::swiglu_error(want(0, j), x(0, j), x(0, columns + j), 1) /
                            std::max(std::abs(want(0, j)), std::numeric_limits<double>::min());
    const double ratio = want(0, j) / scale;
    const std::string wrong =
        difference(row, j, codes(0, j), ratio, tolerance::code(ratio, relative));
    if (!wrong.empty()) return wrong;
    largest = std::max(largest, std::abs(codes(0, j)));
    if ((j + 1) % device::kScaleBlock != 0 && j + 1 != columns) continue;
    // The largest of a block that isn't zeros is 448.
    if (largest != 0 && largest != 448) return "row " + std::to_string(row) + ": scale of a block";
    largest = 0;
  }
  return "";
}

/// [m, 2 n] to [m, n], without routing weights: in BF16, or quantised with exact scales.
inline Prepared prepare_swiglu(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t columns = shape.n;
  const std::int64_t across = (columns + device::kScaleBlock - 1) / device::kScaleBlock;
  const bool fp8 = shape.dtype == Dtype::kFp8;
  const auto host = share(bf16_inputs(2 * shape.m * columns, data, 6));
  const auto x = upload(gpu, *host, "x");
  const auto y = output<device::bf16>(gpu, fp8 ? 1 : shape.m * columns, "y");
  const auto codes = output<device::e4m3>(gpu, fp8 ? shape.m * columns : 1, "codes");
  const auto scales = output<float>(gpu, shape.m * across, "scales");
  const device::SwigluArguments arguments{.x = x->data(),
                                          .weights = nullptr,
                                          .y = y->data(),
                                          .codes = codes->data(),
                                          .scales = scales->data(),
                                          .rows = static_cast<int>(shape.m),
                                          .columns = static_cast<int>(columns)};
  Prepared prepared;
  prepared.footprint = bytes_of(x, y) + bytes_of(codes) + bytes_of(scales);
  prepared.poison = [=] {
    y->poison();
    codes->poison();
    scales->poison();
  };
  prepared.launch = [=, &gpu] {
    return launched(fp8 ? device::launch_swiglu<device::Output::kExactScale>(gpu, arguments, sms)
                        : device::launch_swiglu<device::Output::kBf16>(gpu, arguments, sms));
  };
  prepared.check = [=, keep = x] {
    const std::vector<device::bf16> got = fp8 ? std::vector<device::bf16>() : y->download();
    const std::vector<device::e4m3> got_codes =
        fp8 ? codes->download() : std::vector<device::e4m3>();
    const std::vector<float> got_scales = fp8 ? scales->download() : std::vector<float>();
    std::string wrong;
    for (const std::int64_t row : sampled_rows(shape.m)) {
      const Matrix both = row_of(*host, row, 2 * columns);
      wrong = fp8 ? check_swiglu_codes(row, both, row_of(got_codes, row, columns),
                                       row_of(got_scales, row, across))
                  : check_swiglu(row, both, {}, row_of(got, row, columns));
      if (!wrong.empty()) break;
    }
    return wrong;
  };
  return prepared;
}

/// m tokens choose 8 of n experts as DeepSeek-V3 does, without a bias. n a multiple of 32.
inline Prepared prepare_router(device::Gpu& gpu, const KernelShape& shape, int sms) {
  reference::RouterConfig config = reference::kDeepSeekV3Router;
  config.experts = shape.n;
  // Distinct logits of one grid: few scores are too near for a comparison.
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

/// The slots of m choices among 256 experts, in order within each.
inline Prepared prepare_mapping(device::Gpu& gpu, const KernelShape& shape, int sms) {
  constexpr std::int32_t kExperts = 256;
  constexpr int kAlignment = 128;
  const auto choices = share(generate::choices(shape.m, 1, kExperts, generate::Load::kUniform, 12));
  const auto capacity = static_cast<int>(device::slot_capacity(shape.m, kExperts, kAlignment));
  const auto chosen = upload(gpu, *choices, "chosen");
  const auto scratch =
      output<device::i32>(gpu, device::slot_scratch(shape.m, kExperts, sms), "block_slots");
  const auto counts = output<device::i32>(gpu, kExperts, "counts");
  const auto offsets = output<device::i32>(gpu, kExperts + 1, "offsets");
  const auto slots = output<device::i32>(gpu, shape.m, "slots");
  const auto pairs = output<device::i32>(gpu, capacity, "slot_pairs");
  const auto experts = output<device::i32>(gpu, capacity, "slot_experts");
  const device::SlotArguments arguments{.chosen = chosen->data(),
                                        .block_slots = scratch->data(),
                                        .counts = counts->data(),
                                        .offsets = offsets->data(),
                                        .slots = slots->data(),
                                        .slot_pairs = pairs->data(),
                                        .slot_experts = experts->data(),
                                        .pairs = static_cast<int>(shape.m),
                                        .experts = kExperts,
                                        .alignment = kAlignment,
                                        .capacity = capacity,
                                        .pairs_a_block = 0};
  Prepared prepared;
  prepared.footprint = bytes_of(chosen, scratch, counts, offsets) + bytes_of(slots, pairs, experts);
  prepared.poison = [=] {
    for (const auto& it : {scratch, counts, offsets, slots, pairs, experts}) it->poison();
  };
  prepared.launch = [=, &gpu, keep = chosen] {
    return launched(device::launch_slots(gpu, arguments, sms));
  };
  prepared.check = [=]() -> std::string {
    const reference::Layout want = reference::layout(*choices, 1, kExperts, kAlignment);
    if (slots->download() != indices(want.slots)) return "slots differ";
    if (counts->download() != indices(want.counts)) return "counts differ";
    std::vector<device::i32> got = pairs->download();
    got.resize(want.pairs.size());
    return got == indices(want.pairs) ? "" : "pairs of slots differ";
  };
  return prepared;
}

inline Prepared prepare_permute(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t columns = shape.n;
  const auto layout = std::make_shared<const reference::Layout>(one_choice_layout(shape.m));
  const auto slots = static_cast<int>(layout->pairs.size());
  const auto host = share(bf16_inputs(shape.m * columns, data, 9));
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
  const auto host = share(bf16_inputs(shape.m * columns, data, 10));
  const std::vector<float> host_weights = positive_floats(shape.m, 11);
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
