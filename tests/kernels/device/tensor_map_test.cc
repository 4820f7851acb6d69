// The rules of tensor maps.
#include "kernels/device/tensor_map.h"

#include <stdexcept>
#include <string>

#include "gtest/gtest.h"

namespace windtunnel::device {
namespace {

alignas(16) char memory[64];

TensorShape good() { return matrix_shape(memory, Element::kBf16, 8, 64, 64, 8, 64, Swizzle::k128); }

template <typename Change>
std::string refusal(Change change) {
  TensorShape shape = good();
  change(shape);
  try {
    check(shape);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(TensorMaps, SayWhichRuleIsBroken) {
  EXPECT_EQ(refusal([](TensorShape&) {}), "");
  EXPECT_EQ(refusal([](TensorShape& it) { it.rank = 1; }), "tensor map: rank must be 2 to 5");
  EXPECT_EQ(refusal([](TensorShape& it) { it.base = memory + 8; }),
            "tensor map: the base must be aligned to 16 bytes");
  EXPECT_EQ(refusal([](TensorShape& it) { it.extents[1] = 0; }),
            "tensor map: dimension 1 is empty");
  EXPECT_EQ(refusal([](TensorShape& it) { it.box[1] = 257; }),
            "tensor map: the box must have 1 to 256 elements in dimension 1");
  EXPECT_EQ(refusal([](TensorShape& it) { it.strides[1] = 24; }),
            "tensor map: the stride of dimension 1 must be a multiple of 16 bytes");
  EXPECT_EQ(refusal([](TensorShape& it) { it.box[0] = 4; }),
            "tensor map: a row of the box must be a multiple of 16 bytes");
  EXPECT_EQ(refusal([](TensorShape& it) { it.swizzle = Swizzle::k64; }),
            "tensor map: a row of the box must fit the swizzle's 64 bytes");
}

}  // namespace
}  // namespace windtunnel::device
