#include "bench/cases/cases.h"

#include <array>
#include <utility>

namespace windtunnel::bench {
namespace {

constexpr KernelShape rows(Operation operation, Dtype dtype, std::int64_t m, std::int64_t n) {
  return {.operation = operation, .dtype = dtype, .m = m, .n = n, .k = 0, .groups = 1};
}

constexpr KernelShape product(Operation operation, Dtype dtype, std::int64_t m, std::int64_t n,
                              std::int64_t k, std::int64_t groups = 1) {
  return {.operation = operation, .dtype = dtype, .m = m, .n = n, .k = k, .groups = groups};
}

constexpr KernelShape product(std::int64_t m, std::int64_t n, std::int64_t k) {
  return product(Operation::kGemm, Dtype::kBf16, m, n, k);
}

constexpr std::array kProducts = {product(4096, 4096, 7168), product(4096, 7168, 2048),
                                  product(4096, 7168, 16384), product(8192, 8192, 8192)};

Case ours(const KernelShape& shape, const KernelShape& tiny, Data data = Data::kUniform) {
  return {.shape = shape, .tiny = tiny, .implementation = "windtunnel", .data = data};
}

/// Shapes are those of DeepSeek-V3 (hidden 7168, experts of 2048, 32768 routed rows a rank at EP64)
/// and VL2-Base (hidden 2560); a tiny one has ragged rows and more than one step of a loop.
std::vector<Case> row_cases() {
  using enum Operation;
  constexpr Dtype kBf = Dtype::kBf16;
  const KernelShape tiny_rows = rows(kRmsNorm, kBf, 5, 264);
  return {
      ours(rows(kCopy, kBf, 32768, 7168), rows(kCopy, kBf, 5, 264)),
      ours(rows(kRmsNorm, kBf, 4096, 7168), tiny_rows),
      ours(rows(kRmsNorm, kBf, 4096, 7168), tiny_rows, Data::kZeros),
      ours(rows(kRmsNorm, kBf, 4096, 2560), tiny_rows),
      ours(rows(kCast, kBf, 4096, 7168), rows(kCast, kBf, 3, 264)),
      ours(rows(kCast, kBf, 32768, 7168), rows(kCast, kBf, 3, 264)),
      ours(rows(kRmsNormBackward, kBf, 4096, 7168), rows(kRmsNormBackward, kBf, 5, 264)),
      ours(rows(kCastBack, Dtype::kFp8, 4096, 7168), rows(kCastBack, Dtype::kFp8, 3, 272)),
      ours(rows(kCastTranspose, kBf, 4096, 7168), rows(kCastTranspose, kBf, 144, 72)),
      ours(rows(kRope, kBf, 4096, 8192), rows(kRope, kBf, 5, 192)),
      ours(rows(kEmbedding, kBf, 4096, 7168), rows(kEmbedding, kBf, 7, 40)),
      ours(rows(kEmbeddingGradient, kBf, 4096, 7168), rows(kEmbeddingGradient, kBf, 7, 42)),
      ours(rows(kAdam, Dtype::kFp32, 1 << 26, 0), rows(kAdam, Dtype::kFp32, 77, 0)),
      ours(rows(kExpertMapping, Dtype::kFp32, 32768, 0),
           rows(kExpertMapping, Dtype::kFp32, 300, 0)),
      ours(rows(kSwiglu, kBf, 32768, 2048), rows(kSwiglu, kBf, 5, 136)),
      ours(rows(kSwiglu, Dtype::kFp8, 32768, 2048), rows(kSwiglu, Dtype::kFp8, 5, 136)),
      ours(rows(kSwigluBackward, kBf, 32768, 2048), rows(kSwigluBackward, kBf, 5, 136)),
      ours(rows(kSwigluRecomputeBackward, kBf, 32768, 2048),
           rows(kSwigluRecomputeBackward, kBf, 5, 136)),
      ours(rows(kRouterSelect, Dtype::kFp32, 4096, 256), rows(kRouterSelect, Dtype::kFp32, 9, 256)),
      ours(rows(kPermute, kBf, 32768, 7168), rows(kPermute, kBf, 37, 264)),
      ours(rows(kUnpermute, kBf, 32768, 7168), rows(kUnpermute, kBf, 37, 264)),
      ours(rows(kUnpermuteBackward, kBf, 32768, 7168), rows(kUnpermuteBackward, kBf, 37, 264)),
      ours(rows(kCrossEntropy, kBf, 4096, 129280), rows(kCrossEntropy, kBf, 3, 1032)),
  };
}

/// The projections of an MLA layer and the experts at 4096 tokens, as published figures have them.
std::vector<Case> product_cases() {
  using enum Operation;
  std::vector<Case> all;
  const auto add = [&](const KernelShape& shape, const KernelShape& tiny,
                       Data data = Data::kUniform) { all.push_back(ours(shape, tiny, data)); };
  for (const Data data : {Data::kUniform, Data::kZeros}) {
    for (const KernelShape& shape : kProducts) add(shape, product(136, 72, 200), data);
  }
  for (const auto& [n, k] :
       {std::pair{2112, 7168}, std::pair{24576, 1536}, std::pair{32768, 512}, std::pair{4096, 7168},
        std::pair{7168, 2048}, std::pair{7168, 16384}}) {
    add(product(kGemm, Dtype::kFp8, 4096, n, k), product(kGemm, Dtype::kFp8, 136, 72, 400));
  }
  for (const Dtype dtype : {Dtype::kBf16, Dtype::kFp8}) {
    const KernelShape tiny = product(kGroupedGemm, dtype, 256, 72, 272, 2);
    add(product(kGroupedGemm, dtype, 32768, 4096, 7168, 4), tiny);
    add(product(kGroupedGemm, dtype, 32768, 7168, 2048, 4), tiny);
    add(product(kWeightGradient, dtype, 4096, 7168, 16384),
        product(kWeightGradient, dtype, 256, 72, 136));
    add(product(kGroupedWeightGradient, dtype, 8192, 4096, 7168),
        product(kGroupedWeightGradient, dtype, 256, 72, 136));
  }
  for (const std::int64_t experts : {8, 4, 2}) {
    add(product(kMaskedGemm, Dtype::kFp8, 1024, 4096, 7168, experts),
        product(kMaskedGemm, Dtype::kFp8, 30, 72, 272, 3));
  }
  add(product(kMaskedGemm, Dtype::kBf16, 1024, 4096, 7168, 8),
      product(kMaskedGemm, Dtype::kBf16, 30, 72, 136, 3));
  return all;
}

/// One sequence of 4096 tokens: MLA of DeepSeek-V3, and of VL2's 32 and 16 heads; MHA of VL2-Tiny.
/// Tiny: ragged tiles of queries and keys, two heads.
std::vector<Case> attention_cases() {
  using enum Operation;
  std::vector<Case> all;
  const auto add = [&](Operation operation, std::int64_t qk, std::int64_t heads) {
    all.push_back(ours(product(operation, Dtype::kBf16, 4096, 128, qk, heads),
                       product(operation, Dtype::kBf16, 135, 128, qk, 2)));
  };
  for (const std::int64_t heads : {128, 32, 16}) add(kAttentionForward, 192, heads);
  add(kAttentionForward, 128, 10);
  add(kAttentionBackward, 192, 128);
  add(kAttentionBackward, 128, 10);
  for (const Operation operation : {kAttentionBackwardPre, kAttentionBackwardPost}) {
    add(operation, 192, 128);
    add(operation, 128, 10);
  }
  return all;
}

/// Published shapes: requests, new tokens of each, cached tokens, heads. Tiny: a page that is full
/// and one that isn't, and for one request so many that it is cut.
std::vector<Case> decode_cases() {
  using enum Operation;
  std::vector<Case> all;
  const auto add = [&](Dtype dtype, std::int64_t requests, std::int64_t queries,
                       std::int64_t cached, std::int64_t heads) {
    const bool one = requests == 1;
    all.push_back(ours(product(kAttentionDecode, dtype, requests, queries, cached, heads),
                       product(kAttentionDecode, dtype, one ? 1 : 3, queries, one ? 330 : 70, 16)));
  };
  for (const Dtype dtype : {Dtype::kBf16, Dtype::kFp8}) {
    add(dtype, 64, 1, 4096, 128);
    add(dtype, 128, 1, 4096, 128);
    add(dtype, 128, 1, 8192, 128);
    add(dtype, 128, 1, 4096, 16);
  }
  add(Dtype::kBf16, 1, 1, 32768, 128);
  add(Dtype::kBf16, 64, 2, 4096, 128);
  add(Dtype::kBf16, 128, 1, 4096, 32);
  // As many parts as a GPU of 132 SMs cuts 64 requests of 128 heads into.
  all.push_back(ours(product(kAttentionMerge, Dtype::kFp32, 64, 128, 2),
                     product(kAttentionMerge, Dtype::kFp32, 3, 6, 3)));
  return all;
}

/// Eight ranks of DeepSeek-V3's layer in one GPU, 4096 tokens each, top 8; 128 tokens for low
/// latency. Tiny: ragged rows, few tokens.
std::vector<Case> exchange_cases() {
  using enum Operation;
  std::vector<Case> all;
  const auto add = [&](Operation operation, Dtype dtype, std::int64_t tokens, std::int64_t ranks) {
    all.push_back(ours(product(operation, dtype, tokens, 7168, 8, 8),
                       product(operation, dtype, 9, 272, 3, ranks)));
  };
  all.push_back(ours(product(kDispatchLayout, Dtype::kFp32, 4096, 256, 8, 8),
                     product(kDispatchLayout, Dtype::kFp32, 70, 12, 3, 3)));
  for (const Dtype dtype : {Dtype::kFp8, Dtype::kBf16}) add(kLoopbackDispatch, dtype, 4096, 3);
  add(kLoopbackCombine, Dtype::kBf16, 4096, 3);
  add(kLoopbackTwoHopDispatch, Dtype::kFp8, 4096, 4);
  add(kLoopbackTwoHopCombine, Dtype::kBf16, 4096, 4);
  add(kLoopbackFastDispatch, Dtype::kFp8, 128, 2);
  add(kLoopbackFastCombine, Dtype::kBf16, 128, 2);
  return all;
}

}  // namespace

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = [] {
    std::vector<Case> all = row_cases();
    for (const std::vector<Case>& family :
         {product_cases(), attention_cases(), decode_cases(), exchange_cases()}) {
      all.insert(all.end(), family.begin(), family.end());
    }
    return all;
  }();
  return kCases;
}

std::vector<Case> yardsticks() {
  std::vector<Case> all;
  for (const Data data : {Data::kUniform, Data::kZeros}) {
    for (const KernelShape& shape : kProducts) {
      all.push_back({.shape = shape,
                     .tiny = product(128, 128, 64),
                     .implementation = "cublaslt",
                     .data = data});
    }
  }
  return all;
}

}  // namespace windtunnel::bench
