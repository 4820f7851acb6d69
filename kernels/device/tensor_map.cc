#include "kernels/device/tensor_map.h"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace windtunnel::device {

namespace {

constexpr u32 kMostInBox = 256;

[[noreturn]] void refuse(const std::string& sentence) {
  throw std::invalid_argument("tensor map: " + sentence);
}

}  // namespace

void check(const TensorShape& shape) {
  const u32 element = element_bytes(shape.element);
  const u32 row = shape.box[0] * element;
  if (shape.rank < 2 || shape.rank > 5) refuse("rank must be 2 to 5");
  if (reinterpret_cast<std::uintptr_t>(shape.base) % 16 != 0) {
    refuse("the base must be aligned to 16 bytes");
  }
  for (u32 i = 0; i < shape.rank; ++i) {
    const std::string dimension = "dimension " + std::to_string(i);
    if (shape.extents[i] == 0) refuse(dimension + " is empty");
    if (shape.box[i] == 0 || shape.box[i] > kMostInBox) {
      refuse("the box must have 1 to 256 elements in " + dimension);
    }
    if (i > 0 && shape.strides[i] % 16 != 0) {
      refuse("the stride of " + dimension + " must be a multiple of 16 bytes");
    }
  }
  if (row % 16 != 0) refuse("a row of the box must be a multiple of 16 bytes");
  if (shape.swizzle != Swizzle::kNone && row > row_bytes(shape.swizzle)) {
    refuse("a row of the box must fit the swizzle's " + std::to_string(row_bytes(shape.swizzle)) +
           " bytes");
  }
}

}  // namespace windtunnel::device
