// A matrix product as the host asks for it, and what its kernels are given for that.
#pragma once

#include <cstdint>

#include "kernels/device/tensor_map.h"
#include "kernels/gemm/plan.h"
#include "kernels/gemm/ring_sm90.cuh"
#include "kernels/gemm/walk.cuh"

namespace windtunnel::device {

/// c = a b^T, row-major, in global memory of the GPU:
///   kDense       a[m, k] b[n, k] c[m, n]
///   kContiguous  a[m, k] b[groups, n, k] c[m, n], index: expert of each row, -1 padding [m]. Each
///                expert's rows begin at a multiple of 128; rows of padding are zeros, so is their
///                c
///   kMasked      a[groups, m, k] b[groups, n, k] c[groups, m, n], index: rows that count [groups];
///                other rows of c stay as they are
///   kKGrouped    c[groups, m, n] FP32 += a_g^T b_g, index: first rows [groups + 1], multiples of
///   64
///                (FP8: 128), padding zeros; BF16 a[k, m] b[k, n]; FP8, transposed, a[m, k] b[n, k]
/// FP8 has scales [rows, ceil(k / 128)] of a, [groups, ceil(n / 128), ceil(k / 128)] of b, or those
/// of a for both operands (kKGrouped). Rows are multiples of 16 bytes.
struct GemmCall {
  GemmKind kind;
  int m;
  int n;
  int k;
  int groups;
  const void* a;
  const void* b;
  void* c;
  const int* index;
  const float* a_scales;
  const float* b_scales;
};

inline GemmArguments arguments_of(const GemmCall& call, const GemmPlan& plan) {
  return {.kind = call.kind,
          .m = call.m,
          .n = call.n,
          .k = call.k,
          .groups = call.groups,
          .panel = plan.panel,
          .stages = plan.stages,
          .index = call.index,
          .c = call.c,
          .a_scales = call.a_scales,
          .b_scales = call.b_scales};
}

/// [groups][rows][columns] in boxes of one matrix.
inline TensorMap stack_map(const void* base, Element element, int groups, int rows, int columns,
                           u32 box_rows, u32 box_columns, Swizzle swizzle) {
  const u64 pitch = static_cast<u64>(columns) * element_bytes(element);
  return make_tensor_map(
      {.base = base,
       .element = element,
       .rank = 3,
       .extents = {static_cast<u64>(columns), static_cast<u64>(rows), static_cast<u64>(groups), 1,
                   1},
       .strides = {element_bytes(element), pitch, pitch * static_cast<u64>(rows), 0, 0},
       .box = {box_columns, box_rows, 1, 1, 1},
       .swizzle = swizzle});
}

/// Boxes of a tile's rows by 128 bytes of k, or of 64 rows along k by 64 columns.
inline TensorMap operand_map(const void* base, Element element, int groups, int rows, int k,
                             u32 tile, Major major) {
  const u32 across = kStageRow / element_bytes(element);
  if (major == Major::kK) {
    return stack_map(base, element, groups, rows, k, tile, across, Swizzle::k128);
  }
  return stack_map(base, element, groups, k, rows, 64, across, Swizzle::k128);
}
inline TensorMap a_map(const GemmCall& call, Element element, u32 tile_m, Major major) {
  return operand_map(call.a, element, call.kind == GemmKind::kMasked ? call.groups : 1, call.m,
                     call.k, tile_m, major);
}
inline TensorMap b_map(const GemmCall& call, Element element, u32 tile_n, Major major) {
  const bool one = call.kind == GemmKind::kDense || call.kind == GemmKind::kKGrouped;
  return operand_map(call.b, element, one ? 1 : call.groups, call.n, call.k, tile_n, major);
}
/// Boxes of a warpgroup's slice.
template <typename Out>
TensorMap c_map(const GemmCall& call, int tile_n) {
  constexpr Element kElement = sizeof(Out) == 2 ? Element::kBf16 : Element::kF32;
  const bool one = call.kind == GemmKind::kDense || call.kind == GemmKind::kContiguous;
  const int columns = slice_columns<Out>(tile_n);
  return stack_map(call.c, kElement, one ? 1 : call.groups, call.m, call.n, kBlockRows,
                   static_cast<u32>(columns),
                   slice_swizzle(columns * static_cast<int>(sizeof(Out))));
}

}  // namespace windtunnel::device
