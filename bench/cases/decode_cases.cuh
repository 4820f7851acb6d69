// A step of decoding on a device: m requests of n new tokens each, k cached tokens each, `groups`
// heads. Some requests and heads stand for all.
#pragma once

#include <cstring>

#include "bench/cases/values.h"
#include "kernels/mla/combine.cuh"
#include "kernels/mla/decode.h"
#include "kernels/mla/decode_reference.h"
#include "kernels/mla/decode_tolerance.h"
#include "kernels/ops/error.h"

namespace windtunnel::bench {

/// MLA's: of 128 + 64 channels before absorption.
inline constexpr float kDecodeScale = 0.0721687824F;

/// The cache, token by token as it lies in memory, and what it stands for.
struct HostCache {
  bool fp8;
  std::vector<device::bf16> wide;  ///< [tokens, 576]
  std::vector<device::u8> narrow;  ///< [tokens, kFp8TokenBytes]

  [[nodiscard]] double value(std::int64_t token, std::int64_t channel) const {
    if (!fp8) {
      return real(wide[static_cast<std::size_t>(token * kDecodeWidth + channel)]);
    }
    const device::u8* bytes = narrow.data() + token * device::kFp8TokenBytes;
    if (channel >= kDecodeLatent) {
      device::bf16 rotary{};
      std::memcpy(
          &rotary,
          bytes + device::kFp8TokenBytes - device::kRotaryBytes + 2 * (channel - kDecodeLatent),
          sizeof rotary);
      return real(rotary);
    }
    float scale = 0;
    std::memcpy(&scale, bytes + kDecodeLatent + 4 * (channel / 128), sizeof scale);
    return real(device::e4m3{bytes[channel]}) * real(scale);
  }
};

/// FP8: codes of the same values, scales of neighbouring tokens and blocks that differ.
inline HostCache host_cache(std::int64_t tokens, bool fp8, Data data) {
  HostCache cache{.fp8 = fp8, .wide = {}, .narrow = {}};
  if (!fp8) {
    cache.wide = bf16_inputs(tokens * kDecodeWidth, data, 50);
    return cache;
  }
  const auto codes = inputs<device::e4m3>(tokens * kDecodeLatent, data, 51);
  const auto rotary = bf16_inputs(tokens * device::kRotaryBytes / 2, data, 52);
  cache.narrow.resize(static_cast<std::size_t>(tokens * device::kFp8TokenBytes));
  for (std::int64_t i = 0; i < tokens; ++i) {
    device::u8* token = cache.narrow.data() + i * device::kFp8TokenBytes;
    std::memcpy(token, codes.data() + i * kDecodeLatent, kDecodeLatent);
    for (std::int64_t j = 0; j < kDecodeLatent / 128; ++j) {
      const float scale = std::ldexp(1.0F, -static_cast<int>((i + j) % 3));
      std::memcpy(token + kDecodeLatent + 4 * j, &scale, sizeof scale);
    }
    std::memcpy(token + device::kFp8TokenBytes - device::kRotaryBytes,
                rotary.data() + i * device::kRotaryBytes / 2, device::kRotaryBytes);
  }
  return cache;
}

/// What lies behind a request's last token is NaN.
inline void poison_token(HostCache& cache, std::int64_t token) {
  if (cache.fp8) {
    std::memset(cache.narrow.data() + token * device::kFp8TokenBytes, 0xff, device::kFp8TokenBytes);
    return;
  }
  for (std::int64_t i = 0; i < kDecodeWidth; ++i) {
    cache.wide[static_cast<std::size_t>(token * kDecodeWidth + i)] = not_a_number<device::bf16>();
  }
}

/// Pages in an order of their own; behind each request's in the table one that doesn't exist.
struct DecodeTable {
  std::int64_t pages;  ///< of a request
  std::int64_t pitch;
  std::vector<int> entries;
};
inline DecodeTable decode_table(const KernelShape& shape) {
  const std::int64_t pages = (shape.k + kPageTokens - 1) / kPageTokens;
  DecodeTable table{.pages = pages, .pitch = pages + 1, .entries = {}};
  for (std::int64_t request = 0; request < shape.m; ++request) {
    for (std::int64_t page = 0; page < pages; ++page) {
      // A request's pages are as far apart as there are requests, the last one first.
      table.entries.push_back(static_cast<int>((pages - 1 - page) * shape.m + request));
    }
    table.entries.push_back(1 << 30);
  }
  return table;
}

/// What one step needs on the host to be checked.
struct HostDecode {
  KernelShape shape;
  HostCache cache;
  DecodeTable table;
  DecodePlan plan;
  std::vector<device::bf16> q;

