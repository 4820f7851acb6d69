// Tensor maps: what TMA must know of a tensor in global memory and of the box it copies.
#pragma once

#include <array>

#include "kernels/device/layout.h"
#include "kernels/device/types.h"

#if defined(__CUDACC__)
#include <cuda.h>
#endif

namespace windtunnel::device {

enum class Element { kE4m3, kBf16, kF32 };

WT_HOST_DEVICE constexpr u32 element_bytes(Element element) {
  return element == Element::kE4m3 ? 1U : element == Element::kBf16 ? 2U : 4U;
}

/// A tensor of 2 to 5 dimensions, the fastest first. `strides` are bytes from one index of
/// dimension i to the next; strides[0] is the element and not read. Parts of a box outside the
/// tensor load as zero and are not stored.
struct TensorShape {
  const void* base;
  Element element;
  u32 rank;
  std::array<u64, 5> extents;
  std::array<u64, 5> strides;
  std::array<u32, 5> box;
  Swizzle swizzle;
};

#if defined(__CUDACC__)
using TensorMap = CUtensorMap;
#else
using TensorMap = TensorShape;
#endif

/// Throws std::invalid_argument with a sentence where the shape breaks a rule of
/// cuTensorMapEncodeTiled: base and strides aligned to 16 bytes, boxes of at most 256 per dimension
/// whose rows are a multiple of 16 bytes and no longer than the swizzle's.
void check(const TensorShape& shape);

/// The map to pass to a kernel as `const __grid_constant__ TensorMap`. Throws as check() does, and
/// std::runtime_error where the driver refuses.
#if defined(__CUDACC__)
TensorMap make_tensor_map(const TensorShape& shape);
#else
inline TensorMap make_tensor_map(const TensorShape& shape) {
  check(shape);
  return shape;
}
#endif

/// A row-major matrix [rows][columns] with `pitch` elements from row to row.
inline TensorShape matrix_shape(const void* base, Element element, u64 rows, u64 columns, u64 pitch,
                                u32 box_rows, u32 box_columns, Swizzle swizzle) {
  return {.base = base,
          .element = element,
          .rank = 2,
          .extents = {columns, rows, 1, 1, 1},
          .strides = {element_bytes(element), pitch * element_bytes(element), 0, 0, 0},
          .box = {box_columns, box_rows, 1, 1, 1},
          .swizzle = swizzle};
}

}  // namespace windtunnel::device
