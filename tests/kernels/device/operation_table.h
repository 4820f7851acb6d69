// Every operation of the vocabulary with its tiny kernel and what must come out: the same table
// runs on the model in a test, and on a GPU where there is one (operation_run.cu).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/device/launch.h"
#include "tests/kernels/device/operations.cuh"
#if !defined(WT_ONLY_SM80)
#include "tests/kernels/device/operations_sm90.cuh"
#endif

namespace windtunnel::device {

using Words = std::vector<u32>;

struct OperationCase {
  std::string name;
  Words in;
  /// What stands in the output before; empty: undefined.
  Words before;
  Words want;
  std::function<LaunchReport(Gpu&, const u32* in, u32* out)> run;
};

/// What came out otherwise than it should; empty when all is well.
inline std::string run_case(Gpu& gpu, const OperationCase& it) {
  const Buffer<u32> in(gpu, it.in, "in");
  Buffer<u32> out(gpu, it.want.size(), "out");
  if (!it.before.empty()) out.upload(it.before);
  const LaunchReport report = it.run(gpu, in.data(), out.data());
  if (!report.ok()) return it.name + ": " + report.failure;
  const Words got = out.download();
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i] == it.want[i]) continue;
    return it.name + ": word " + std::to_string(i) + " is " + std::to_string(got[i]) + ", not " +
           std::to_string(it.want[i]);
  }
  return "";
}

