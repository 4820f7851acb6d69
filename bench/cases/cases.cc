#include "bench/cases/cases.h"

namespace windtunnel::bench {
namespace {

constexpr KernelShape rows(Operation operation, Dtype dtype, std::int64_t m, std::int64_t n) {
  return {.operation = operation, .dtype = dtype, .m = m, .n = n, .k = 0, .groups = 1};
}

constexpr KernelShape product(std::int64_t m, std::int64_t n, std::int64_t k) {
  return {
      .operation = Operation::kGemm, .dtype = Dtype::kBf16, .m = m, .n = n, .k = k, .groups = 1};
}

Case ours(const KernelShape& shape, const KernelShape& tiny, Data data = Data::kUniform) {
  return {.shape = shape, .tiny = tiny, .implementation = "windtunnel", .data = data};
}

/// Shapes are those of DeepSeek-V3 (hidden 7168, experts of 2048, 32768 routed rows a rank at EP64)
/// and VL2-Base (hidden 2560); a tiny one has ragged rows and more than one step of a loop.
std::vector<Case> make_cases() {
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
      ours(rows(kSwiglu, kBf, 32768, 2048), rows(kSwiglu, kBf, 5, 136)),
      ours(rows(kRouterSelect, Dtype::kFp32, 4096, 256), rows(kRouterSelect, Dtype::kFp32, 9, 256)),
      ours(rows(kPermute, kBf, 32768, 7168), rows(kPermute, kBf, 37, 264)),
      ours(rows(kUnpermute, kBf, 32768, 7168), rows(kUnpermute, kBf, 37, 264)),
      ours(rows(kCrossEntropy, kBf, 4096, 129280), rows(kCrossEntropy, kBf, 3, 1032)),
  };
}

}  // namespace

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = make_cases();
  return kCases;
}

std::vector<Case> yardsticks() {
  std::vector<Case> all;
  for (const Data data : {Data::kUniform, Data::kZeros}) {
    for (const KernelShape& shape : {product(4096, 4096, 7168), product(4096, 7168, 2048),
                                     product(4096, 7168, 16384), product(8192, 8192, 8192)}) {
      all.push_back({.shape = shape,
                     .tiny = product(128, 128, 64),
                     .implementation = "cublaslt",
                     .data = data});
    }
  }
  return all;
}

}  // namespace windtunnel::bench