  [[nodiscard]] double parts_of(std::int64_t request) const {
    for (const DecodeMerge& it : plan.merges) {
      if (it.request == request) return it.slots;
    }
    return 1;
  }
};

/// One request: of each new token the rows of `heads`.
inline std::string check_decoded_request(const HostDecode& it, std::int64_t request,
                                         const std::vector<std::int64_t>& heads,
                                         const std::vector<device::bf16>& o,
                                         const std::vector<float>& log_sums) {
  const std::int64_t count = std::ssize(heads);
  Matrix cache = zeros(it.table.pages * kPageTokens, kDecodeWidth);
  std::vector<std::int32_t> own_table;
  for (std::int64_t i = 0; i < cache.rows; ++i) {
    const std::int64_t entry = request * it.table.pitch + i / kPageTokens;
    const std::int64_t page = it.table.entries[static_cast<std::size_t>(entry)];
    for (std::int64_t j = 0; j < kDecodeWidth; ++j) {
      cache(i, j) = it.cache.value(page * kPageTokens + i % kPageTokens, j);
    }
    if (i % kPageTokens == 0) own_table.push_back(static_cast<std::int32_t>(i / kPageTokens));
  }
  const auto line_of = [&](std::int64_t row) {
    return (request * it.shape.n + row / count) * it.shape.groups +
           heads[static_cast<std::size_t>(row % count)];
  };
  Matrix q = zeros(it.shape.n * count, kDecodeWidth);
  for (std::int64_t i = 0; i < q.rows; ++i) {
    const Matrix row = row_of(it.q, line_of(i), kDecodeWidth);
    for (std::int64_t j = 0; j < kDecodeWidth; ++j) q(i, j) = row(0, j);
  }
  const std::vector<std::int32_t> lengths{static_cast<std::int32_t>(it.shape.k)};
  const auto want = reference::decode({.q = q,
                                       .cache = cache,
                                       .page_table = own_table,
                                       .table_pitch = it.table.pages,
                                       .lengths = lengths,
                                       .queries = it.shape.n,
                                       .heads = count,
                                       .scale = real(kDecodeScale)});
  for (std::int64_t i = 0; i < q.rows; ++i) {
    const reference::DecodeRow& row = want.rows[static_cast<std::size_t>(i)];
    const tolerance::DecodeSteps steps{row.keys / kPageTokens + 1, it.parts_of(request)};
    const Matrix got = row_of(o, line_of(i), kDecodeLatent);
    std::string wrong = difference(line_of(i), -1, log_sums[static_cast<std::size_t>(line_of(i))],
                                   row.log_sum, tolerance::decode_log_sum(row, steps));
    for (std::int64_t j = 0; j < kDecodeLatent && wrong.empty(); ++j) {
      const double value = want.o.value(i, j);
      wrong = difference(line_of(i), j, got(0, j), value,
                         tolerance::decode_output(value, want.o.magnitude(i, j), row, steps));
    }
    if (!wrong.empty()) return wrong;
  }
  return "";
}

inline std::vector<DecodeMerge> at_least_one(std::vector<DecodeMerge> merges) {
  if (merges.empty()) merges.push_back({});
  return merges;
}

inline HostDecode host_decode(const KernelShape& shape, Data data, int sms) {
  HostDecode it{.shape = shape, .cache = {}, .table = decode_table(shape), .plan = {}, .q = {}};
  it.cache = host_cache(it.table.pages * shape.m * kPageTokens, shape.dtype == Dtype::kFp8, data);
  // The last page of every request is one of the first m.
  for (std::int64_t i = shape.k; i < it.table.pages * kPageTokens; ++i) {
    for (std::int64_t page = 0; page < shape.m; ++page) {
      poison_token(it.cache, page * kPageTokens + i % kPageTokens);
    }
  }
  const std::vector<std::int32_t> lengths(static_cast<std::size_t>(shape.m),
                                          static_cast<std::int32_t>(shape.k));
  it.plan = plan_decode({lengths, static_cast<int>(shape.n), static_cast<int>(shape.groups)}, sms);
  it.q = bf16_inputs(shape.m * shape.n * shape.groups * kDecodeWidth, data, 53);
  return it;
}

/// The step on the device.
struct DecodeBuffers {
  SharedBuffer<device::bf16> q, wide, o;
  SharedBuffer<device::u8> narrow;
  SharedBuffer<int> table, lengths, begins;
  SharedBuffer<DecodePiece> pieces;
  SharedBuffer<DecodeMerge> merges;
  SharedBuffer<float> parts, part_sums, log_sums;