namespace operations {

inline u32 input(std::size_t i) { return static_cast<u32>(i) * 2654435761U + 12345U; }
inline Words inputs() {
  Words in;
  for (std::size_t i = 0; i < 1024; ++i) in.push_back(input(i));
  return in;
}
/// `count` words, word i by `value(i)`.
template <typename Value>
Words words(std::size_t count, Value value) {
  Words all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(value(i));
  return all;
}

using Kernel = void (*)(const u32*, u32*);

inline OperationCase simple(const char* name, Kernel kernel, u32 threads, u32 shared, Words want) {
  return {name, inputs(), {}, std::move(want), [=](Gpu& gpu, const u32* in, u32* out) {
            return launch(gpu, kernel,
                          {.kernel = name, .grid = {1}, .block = {threads}, .shared_bytes = shared},
                          in, out);
          }};
}

inline u32 half_word(const Words& in, std::size_t i) {
  return i % 2 == 0 ? in[i / 2] & 0xffffU : in[i / 2] >> 16;
}

inline void add_memory(std::vector<OperationCase>& table) {
  table.push_back(simple("shared_words", &shared_words, 128, 512,
                         words(128, [](std::size_t i) { return input(127 - i); })));
  table.push_back(simple("shared_sizes", &shared_sizes, 128, 2048, words(512, [](std::size_t i) {
                           return i % 4 == 1 ? input(i) & 0xffff0000U : input(i);
                         })));
  table.push_back(simple("global_paths", &global_paths, 128, 0, words(896, [](std::size_t i) {
                           if (i < 256) return input(i);
                           if (i < 768) return input(i - 256);
                           return (input(i - 768) & 0xffffU) + (input(i - 768) & 0xffU);
                         })));
  u32 sum = 0;
  for (std::size_t i = 0; i < 128; ++i) sum += input(i);
  table.push_back(simple("atomics", &atomics, 128, 4,
                         {sum, 127 * 64, bits_of(64.0F), 127 * 7, 0, 64, 43, 41 + 42 + 42 + 86}));
}

inline void add_warp(std::vector<OperationCase>& table) {
  table.push_back(simple("shuffles", &shuffles, 128, 0, words(640, [](std::size_t i) {
                           const std::size_t t = i % 128;
                           const std::size_t lane = t % 32;
                           const std::size_t warp = t - lane;
                           if (i < 128) return input(warp + (lane + 3) % 32);
                           if (i < 256) return input(warp + (lane ^ 5));
                           if (i < 384) return input(lane >= 3 ? t - 3 : t);
                           if (i < 512) return input(lane % 16 < 13 ? t + 3 : t);
                           return input(t ^ 1) & 0x3fffffffU;
                         })));
  table.push_back(simple("votes", &votes, 128, 0, words(640, [](std::size_t i) {
                           const std::size_t t = i % 128;
                           u32 odd = 0;
                           u32 count = 0;
                           for (std::size_t j = 0; j < 128; ++j) {
                             count += input(j) & 1U;
                             if (j / 32 == t / 32) odd |= (input(j) & 1U) << (j % 32);
                           }
                           if (i < 128) return odd;
                           if (i < 256) return (t / 32 == 1 ? 1U : 0U) | (t < 96 ? 2U : 0U);
                           return i < 384 ? 1U : i < 512 ? count : 1U;
                         })));
  table.push_back(simple("named_barriers", &named_barriers, 128, 512,
                         words(128, [](std::size_t i) { return input((i + 64) % 128); })));
  table.push_back(simple("lane_order", &lane_order, 128, 512,
                         words(128, [](std::size_t i) { return input(i ^ 31U); })));
}

inline void add_arithmetic(std::vector<OperationCase>& table) {
  table.push_back(simple(
      "conversions", &conversions, 128, 0, words(256, [](std::size_t i) {
        const float x = static_cast<float>(static_cast<int>(input(i % 128))) * 0x1p-20F;
        if (i < 128) return pack_bits(to_bf16(x), to_bf16(-x));
        return pack_bits(to_e4m3(x), to_e4m3(-x), to_e4m3(x * 0x1p-8F), to_e4m3(x * 0x1p-16F));
      })));
  table.push_back(simple("approximations", &approximations, 128, 0, Words(128, 1)));
}

inline void add_copies(std::vector<OperationCase>& table) {
  table.push_back(simple("copies_async", &copies_async, 128, 4096, words(896, [](std::size_t i) {
                           if (i < 512) return i / 4 % 2 == 0 || i % 4 == 0 ? input(i) : 0U;
                           if (i < 768) return (i - 512) / 2 % 3 == 0 ? 0U : input(i - 512);
                           return input(i - 768);
                         })));
  table.push_back(simple("copies_async_barrier", &copies_async_barrier, 128, 528,
                         words(128, [](std::size_t i) { return input(127 - i); })));
  table.push_back(simple("mbarriers", &mbarriers, 128, 528, words(386, [](std::size_t i) {
                           if (i >= 384) return i == 384 ? 1U : 5U;
                           return input(i / 128 * 64 + i % 64);
                         })));
}

/// Register `tile` of lane `t` after ldmatrix.
inline u32 loaded(const Words& in, std::size_t tile, std::size_t t, bool transposed) {
  const auto element = [&](std::size_t row, std::size_t column) {
    return half_word(in, (tile * 8 + row) * 8 + column);
  };
  const std::size_t r = t / 4;
  const std::size_t c = t % 4 * 2;
  return transposed ? element(c, r) | element(c + 1, r) << 16
                    : element(r, c) | element(r, c + 1) << 16;
}

template <int kCount, bool kTransposed>
void add_load(std::vector<OperationCase>& table, const char* name) {
  table.push_back(simple(name, &load_matrices<kCount, kTransposed>, 32, 512,
                         words(kCount * 32, [](std::size_t i) {
                           return loaded(inputs(), i / 32, i % 32, kTransposed);
                         })));
}

/// What stmatrix writes is what ldmatrix would have read.
inline Words stored(std::size_t count, bool transposed) {
  std::vector<u32> halves(count * 64);
  for (std::size_t tile = 0; tile < count; ++tile) {
    for (std::size_t t = 0; t < 32; ++t) {
      for (std::size_t half = 0; half < 2; ++half) {
        const std::size_t r = transposed ? t % 4 * 2 + half : t / 4;
        const std::size_t c = transposed ? t / 4 : t % 4 * 2 + half;
        halves[tile * 64 + r * 8 + c] = half_word(inputs(), (tile * 32 + t) * 2 + half);
      }
    }
  }
  return words(count * 32, [&](std::size_t i) { return halves[2 * i] | halves[2 * i + 1] << 16; });
}

template <int kCount, bool kTransposed>
void add_store(std::vector<OperationCase>& table, const char* name) {
  table.push_back(
      simple(name, &store_matrices<kCount, kTransposed>, 32, 512, stored(kCount, kTransposed)));
}

inline void add_matrices(std::vector<OperationCase>& table) {
  add_load<1, false>(table, "ldmatrix x1");
  add_load<2, false>(table, "ldmatrix x2");
  add_load<4, false>(table, "ldmatrix x4");
  add_load<1, true>(table, "ldmatrix x1 trans");
  add_load<2, true>(table, "ldmatrix x2 trans");
  add_load<4, true>(table, "ldmatrix x4 trans");
  table.push_back(simple("mma m16n8k16", &multiply_m16n8k16, 32, 0, words(128, [](std::size_t i) {
                           u32 sum = 1;
                           for (std::size_t k = 0; k < 16; ++k) {
                             sum += input(i / 8 * 16 + k) % 8 * (input(300 + 8 * k + i % 8) % 8);
                           }
                           return bits_of(static_cast<float>(sum));
                         })));
}

#if !defined(WT_ONLY_SM80)

/// A box of BF16 from the input seen as a dense tensor {16, 4, 4, 4, 2}, as it lies in shared
/// memory.
struct BoxCase {
  u32 rank;
  std::array<u32, 5> box;
  int x, y;
};

inline TensorShape box_shape(const BoxCase& it, const void* base) {
  return {.base = base,
          .element = Element::kBf16,
          .rank = it.rank,
          .extents = {16, 4, 4, 4, 2},
          .strides = {2, 32, 128, 512, 2048},
          .box = it.box,
          .swizzle = Swizzle::kNone};
}

inline Words box_words(const BoxCase& it) {
  const int extents[5] = {16, 4, 4, 4, 2};
  const int at[5] = {it.x, it.y, 1, 0, 1};
  std::size_t count = 1;
  for (u32 d = 0; d < it.rank; ++d) count *= it.box[d];
  std::vector<u32> halves;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i;
    int from = 0;
    int stride = 1;
    bool inside = true;
    for (u32 d = 0; d < it.rank; ++d) {
      const int index = at[d] + static_cast<int>(rest % it.box[d]);
      rest /= it.box[d];
      inside = inside && index >= 0 && index < extents[d];
      from += index * stride;
      stride *= extents[d];
    }
    halves.push_back(inside ? half_word(inputs(), static_cast<std::size_t>(from)) : 0);
  }
  return words(count / 2, [&](std::size_t i) { return halves[2 * i] | halves[2 * i + 1] << 16; });
}

