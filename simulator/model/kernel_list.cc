#include "simulator/model/kernel_list.h"

namespace windtunnel {

void KernelList::add(const KernelShape& kernel, double launches, bool routed) {
  ops_.push_back({.phase = phase_, .kernel = kernel, .launches = launches, .routed = routed});
}

void KernelList::on_rows(Operation operation, std::int64_t rows, std::int64_t n) {
  add({operation, Dtype::kBf16, rows, n, 0, 1}, 1, false);
}

void KernelList::on_routed_rows(Operation operation, Dtype dtype, std::int64_t rows,
                                std::int64_t n) {
  add({operation, dtype, rows, n, 0, 1}, 1, true);
}

void KernelList::small(std::int64_t n, double launches) {
  add({Operation::kSmall, Dtype::kFp32, rows(), n, 0, 1}, launches, false);
}

void KernelList::norm(std::int64_t rows, std::int64_t n) {
  on_rows(norm_ == Norm::kLayer ? Operation::kLayerNorm : Operation::kRmsNorm, rows, n);
}

void KernelList::norm_backward(std::int64_t rows, std::int64_t n) {
  on_rows(norm_ == Norm::kLayer ? Operation::kLayerNormBackward : Operation::kRmsNormBackward, rows,
          n);
  small(n, 2);
}

void KernelList::residual(std::int64_t n) {
  on_rows(dropout() ? Operation::kDropoutAdd : Operation::kScale, own(), n);
}

void KernelList::residual_backward(std::int64_t n) {
  on_rows(dropout() ? Operation::kDropoutBackward : Operation::kScale, own(), n);
}

void KernelList::bias_gradient(std::int64_t rows, std::int64_t n) {
  on_rows(Operation::kBiasGradient, rows, n);
}

void KernelList::linear(std::int64_t rows, std::int64_t n, std::int64_t k, LinearInput input) {
  if (fp8()) {
    if (input == LinearInput::kBf16) on_rows(Operation::kCast, rows, k);
    add({Operation::kScaleTranspose, Dtype::kFp32, rows, scales_of(k), 0, 1}, 1, false);
  }
  add({Operation::kGemm, shape_.precision, rows, n, k, 1}, 1, false);
}

void KernelList::data_gradient(std::int64_t rows, std::int64_t n, std::int64_t k,
                               LinearInput input) {
  if (fp8()) add({Operation::kTranspose, Dtype::kFp8, n, k, 0, 1}, 1, false);
  linear(rows, k, n, input);
}

void KernelList::linear_backward(std::int64_t rows, std::int64_t n, std::int64_t k) {
  data_gradient(rows, n, k, LinearInput::kBf16);
  cast_transpose(rows, n, Dtype::kBf16);
  cast_transpose(rows, k, Dtype::kBf16);
}

void KernelList::cast_transpose(std::int64_t rows, std::int64_t n, Dtype from) {
  if (!fp8()) return;
  add({Operation::kCastTranspose, from, rows, n, 0, 1}, 1, false);
}

void KernelList::weight_gradient(std::int64_t rows, std::int64_t n, std::int64_t k) {
  add({Operation::kWeightGradient, shape_.precision, rows, n, k, 1}, 1, false);
  if (separate_passes()) on_rows(Operation::kAdd, n, k);
}

void KernelList::bf16_gemm(std::int64_t rows, std::int64_t n, std::int64_t k) {
  add({Operation::kGemm, Dtype::kBf16, rows, n, k, 1}, 1, false);
}

void KernelList::bf16_weight_gradient(std::int64_t rows, std::int64_t n, std::int64_t k) {
  add({Operation::kWeightGradient, Dtype::kBf16, rows, n, k, 1}, 1, false);
  if (separate_passes()) on_rows(Operation::kAdd, n, k);
}

}  // namespace windtunnel
