// Vocabulary, model side: ldmatrix, stmatrix and mma.sync.
#pragma once

#include "kernels/device/model/where.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace model {

void load_matrix(u32* registers, u32 count, u32 row, bool transposed, Where where);
void store_matrix(const u32* registers, u32 count, u32 row, bool transposed, Where where);

}  // namespace model

/// Loads 1, 2 or 4 8x8 matrices of 16-bit elements; lane 8 i + r gives the address of row r of
/// matrix i (lanes beyond the matrices give any valid one).
template <int kCount>
void ldmatrix(u32 (&registers)[kCount], u32 row, model::Where where = {}) {
  static_assert(kCount == 1 || kCount == 2 || kCount == 4);
  model::load_matrix(registers, kCount, row, false, where);
}
template <int kCount>
void ldmatrix_trans(u32 (&registers)[kCount], u32 row, model::Where where = {}) {
  static_assert(kCount == 1 || kCount == 2 || kCount == 4);
  model::load_matrix(registers, kCount, row, true, where);
}
/// Stores them (sm_90).
template <int kCount>
void stmatrix(u32 row, const u32 (&registers)[kCount], model::Where where = {}) {
  static_assert(kCount == 1 || kCount == 2 || kCount == 4);
  model::store_matrix(registers, kCount, row, false, where);
}
template <int kCount>
void stmatrix_trans(u32 row, const u32 (&registers)[kCount], model::Where where = {}) {
  static_assert(kCount == 1 || kCount == 2 || kCount == 4);
  model::store_matrix(registers, kCount, row, true, where);
}

/// d[16, 8] += a[16, 16] b[16, 8], BF16 with FP32 sums; b by columns.
void mma_m16n8k16(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1, model::Where where = {});

}  // namespace windtunnel::device
