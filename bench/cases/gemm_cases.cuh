// Matrix products on a device, and a sample of their results against the reference.
#pragma once

#include "bench/cases/values.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/reference.h"
#include "kernels/gemm/tolerance.h"

namespace windtunnel::bench {

/// One operand: matrices of `matrix_rows` rows of `k` values along the sum, of FP8 with a scale for
/// each `scale_rows` x 128.
template <typename T>
struct Operand {
  std::vector<T> values;
  std::vector<float> scales = {0};
  std::int64_t k;
  std::int64_t matrix_rows;
  std::int64_t scale_rows;

  [[nodiscard]] std::int64_t scale_row(std::int64_t row) const {
    return row / matrix_rows * ((matrix_rows + scale_rows - 1) / scale_rows) +
           row % matrix_rows / scale_rows;
  }

  /// Rows as the reference takes them, with one row of scales each.
  [[nodiscard]] reference::Quantized rows(const std::vector<std::int64_t>& places) const {
    const std::int64_t blocks = (k + device::kScaleBlock - 1) / device::kScaleBlock;
    reference::Quantized out{
        zeros(std::ssize(places), k), zeros(std::ssize(places), blocks), {1, device::kScaleBlock}};
    for (std::int64_t i = 0; i < std::ssize(places); ++i) {
      const std::int64_t row = places[static_cast<std::size_t>(i)];
      for (std::int64_t j = 0; j < k; ++j) {
        out.codes(i, j) = real(values[static_cast<std::size_t>(row * k + j)]);
      }
      for (std::int64_t j = 0; j < blocks; ++j) {
        const auto at = static_cast<std::size_t>(scale_row(row) * blocks + j);
        out.scales(i, j) = sizeof(T) == 1 ? scales[at] : 1;
      }
    }
    return out;
  }
};

/// Scales differ from block to block by powers of two, so that a scale of the wrong one shows.
template <typename T>
Operand<T> operand(std::int64_t matrices, std::int64_t rows, std::int64_t k,
                   std::int64_t scale_rows, Data data, std::uint64_t seed) {
  Operand<T> out{.values = inputs<T>(matrices * rows * k, data, seed),
                 .k = k,
                 .matrix_rows = rows,
                 .scale_rows = scale_rows};
  if constexpr (sizeof(T) == 1) {
    out.scales.clear();
    const std::int64_t blocks = (k + device::kScaleBlock - 1) / device::kScaleBlock;
    for (std::int64_t i = 0; i <= out.scale_row(matrices * rows - 1); ++i) {
      for (std::int64_t j = 0; j < blocks; ++j) {
        out.scales.push_back(std::ldexp(1.0F, -static_cast<int>((i + j) % 4)));
      }
    }
  }
  return out;
}

/// A product's operands by rows along the sum. Row i of c is in `group` i / group_rows, whose rows
/// of b begin at group * n.
template <typename T>
struct Product {
  Operand<T> a;
  Operand<T> b;
  std::int64_t n;
  std::int64_t group_rows;
};

/// What differs of c, to which a weight gradient has added `before`.
template <typename T, typename Out>
std::string check_product(const Product<T>& product, const std::vector<Out>& c,
                          const std::vector<std::int64_t>& rows, double before) {
  const Format& format = sizeof(Out) == 4 ? kFp32 : kBf16;
  const std::vector<std::int64_t> columns = sampled_rows(product.n);
  for (const std::int64_t row : rows) {
    std::vector<std::int64_t> b_rows;
    for (const std::int64_t j : columns) {
      b_rows.push_back(row / product.group_rows * product.n + j);
    }
    const reference::Quantized a = product.a.rows({row});
    const reference::Quantized b = product.b.rows(b_rows);
    const Sum want = reference::gemm(reference::dequantize(a), reference::dequantize(b));
    const bool fp8 = sizeof(T) == 1;
    const Matrix loss = fp8 ? reference::fp8_accumulation_loss(a, b) : zeros(1, std::ssize(b_rows));
    const auto terms = static_cast<double>(product.a.k + (before != 0 ? 1 : 0));
    for (std::int64_t j = 0; j < std::ssize(b_rows); ++j) {
      const double value = want.value(0, j) + before;
      const double size = want.magnitude(0, j) + std::abs(before);
      const double allowed = fp8 ? tolerance::fp8_gemm(value, size, loss(0, j), terms, format)
                                 : tolerance::gemm(value, size, terms, format);
      const std::int64_t column = columns[static_cast<std::size_t>(j)];
      const double got = real(c[static_cast<std::size_t>(row * product.n + column)]);
      const std::string wrong = difference(row, column, got, value, allowed);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

/// `by_k` rows of `columns`, turned: what lies along the sum becomes rows.
template <typename T>
std::vector<T> turned(const std::vector<T>& values, std::int64_t by_k, std::int64_t columns) {
  std::vector<T> out(values.size());
  for (std::int64_t i = 0; i < by_k; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      out[static_cast<std::size_t>(j * by_k + i)] =
          values[static_cast<std::size_t>(i * columns + j)];
    }
  }
  return out;
}

template <typename T>
device::LaunchReport launch_product(device::Gpu& gpu, const device::GemmCall& call, int rows,
                                    int sms) {
  const Dtype dtype = sizeof(T) == 1 ? Dtype::kFp8 : Dtype::kBf16;
  const GemmPlan plan = plan_gemm(device::problem_of(call, dtype, rows),
                                  {Arch::kSm90a, sms, kH100Limits.shared_bytes});
  if constexpr (sizeof(T) == 1) {
    return device::gemm_fp8_on_sm90(gpu, plan, call);
  } else {
    return device::gemm_on_sm90(gpu, plan, call);
  }
}

/// The call on buffers of its own. `a_values` and `b_values` are the operands as they lie in
/// memory; c begins as `before` and is right where `checked`'s rows are. `group_rows` a group are
/// planned for (kMasked).
template <typename T, typename Out>
Prepared prepare_call(device::Gpu& gpu, device::GemmCall call, Product<T> host,
                      const std::vector<T>& a_values, const std::vector<T>& b_values,
                      const std::vector<int>& index, float before,
                      const std::vector<std::int64_t>& checked, int group_rows, int sms) {
  const auto a = upload(gpu, a_values, "a");
  const auto b = upload(gpu, b_values, "b");
  const auto a_scales = upload(gpu, host.a.scales, "a_scales");
  const auto b_scales = upload(gpu, host.b.scales, "b_scales");
  const auto places = upload(gpu, index, "index");
  const bool stacked = call.kind == GemmKind::kMasked;
  const auto c = output<Out>(gpu, std::int64_t{call.m} * (stacked ? call.groups : 1) * call.n, "c");
  call.a = a->data();
  call.b = b->data();
  call.c = c->data();
  call.index = places->data();
  call.a_scales = a_scales->data();
  call.b_scales = b_scales->data();
  const auto kept = std::make_shared<const Product<T>>(std::move(host));
  Prepared prepared;
  prepared.footprint =
      bytes_of(a, b) + bytes_of(a_scales, b_scales) + bytes_of(places) + bytes_of(c);
  prepared.poison = [=] {
    if constexpr (sizeof(Out) == 4) {
      c->upload(std::vector<Out>(c->size(), before));
    } else {
      c->poison();
    }
  };
  prepared.launch = [=, &gpu, keep = std::tuple(a, b, a_scales, b_scales, places)] {
    return launched(launch_product<T>(gpu, call, group_rows, sms));
  };
  prepared.check = [=] { return check_product(*kept, c->download(), checked, before); };
  return prepared;
}

/// c[m, n] = a[m, k] b[n, k], or the same with a b for each of `groups` experts, who have equally
/// many rows: a multiple of 128.
template <typename T>
Prepared prepare_gemm(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t groups = shape.groups;
  const std::int64_t weight_rows = sizeof(T) == 1 ? device::kScaleBlock : 1;
  Product<T> host{.a = operand<T>(1, shape.m, shape.k, 1, data, 20),
                  .b = operand<T>(groups, shape.n, shape.k, weight_rows, data, 21),
                  .n = shape.n,
                  .group_rows = shape.m / groups};
  std::vector<int> experts(static_cast<std::size_t>(shape.m));
  for (std::size_t i = 0; i < experts.size(); ++i) {
    experts[i] = static_cast<int>(static_cast<std::int64_t>(i) / host.group_rows);
  }
  device::GemmCall call{};
  call.kind = groups > 1 ? GemmKind::kContiguous : GemmKind::kDense;
  call.m = static_cast<int>(shape.m);
  call.n = static_cast<int>(shape.n);
  call.k = static_cast<int>(shape.k);
  call.groups = static_cast<int>(groups);
  const std::vector<T> a = host.a.values;
  const std::vector<T> b = host.b.values;
  return prepare_call<T, device::bf16>(gpu, call, std::move(host), a, b, experts, 0,
                                       sampled_rows(shape.m), 0, sms);
}

/// m rows over `groups` experts, equally many each, in blocks with room for twice as many: what
/// lies behind the rows that count is never read, and NaN.
template <typename T>
Prepared prepare_masked(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  const std::int64_t count = shape.m / shape.groups;
  const std::int64_t capacity = 2 * count;
  const std::int64_t weight_rows = sizeof(T) == 1 ? device::kScaleBlock : 1;
  Product<T> host{.a = operand<T>(shape.groups, capacity, shape.k, 1, data, 24),
                  .b = operand<T>(shape.groups, shape.n, shape.k, weight_rows, data, 25),
                  .n = shape.n,
                  .group_rows = capacity};
  std::vector<std::int64_t> checked;
  for (const std::int64_t row : sampled_rows(shape.m)) {
    checked.push_back(row / count * capacity + row % count);
  }
  std::vector<T> a = host.a.values;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (static_cast<std::int64_t>(i) / shape.k % capacity >= count) a[i] = not_a_number<T>();
  }
  device::GemmCall call{};
  call.kind = GemmKind::kMasked;
  call.m = static_cast<int>(capacity);
  call.n = static_cast<int>(shape.n);
  call.k = static_cast<int>(shape.k);
  call.groups = static_cast<int>(shape.groups);
  const std::vector<T> b = host.b.values;
  const std::vector<int> counts(static_cast<std::size_t>(shape.groups), static_cast<int>(count));
  return prepare_call<T, device::bf16>(gpu, call, std::move(host), a, b, counts, 0, checked,
                                       static_cast<int>(count), sms);
}

/// dw[n, k] += dy[m, n]^T x[m, k] in FP32, m a multiple of 64 (FP8: 128). FP8 operands are
/// transposed already.
template <typename T>
Prepared prepare_weight_gradient(device::Gpu& gpu, const KernelShape& shape, Data data, int sms) {
  constexpr float kBefore = 3.5F;
  Product<T> host{.a = operand<T>(1, shape.n, shape.m, 1, data, 22),
                  .b = operand<T>(1, shape.k, shape.m, 1, data, 23),
                  .n = shape.k,
                  .group_rows = shape.n};
  device::GemmCall call{};
  call.kind = GemmKind::kKGrouped;
  call.m = static_cast<int>(shape.n);
  call.n = static_cast<int>(shape.k);
  call.k = static_cast<int>(shape.m);
  call.groups = 1;
  const bool fp8 = sizeof(T) == 1;
  const std::vector<T> a = fp8 ? host.a.values : turned(host.a.values, shape.n, shape.m);
  const std::vector<T> b = fp8 ? host.b.values : turned(host.b.values, shape.k, shape.m);
  return prepare_call<T, float>(gpu, call, std::move(host), a, b, {0, call.k}, kBefore,
                                sampled_rows(shape.n), 0, sms);
}

}  // namespace windtunnel::bench
