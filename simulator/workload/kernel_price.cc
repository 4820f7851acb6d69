#include "simulator/workload/kernel_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "simulator/hardware/gemm_price.h"
#include "simulator/hardware/shape_price.h"
#include "simulator/hardware/step_classes.h"

namespace windtunnel {
namespace {

/// Smaller products say how long a launch takes, not how fast it multiplies.
constexpr std::int64_t kSmallestTabled = 256;

bool is_dense_product(const KernelShape& kernel) {
  return (kernel.operation == Operation::kGemm || kernel.operation == Operation::kWeightGradient) &&
         kernel.dtype == Dtype::kBf16 &&
         std::min({kernel.m, kernel.n, kernel.k}) >= kSmallestTabled;
}

/// A BF16 product by the gemm tables; a weight gradient is the product of the two transposed.
Price product_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel) {
  return kernel.operation == Operation::kWeightGradient
             ? gemm_price(book.tables, gpu, "bfloat16", kernel.n, kernel.k, kernel.m)
             : gemm_price(book.tables, gpu, "bfloat16", kernel.m, kernel.n, kernel.k);
}

// What the gemm tables span.
constexpr std::int64_t kMostColumns = 65536;

/// A batched product as one product with the rows of all groups, y^T = w x^T, at the fraction of
/// its roof that the table has there: the tiles are the same, and each x is read once. Channels
/// that the tables do not have so few of take the fraction of the fewest.
Price batched_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel) {
  const KernelShape tabled{.operation = Operation::kGemm,
                           .dtype = Dtype::kBf16,
                           .m = kernel.n,
                           .n = std::clamp(kernel.groups * kernel.m, kSmallestTabled, kMostColumns),
                           .k = std::max(kernel.k, kSmallestTabled),
                           .groups = 1};
  const Price price = gemm_price(book.tables, gpu, "bfloat16", tabled.m, tabled.n, tabled.k);
  const double ratio = roof(kernel, gpu, gpu.sms).seconds() / roof(tabled, gpu, gpu.sms).seconds();
  const bool outside = price.provenance.outside_range || tabled.k != kernel.k ||
                       tabled.n != kernel.groups * kernel.m;
  Price batched = times(price, ratio);
  batched.provenance = Provenance(
      Basis::kEstimated,
      fmt::format("{}; {} products as one of m={} n={} k={}, x {:.3g} by their roofs",
                  price.provenance.source, kernel.groups, tabled.m, tabled.n, tabled.k, ratio),
      outside);
  return batched;
}

/// Heads and sequences whose product is `groups`, as the tables tell them apart: causal attention
/// takes as long for one as for the other.
struct HeadsAndBatch {
  double heads;
  double batch;
};

HeadsAndBatch heads_of(std::int64_t groups) {
  constexpr std::int64_t kMostHeads = 64;
  std::int64_t heads = std::min(groups, kMostHeads);
  while (groups % heads != 0) --heads;
  return {static_cast<double>(heads), static_cast<double>(groups / heads)};
}

/// Forward attention by the tables of prompts, where one has the widths of its heads.
std::optional<Price> attention_price(const PriceBook& book, const Gpu& gpu,
                                     const KernelShape& kernel) {
  if (kernel.operation != Operation::kAttentionForward || kernel.groups < 1) return std::nullopt;
  const HeadsAndBatch it = heads_of(kernel.groups);
  const auto length = static_cast<double>(kernel.m);
  const bool mla = kernel.k == 192 && kernel.n == 128;
  const bool plain = kernel.k == kernel.n;
  const std::string_view table = mla ? "mla_context" : "attention_context";
  const auto source = mla || plain ? find_source(book.tables, table, gpu) : std::nullopt;
  if (!source) return std::nullopt;
  const auto prices =
      mla ? shape_prices(book.tables, *source, {"bfloat16"}, {it.heads, it.batch, length})
          : shape_prices(book.tables, *source, {"bfloat16", fmt::format("{}", kernel.k)},
                         {it.batch, it.heads, it.heads, length});
  if (!prices) return std::nullopt;
  return prices->front();
}

/// The tables' answer where `in_step` is only that of its class.
std::optional<Price> tabled(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel,
                            int sms, const Price& in_step) {
  if (in_step.provenance.basis != Basis::kEstimated) return std::nullopt;
  const bool batched =
      kernel.operation == Operation::kBatchedGemm && find_source(book.tables, "gemm", gpu);
  const std::optional<Price> alone = batched ? std::optional(batched_price(book, gpu, kernel))
                                     : is_dense_product(kernel)
                                         ? std::optional(product_price(book, gpu, kernel))
                                         : attention_price(book, gpu, kernel);
  if (!alone) return std::nullopt;
  return moved(*alone, static_cast<double>(gpu.sms) / sms, Basis::kScaled,
               fmt::format("on {} of {} SMs", sms, gpu.sms));
}

}  // namespace

std::optional<Price> tabled_kernel_price(const PriceBook& book, const Gpu& gpu,
                                         const KernelShape& kernel, int sms) {
  return tabled(book, gpu, kernel, sms, step_price(book.step, gpu, kernel, sms));
}

Price kernel_price(const PriceBook& book, const Gpu& gpu, const KernelShape& kernel, int sms) {
  if (book.own) {
    if (const std::optional<Price> own = traced_price(*book.own, gpu, kernel, sms)) return *own;
  }
  const Price in_step = step_price(book.step, gpu, kernel, sms);
  return tabled(book, gpu, kernel, sms, in_step).value_or(in_step);
}

}  // namespace windtunnel