template <int kRank>
void add_box(std::vector<OperationCase>& table, const char* name, const BoxCase& it) {
  const Words want = box_words(it);
  const u32 bytes = static_cast<u32>(want.size() * 4);
  table.push_back({name, inputs(), {}, want, [=](Gpu& gpu, const u32* in, u32* out) {
                     return launch(
                         gpu, &load_box<kRank>,
                         {.kernel = name, .grid = {1}, .block = {128}, .shared_bytes = 18432},
                         make_tensor_map(box_shape(it, in)), it.x, it.y, bytes, out);
                   }});
}

/// A matrix of 32 rows by 64 BF16; 8 rows of `columns` at (x, 28) with a swizzle.
inline void add_swizzle(std::vector<OperationCase>& table, const char* name, Swizzle swizzle,
                        u32 columns, int x) {
  const u32 row = columns * 2;
  std::vector<u32> halves(8 * columns);
  for (u32 r = 0; r < 8; ++r) {
    for (u32 c = 0; c < columns; ++c) {
      const bool inside =
          28 + r < 32 && x + static_cast<int>(c) < 64 && x + static_cast<int>(c) >= 0;
      const u32 chunks = swizzle == Swizzle::kNone ? 1 : row / 16;
      const u32 at = r * row + c * 2;
      const u32 place = at ^ (((at / 128) % chunks) * 16);
      halves[place / 2] =
          inside ? half_word(inputs(), static_cast<std::size_t>((28 + static_cast<int>(r)) * 64 +
                                                                x + static_cast<int>(c)))
                 : 0;
    }
  }
  const Words want = words(halves.size() / 2,
                           [&](std::size_t i) { return halves[2 * i] | halves[2 * i + 1] << 16; });
  table.push_back(
      {name, inputs(), {}, want, [=](Gpu& gpu, const u32* in, u32* out) {
         const TensorMap map =
             make_tensor_map(matrix_shape(in, Element::kBf16, 32, 64, 64, 8, columns, swizzle));
         return launch(gpu, &load_box<2>,
                       {.kernel = name, .grid = {1}, .block = {128}, .shared_bytes = 18432}, map, x,
                       28, 8 * row, out);
       }});
}

inline Words floats(std::size_t count) {
  return words(count, [](std::size_t i) { return bits_of(static_cast<float>(i % 29)); });
}

/// A box of 4 rows by 16 F32 into a matrix [8][32], partly outside.
template <bool kAdd>
void add_box_store(std::vector<OperationCase>& table, const char* name) {
  const Words before(kAdd ? 256 : 0, bits_of(100.0F));
  const Words want = words(256, [](std::size_t i) {
    const std::size_t row = i / 32;
    const std::size_t column = i % 32;
    if (row < 6 || column < 20) return kAdd ? bits_of(100.0F) : 0xffffffffU;
    const float value = static_cast<float>(((row - 6) * 16 + column - 20) % 29);
    return bits_of(kAdd ? 100.0F + value : value);
  });
  table.push_back(
      {name, floats(64), before, want, [=](Gpu& gpu, const u32* in, u32* out) {
         const TensorMap map =
             make_tensor_map(matrix_shape(out, Element::kF32, 8, 32, 32, 4, 16, Swizzle::kNone));
         return launch(gpu, &store_box<kAdd>,
                       {.kernel = name, .grid = {1}, .block = {128}, .shared_bytes = 2048}, in, map,
                       20, 6, 64U);
       }});
}

