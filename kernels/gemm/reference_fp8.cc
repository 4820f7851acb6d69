#include <algorithm>
#include <cmath>

#include "kernels/gemm/reference.h"

namespace windtunnel::reference {
namespace {

constexpr std::int64_t kScaleBlock = 128;
constexpr std::int64_t kInstruction = 32;  // products that one FP8 wgmma adds to an accumulator
// Addends keep 13 bits below the leading one of the largest.
constexpr double kDropped = 0x1p-13;

/// Loss of one accumulator over codes k from `first`, before scales: 33 addends a step (products
/// and the accumulator, itself off by what was lost), each cut by at most kDropped of the largest.
double lost(const Quantized& a, const Quantized& b, std::int64_t i, std::int64_t j,
            std::int64_t first, std::int64_t last) {
  double sum = 0;
  double loss = 0;
  for (std::int64_t step = first; step < last; step += kInstruction) {
    double largest = std::abs(sum) + loss;
    double products = 0;
    for (std::int64_t k = step; k < std::min(step + kInstruction, last); ++k) {
      const double product = a.codes(i, k) * b.codes(j, k);
      largest = std::max(largest, std::abs(product));
      products += product;
    }
    sum += products;
    loss += static_cast<double>(kInstruction + 1) * kDropped * largest;
  }
  return loss;
}

}  // namespace

Matrix fp8_accumulation_loss(const Quantized& a, const Quantized& b) {
  const std::int64_t k = a.codes.columns;
  assert(a.block.columns == kScaleBlock && b.block.columns == kScaleBlock);
  Matrix loss = zeros(a.codes.rows, b.codes.rows);
  for (std::int64_t i = 0; i < loss.rows; ++i) {
    for (std::int64_t j = 0; j < loss.columns; ++j) {
      for (std::int64_t first = 0; first < k; first += kScaleBlock) {
        const double scale = a.scales(i / a.block.rows, first / kScaleBlock) *
                             b.scales(j / b.block.rows, first / kScaleBlock);
        loss(i, j) += scale * lost(a, b, i, j, first, std::min(first + kScaleBlock, k));
      }
    }
  }
  return loss;
}

}  // namespace windtunnel::reference
