// Products to run kernels on: operands as the GPU holds them, and what must come out.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "kernels/device/launch.h"
#include "kernels/gemm/call.h"
#include "kernels/gemm/reference.h"
#include "kernels/gemm/tolerance.h"
#include "kernels/testing/data.h"
#include "tests/kernels/device/seeds.h"

namespace windtunnel::device {

/// A row of c that a kernel must leave as it was.
inline constexpr float kUntouched = 3.5F;

/// One product. Operands are row-major; of FP8 ones `codes` and scales go to the GPU.
struct Product {
  GemmKind kind = GemmKind::kDense;
  Dtype dtype = Dtype::kBf16;
  int m = 0, n = 0, k = 0, groups = 1;
  std::vector<int> index = {0};
  Matrix a = {}, b = {};
  std::vector<float> a_scales = {0}, b_scales = {0};
  Matrix before = {};                      ///< c before the launch (kMasked, kKGrouped)
  std::vector<std::uint8_t> written = {};  ///< rows of c that the kernel must write
  Sum want = {};
  /// What tensor cores that keep `accumulator_bits` of an e4m3 sum may lose; 0 bits: nothing.
  int accumulator_bits = 0;
  Matrix loss = {};
  double terms = 0;
};

inline std::size_t size_of(std::int64_t count) { return static_cast<std::size_t>(count); }

inline std::vector<float> floats(const Matrix& x) { return {x.values.begin(), x.values.end()}; }

template <typename T>
std::vector<T> encoded(const Matrix& x) {
  std::vector<T> codes;
  codes.reserve(x.values.size());
  for (const double value : x.values) {
    if constexpr (std::is_same_v<T, bf16>) {
      codes.push_back({bf16_code(value)});
    } else if constexpr (std::is_same_v<T, e4m3>) {
      codes.push_back({e4m3_code(value)});
    } else {
      codes.push_back(static_cast<float>(value));
    }
  }
  return codes;
}

inline Matrix random_matrix(int rows, int columns, std::uint64_t seed) {
  return generate::values(rows, columns, generate::Pattern::kUniform, kBf16, seed);
}

/// Makes FP8 of an operand: codes stay in `x`, scales are returned, the value is what both stand
/// for. Neighbouring blocks differ by powers of two, so that a scale of the wrong one shows.
inline Matrix quantize_operand(Matrix& x, reference::Block block, std::vector<float>& scales) {
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t j = 0; j < x.columns; ++j) {
      x(i, j) = std::ldexp(x(i, j), static_cast<int>((i / block.rows + j / block.columns) % 4));
    }
  }
  const reference::Quantized q = reference::quantize(x, block, reference::ScaleKind::kPowerOfTwo);
  scales = floats(q.scales);
  x = q.codes;
  return reference::dequantize(q);
}

inline int padded(int count, int to) { return (count + to - 1) / to * to; }

inline Product dense(Dtype dtype, int m, int n, int k) {
  Product p{.dtype = dtype, .m = m, .n = n, .k = k};
  p.a = random_matrix(m, k, 1);
  p.b = random_matrix(n, k, 2);
  Matrix a = p.a;
  Matrix b = p.b;
  if (dtype == Dtype::kFp8) {
    a = quantize_operand(p.a, reference::kActivationBlock, p.a_scales);
    b = quantize_operand(p.b, reference::kWeightBlock, p.b_scales);
  }
  p.want = reference::gemm(a, b);
  p.written.assign(size_of(m), 1);
  p.terms = k;
  return p;
}

/// The weights of all experts: [experts * n, k], each expert quantised by itself.
inline Matrix expert_weights(Product& p) {
  p.b = random_matrix(p.groups * p.n, p.k, 2);
  if (p.dtype == Dtype::kBf16) return p.b;
  Matrix all = zeros(p.b.rows, p.k);
  std::vector<float> scales;
  for (int e = 0; e < p.groups; ++e) {
    Matrix codes = random_matrix(p.n, p.k, static_cast<std::uint64_t>(e) + 2);
    // Scales of one expert are wrong for another.
    for (double& value : codes.values) value = std::ldexp(value, e);
    std::vector<float> of_expert;
    const Matrix value = quantize_operand(codes, reference::kWeightBlock, of_expert);
    scales.insert(scales.end(), of_expert.begin(), of_expert.end());
    for (int i = 0; i < p.n; ++i) {
      for (int j = 0; j < p.k; ++j) {
        p.b(e * p.n + i, j) = codes(i, j);
        all(e * p.n + i, j) = value(i, j);
      }
    }
  }
  p.b_scales = scales;
  return all;
}