  DecodeBuffers(device::Gpu& gpu, const HostDecode& host) {
    const KernelShape& shape = host.shape;
    const bool fp8 = host.cache.fp8;
    const std::int64_t rows = shape.m * shape.n * shape.groups;
    const std::int64_t lines =
        std::max<std::int64_t>(1, std::int64_t{host.plan.slots} * host.plan.rows);
    const std::vector<int> cached(static_cast<std::size_t>(shape.m), static_cast<int>(shape.k));
    q = upload(gpu, host.q, "q");
    wide = upload(gpu, fp8 ? std::vector<device::bf16>(1) : host.cache.wide, "cache");
    narrow = upload(gpu, fp8 ? host.cache.narrow : std::vector<device::u8>(1), "fp8_cache");
    table = upload(gpu, host.table.entries, "page_table");
    lengths = upload(gpu, cached, "lengths");
    begins = upload(gpu, host.plan.begins, "begins");
    pieces = upload(gpu, host.plan.pieces, "pieces");
    merges = upload(gpu, at_least_one(host.plan.merges), "merges");
    parts = output<float>(gpu, lines * kDecodeLatent, "parts");
    part_sums = output<float>(gpu, lines, "part_sums");
    o = output<device::bf16>(gpu, rows * kDecodeLatent, "o");
    log_sums = output<float>(gpu, rows, "log_sums");
  }
  [[nodiscard]] device::DecodeCall call(const HostDecode& host) const {
    const KernelShape& shape = host.shape;
    return {.q = q->data(),
            .cache = host.cache.fp8 ? static_cast<const void*>(narrow->data()) : wide->data(),
            .page_table = table->data(),
            .lengths = lengths->data(),
            .pages = static_cast<int>(host.table.pages * shape.m),
            .table_pitch = static_cast<int>(host.table.pitch),
            .requests = static_cast<int>(shape.m),
            .queries = static_cast<int>(shape.n),
            .heads = static_cast<int>(shape.groups),
            .scale = kDecodeScale,
            .begins = begins->data(),
            .pieces = pieces->data(),
            .merges = merges->data(),
            .parts = parts->data(),
            .part_sums = part_sums->data(),
            .o = o->data(),
            .log_sums = log_sums->data()};
  }
};

/// Attention of the plan's pieces, and the merge of what was cut.
inline Prepared prepare_decode(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const auto host = std::make_shared<const HostDecode>(host_decode(shape, data, sms));
  const DecodeBuffers it(gpu, *host);
  Prepared prepared;
  prepared.footprint = bytes_of(it.q, it.wide, it.o) + bytes_of(it.narrow) + bytes_of(it.parts);
  prepared.poison = [=] {
    it.parts->poison();
    it.part_sums->poison();
    it.o->poison();
    it.log_sums->poison();
  };
  prepared.launch = [=, &gpu] {
    return launched(host->cache.fp8 ? device::decode_fp8_on_sm90(gpu, host->plan, it.call(*host))
                                    : device::decode_on_sm90(gpu, host->plan, it.call(*host)));
  };
  prepared.check = [=] {
    const std::vector<device::bf16> got = it.o->download();
    const std::vector<float> sums = it.log_sums->download();
    std::string wrong;
    for (const std::int64_t request : few_of(shape.m)) {
      if (wrong.empty()) {
        wrong = check_decoded_request(*host, request, few_of(shape.groups), got, sums);
      }
    }
    return wrong;
  };
  return prepared;
}

/// A line of the result, whose parts are `rows` lines apart from `first` on.
struct MergedRow {
  std::int64_t line;
  std::int64_t first;
  std::int64_t rows;
  std::int64_t parts;
};
inline std::string check_merged_row(const MergedRow& it, const std::vector<float>& o_parts,
                                    const std::vector<float>& sums, const Matrix& got,
                                    float got_sum) {
  double total = 0;
  for (std::int64_t i = 0; i < it.parts; ++i) {
    total += std::exp2(real(sums[static_cast<std::size_t>(it.first + i * it.rows)]));
  }
  const auto parts = static_cast<double>(it.parts);
  // Exponents of at most 1, a product and an addition for each part, and the division; the log sum
  // is as far off as its sum, and by its own logarithm's and three more roundings.
  const double relative = 2 * (kEx2Error + roundings(2)) + kRcpError + roundings(parts + 4);
  std::string wrong =
      difference(it.line, -1, got_sum, std::log(total),
                 relative + (1 + std::abs(std::log2(total))) * (kLg2Error + roundings(3)));
  for (std::int64_t j = 0; j < kDecodeLatent && wrong.empty(); ++j) {
    double want = 0;
    double size = 0;
    for (std::int64_t i = 0; i < it.parts; ++i) {
      const std::int64_t at = it.first + i * it.rows;
      const double term = std::exp2(real(sums[static_cast<std::size_t>(at)])) / total *
                          real(o_parts[static_cast<std::size_t>(at * kDecodeLatent + j)]);
      want += term;
      size += std::abs(term);
    }
    wrong = difference(it.line, j, got(0, j), want, stored(want, size * relative, kBf16));
  }
  return wrong;
}

/// k parts of each of n rows of m requests to one.
inline Prepared prepare_merge(device::Gpu& gpu, const KernelShape& shape) {
  const std::int64_t lines = shape.m * shape.k * shape.n;
  std::vector<float> values;
  for (const device::bf16 it : bf16_inputs(lines * kDecodeLatent, Data::kUniform, 54)) {
    values.push_back(device::to_float(it));
  }
  const auto host_parts = share(std::move(values));
  const auto host_sums = share(positive_floats(lines, 55));
  DecodePlan plan{};
  plan.rows = static_cast<int>(shape.n);
  plan.slots = static_cast<int>(shape.m * shape.k);
  for (std::int64_t i = 0; i < shape.m; ++i) {
    plan.merges.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(i * shape.k),
                           static_cast<std::int32_t>(shape.k)});
  }
  const auto merges = upload(gpu, plan.merges, "merges");
  const auto parts = upload(gpu, *host_parts, "parts");
  const auto sums = upload(gpu, *host_sums, "part_sums");
  const auto o = output<device::bf16>(gpu, shape.m * shape.n * kDecodeLatent, "o");
  const auto log_sums = output<float>(gpu, shape.m * shape.n, "log_sums");
  device::DecodeCall call{};
  call.queries = 1;
  call.heads = static_cast<int>(shape.n);
  call.scale = kDecodeScale;
  call.merges = merges->data();
  call.parts = parts->data();
  call.part_sums = sums->data();
  call.o = o->data();
  call.log_sums = log_sums->data();
  Prepared prepared;
  prepared.footprint = bytes_of(parts) + bytes_of(o);
  prepared.poison = [=] {
    o->poison();
    log_sums->poison();
  };
  prepared.launch = [=, &gpu, keep = std::tuple(merges, parts, sums, log_sums)] {
    return launched(device::launch_combine(gpu, plan, call));
  };
  prepared.check = [=]() -> std::string {
    const std::vector<device::bf16> got = o->download();
    const std::vector<float> got_sums = log_sums->download();
    for (const std::int64_t line : sampled_rows(shape.m * shape.n)) {
      const std::int64_t first = line / shape.n * shape.k * shape.n + line % shape.n;
      const std::string wrong = check_merged_row(
          {.line = line, .first = first, .rows = shape.n, .parts = shape.k}, *host_parts,
          *host_sums, row_of(got, line, kDecodeLatent), got_sums[static_cast<std::size_t>(line)]);
      if (!wrong.empty()) return wrong;
    }
    return "";
  };
  return prepared;
}

}  // namespace windtunnel::bench