inline void add_tma(std::vector<OperationCase>& table) {
  add_swizzle(table, "tma_load", Swizzle::kNone, 64, 0);
  add_swizzle(table, "tma_load outside", Swizzle::kNone, 64, -8);
  add_swizzle(table, "tma_load swizzle 128", Swizzle::k128, 64, 24);
  add_swizzle(table, "tma_load swizzle 64", Swizzle::k64, 32, 40);
  add_swizzle(table, "tma_load swizzle 32", Swizzle::k32, 16, 0);
  add_box<3>(table, "tma_load 3d", {3, {16, 4, 2, 1, 1}, 3, -1});
  add_box<4>(table, "tma_load 4d", {4, {16, 2, 2, 2, 1}, -5, 3});
  add_box<5>(table, "tma_load 5d", {5, {8, 4, 4, 2, 2}, 0, 1});
  add_box_store<false>(table, "tma_store");
  add_box_store<true>(table, "tma_reduce_add");
  // As BF16 a sum of one term: the upper half of a small integer's F32 is its BF16, the lower is 0.
  OperationCase bulk = simple("bulk copies", &bulk_copies, 128, 528, words(384, [](std::size_t i) {
                                const float value = static_cast<float>(i % 128 % 29);
                                return bits_of(i / 128 == 1 ? 2 * value : value);
                              }));
  bulk.in = floats(1024);
  table.push_back(bulk);
}

inline Words sums(u32 columns, u32 depth, float factor = 1) {
  return words(64 * std::size_t{columns}, [&](std::size_t i) {
    const u32 row = static_cast<u32>(i) / columns;
    const u32 column = static_cast<u32>(i) % columns;
    float sum = 0;
    for (u32 k = 0; k < depth; ++k) {
      const int a = static_cast<int>((row * 5 + k * 3) % 13) - 6;
      const int b = static_cast<int>((column * 7 + k * 11) % 9) - 4;
      sum += static_cast<float>(a * b);
    }
    return bits_of(factor * sum + 0.0F);
  });
}

inline void add_wgmma_case(std::vector<OperationCase>& table, const char* name, Kernel kernel,
                           Words want) {
  table.push_back(simple(name, kernel, 128, 1024 + 8192 + 32768, std::move(want)));
}

inline void add_wgmma(std::vector<OperationCase>& table) {
  add_wgmma_case(table, "wgmma n64", &wgmma_shared<64, false, false>, sums(64, 64));
  add_wgmma_case(table, "wgmma n96", &wgmma_shared<96, false, false>, sums(96, 64));
  add_wgmma_case(table, "wgmma n112", &wgmma_shared<112, false, false>, sums(112, 64));
  add_wgmma_case(table, "wgmma n128", &wgmma_shared<128, false, false>, sums(128, 64));
  add_wgmma_case(table, "wgmma n192", &wgmma_shared<192, false, false>, sums(192, 64));
  add_wgmma_case(table, "wgmma n256", &wgmma_shared<256, false, false>, sums(256, 64));
  add_wgmma_case(table, "wgmma a mn-major", &wgmma_shared<64, true, false>, sums(64, 64));
  add_wgmma_case(table, "wgmma b mn-major", &wgmma_shared<128, false, true>, sums(128, 64));
  add_wgmma_case(table, "wgmma both mn-major", &wgmma_shared<64, true, true>, sums(64, 64));
  add_wgmma_case(table, "wgmma no swizzle", &wgmma_narrow<16>, sums(64, 16));
  add_wgmma_case(table, "wgmma swizzle 32", &wgmma_narrow<32>, sums(64, 16));
  add_wgmma_case(table, "wgmma swizzle 64", &wgmma_narrow<64>, sums(64, 32));
  add_wgmma_case(table, "wgmma registers", &wgmma_registers<64>, sums(64, 64, 3));
  add_wgmma_case(table, "wgmma e4m3", &wgmma_fp8<false>, sums(64, 128));
  add_wgmma_case(table, "wgmma e4m3 registers", &wgmma_fp8<true>, sums(64, 128));
  table.push_back(simple("registers_move", &registers_move, 384, 0,
                         words(384, [](std::size_t i) { return input(i); })));
  add_store<1, false>(table, "stmatrix x1");
  add_store<2, false>(table, "stmatrix x2");
  add_store<4, false>(table, "stmatrix x4");
  add_store<1, true>(table, "stmatrix x1 trans");
  add_store<2, true>(table, "stmatrix x2 trans");
  add_store<4, true>(table, "stmatrix x4 trans");
}

#endif

}  // namespace operations

inline std::vector<OperationCase> operation_table() {
  std::vector<OperationCase> table;
  operations::add_memory(table);
  operations::add_warp(table);
  operations::add_arithmetic(table);
  operations::add_copies(table);
  operations::add_matrices(table);
#if !defined(WT_ONLY_SM80)
  operations::add_tma(table);
  operations::add_wgmma(table);
#endif
  return table;
}

}  // namespace windtunnel::device