/// Experts' rows in blocks of 128, and `idle` blocks of nothing but padding behind them.
inline Product contiguous(Dtype dtype, const std::vector<int>& counts, int n, int k, int idle = 0) {
  Product p{.kind = GemmKind::kContiguous, .dtype = dtype, .n = n, .k = k};
  p.groups = static_cast<int>(counts.size());
  p.index.clear();
  for (std::size_t e = 0; e < counts.size(); ++e) {
    p.index.insert(p.index.end(), size_of(counts[e]), static_cast<int>(e));
    p.index.resize(size_of(padded(static_cast<int>(p.index.size()), 128)), -1);
  }
  p.index.resize(p.index.size() + size_of(idle * 128), -1);
  p.m = static_cast<int>(p.index.size());
  p.a = random_matrix(p.m, k, 1);
  for (int i = 0; i < p.m; ++i) {
    for (int j = 0; p.index[size_of(i)] < 0 && j < k; ++j) p.a(i, j) = 0;
  }
  const Matrix weights = expert_weights(p);
  const Matrix a =
      dtype == Dtype::kFp8 ? quantize_operand(p.a, reference::kActivationBlock, p.a_scales) : p.a;
  p.want = reference::grouped_gemm_contiguous(a, weights, p.groups, p.index);
  p.written.assign(size_of(p.m), 1);
  p.terms = k;
  return p;
}

/// `capacity` rows an expert, of which counts[e] matter; the others are NaN.
inline Product masked(Dtype dtype, const std::vector<int>& counts, int capacity, int n, int k) {
  Product p{.kind = GemmKind::kMasked, .dtype = dtype, .m = capacity, .n = n, .k = k};
  p.groups = static_cast<int>(counts.size());
  p.index = counts;
  p.a = random_matrix(p.groups * capacity, k, 1);
  const Matrix weights = expert_weights(p);
  const Matrix a =
      dtype == Dtype::kFp8 ? quantize_operand(p.a, reference::kActivationBlock, p.a_scales) : p.a;
  p.want = reference::grouped_gemm_masked(a, weights,
                                          std::vector<std::int64_t>(counts.begin(), counts.end()));
  p.before = zeros(p.groups * capacity, n);
  for (double& value : p.before.values) value = kUntouched;
  for (int i = 0; i < p.groups * capacity; ++i) {
    p.written.push_back(i % capacity < counts[size_of(i / capacity)]);
    for (int j = 0; p.written.back() == 0 && j < k; ++j) p.a(i, j) = std::nan("");
  }
  p.terms = k;
  return p;
}

/// Gradients of groups whose rows are padded with zeros to `step`: c[groups, m, n] += a^T b.
inline Product weight_gradient(Dtype dtype, const std::vector<int>& counts, int m, int n,
                               int step) {
  Product p{.kind = GemmKind::kKGrouped, .dtype = dtype, .m = m, .n = n};
  p.groups = static_cast<int>(counts.size());
  for (const int count : counts) p.index.push_back(p.index.back() + padded(count, step));
  p.k = p.index.back();
  p.a = random_matrix(p.k, m, 1);
  p.b = random_matrix(p.k, n, 2);
  for (std::size_t e = 0; e < counts.size(); ++e) {
    for (int row = p.index[e] + counts[e]; row < p.index[e + 1]; ++row) {
      for (int j = 0; j < m; ++j) p.a(row, j) = 0;
      for (int j = 0; j < n; ++j) p.b(row, j) = 0;
    }
  }
  Matrix a = p.a;
  Matrix b = p.b;
  if (dtype == Dtype::kFp8) {
    p.a = transposed(p.a);
    p.b = transposed(p.b);
    a = transposed(quantize_operand(p.a, reference::kActivationBlock, p.a_scales));
    b = transposed(quantize_operand(p.b, reference::kActivationBlock, p.b_scales));
  }
  p.before = random_matrix(p.groups * m, n, 3);
  p.want = reference::grouped_weight_gradient(
      p.before, a, b, std::vector<std::int64_t>(p.index.begin(), p.index.end()));
  p.written.assign(size_of(p.groups * m), 1);
  p.terms = p.k + 1;
  return p;
}

/// What differs from the reference by more than the tolerance, or nothing.
inline std::string compare(const Product& p, const std::vector<double>& got, const Format& format) {
  for (std::int64_t i = 0; i < p.want.value.rows; ++i) {
    for (std::int64_t j = 0; j < p.n; ++j) {
      const double value = got[size_of(i * p.n + j)];
      const bool due = p.written[size_of(i)] != 0;
      const double want = due ? p.want.value(i, j) : p.before(i, j);
      const double size = p.want.magnitude(i, j);
      double tolerance = 0;
      if (due) {
        const double lost = p.accumulator_bits > 0 ? p.loss(i, j) : 0;
        tolerance = p.dtype == Dtype::kFp8 ? tolerance::fp8_gemm(want, size, lost, p.terms, format)
                                           : tolerance::gemm(want, size, p.terms, format);
      }
      if (!(std::abs(value - want) <= tolerance)) {
        return "c[" + std::to_string(i) + ", " + std::to_string(j) + "] is " +
               std::to_string(value) + ", not " + std::to_string(want) + " +- " +
               std::to_string(tolerance);
      }
    }
  }
  return "";
}

/// One launch of `launcher(gpu, call)`: what the model has against it, or what is wrong with c.
template <typename Element, typename Out, typename Launcher>
std::string run_product(const Product& p, std::uint64_t seed, const Launcher& launcher) {
  ModelOptions options = seeded(seed);
  options.fp8_accumulator_bits = p.accumulator_bits;
  Gpu gpu(options);
  const Buffer<Element> a(gpu, encoded<Element>(p.a), "a");
  const Buffer<Element> b(gpu, encoded<Element>(p.b), "b");
  const Buffer<float> a_scales(gpu, p.a_scales, "a_scales");
  const Buffer<float> b_scales(gpu, p.b_scales, "b_scales");
  const Buffer<int> index(gpu, p.index, "index");
  Buffer<Out> c(gpu, p.want.value.values.size(), "c");
  if (!p.before.values.empty()) c.upload(encoded<Out>(p.before));
  const LaunchReport report = launcher(gpu, GemmCall{.kind = p.kind,
                                                     .m = p.m,
                                                     .n = p.n,
                                                     .k = p.k,
                                                     .groups = p.groups,
                                                     .a = a.data(),
                                                     .b = b.data(),
                                                     .c = c.data(),
                                                     .index = index.data(),
                                                     .a_scales = a_scales.data(),
                                                     .b_scales = b_scales.data()});
  if (!report.ok()) return report.failure;
  std::vector<double> got;
  for (const Out value : c.download()) {
    if constexpr (std::is_same_v<Out, float>) {
      got.push_back(static_cast<double>(value));
    } else {
      got.push_back(bf16_value(value.bits));
    }
  }
  return compare(p, got, std::is_same_v<Out, float> ? kFp32 : kBf16);
}

/// A plan for tests: few stages and blocks, so that the ring wraps and blocks take several tiles.
struct Ring {
  int stages;
  u32 blocks;
  int panel = 1;
};
inline GemmPlan plan_sm90(int tile_m, int tile_n, const Ring& ring, int scales = 0) {
  GemmPlan plan{};
  plan.tile_m = tile_m;
  plan.tile_n = tile_n;
  plan.stages = ring.stages;
  plan.panel = ring.panel;
  plan.grid = ring.blocks;
  plan.shared_bytes = sm90_shared_bytes(tile_m, tile_n, ring.stages, scales);
  return plan;
}

}  // namespace windtunnel::device
