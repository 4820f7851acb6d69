#include "kernels/shapes/ops.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <unordered_set>

namespace windtunnel {
namespace {

constexpr int kOperationCount = static_cast<int>(Operation::kNotify) + 1;

TEST(Ops, EveryOperationHasItsOwnNameAndIsFoundByIt) {
  std::set<std::string> names;
  for (int i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    EXPECT_TRUE(names.emplace(operation_name(operation)).second) << operation_name(operation);
    EXPECT_EQ(find_operation(operation_name(operation)), operation);
  }
  EXPECT_EQ(find_operation("gem"), std::nullopt);
}

TEST(Ops, DtypesAreFoundByTheirNames) {
  for (const Dtype dtype : {Dtype::kBf16, Dtype::kFp8, Dtype::kFp32}) {
    EXPECT_EQ(find_dtype(dtype_name(dtype)), dtype);
  }
  EXPECT_EQ(find_dtype("fp64"), std::nullopt);
}

TEST(Ops, EveryKernelButBookkeepingAndTransfersHasWork) {
  for (int i = 0; i < kOperationCount; ++i) {
    const auto operation = static_cast<Operation>(i);
    if (operation == Operation::kSmall || operation == Operation::kNotify) continue;
    if (is_communication(operation) && operation != Operation::kDispatchCast) continue;
    const Work w = work({operation, Dtype::kBf16, 256, 128, 64, 2});
    EXPECT_GT(w.bytes.value, 0) << operation_name(operation);
  }
}

TEST(Ops, ProductsCountTwoFlopsAMultiplyAddAndEachOperandOnce) {
  // 2 * 4 * 8 * 16 = 1024 FLOPs; FP8: 4*16 + 8*16 bytes in, 4*8 BF16 out.
  const Work gemm = work({Operation::kGemm, Dtype::kFp8, 4, 8, 16, 1});
  EXPECT_EQ(gemm.flops.value, 1024);
  EXPECT_EQ(gemm.bytes.value, 64 + 128 + 64);
  // Three experts share the rows but have a weight each.
  const Work grouped = work({Operation::kGroupedGemm, Dtype::kFp8, 4, 8, 16, 3});
  EXPECT_EQ(grouped.flops.value, 1024);
  EXPECT_EQ(grouped.bytes.value, 64 + 3 * 128 + 64);
  // The weight gradient reads and writes 8 x 16 in FP32.
  const Work weight = work({Operation::kWeightGradient, Dtype::kFp8, 4, 8, 16, 1});
  EXPECT_EQ(weight.flops.value, 1024);
  EXPECT_EQ(weight.bytes.value, 4 * (8 + 16) + 2 * 4 * 8 * 16);
}

TEST(Ops, CausalAttentionIsHalfOfTheScoresAndItsBackwardTwoPointSixTimesThat) {
  // 128 heads, 4096 tokens, 192 wide queries and keys, 128 wide values: 128 * 4096^2 * 320 = 687 G.
  const KernelShape shape{Operation::kAttentionForward, Dtype::kBf16, 4096, 128, 192, 128};
  EXPECT_EQ(work(shape).flops.value, 128.0 * 4096 * 4096 * 320);
  KernelShape backward = shape;
  backward.operation = Operation::kAttentionBackward;
  // (3 * 192 + 2 * 128) / (192 + 128) = 2.6
  EXPECT_DOUBLE_EQ(work(backward).flops.value / work(shape).flops.value, 2.6);
}

TEST(Ops, RowKernelsMoveWhatTheirFormatsSay) {
  const auto bytes = [](Operation operation, Dtype dtype) {
    return work({operation, dtype, 10, 10, 0, 1}).bytes.value / 100;
  };
  EXPECT_EQ(bytes(Operation::kCast, Dtype::kBf16), 3);           // 2 in, 1 out
  EXPECT_EQ(bytes(Operation::kCastBack, Dtype::kFp8), 3);        // 1 in, 2 out
  EXPECT_EQ(bytes(Operation::kCastE5m6, Dtype::kBf16), 3.5);     // 12 bits out
  EXPECT_EQ(bytes(Operation::kCastTranspose, Dtype::kFp8), 2);   // 1 in, 1 out
  EXPECT_EQ(bytes(Operation::kCastTranspose, Dtype::kBf16), 3);  // 2 in, 1 out
  EXPECT_EQ(bytes(Operation::kAdd, Dtype::kBf16), 6);            // two in, one out
  EXPECT_EQ(bytes(Operation::kSwiglu, Dtype::kFp8), 5);          // gate and up in, FP8 out
  EXPECT_EQ(bytes(Operation::kSwiglu, Dtype::kBf16), 6);
  EXPECT_EQ(bytes(Operation::kSwigluBackward, Dtype::kBf16), 10);
}

TEST(Ops, ShapesThatDifferInOneNumberHashApart) {
  const KernelShape base{Operation::kGemm, Dtype::kFp8, 4096, 7168, 1536, 1};
  std::unordered_set<KernelShape> shapes = {base};
  for (std::int64_t KernelShape::*member :
       {&KernelShape::m, &KernelShape::n, &KernelShape::k, &KernelShape::groups}) {
    KernelShape other = base;
    other.*member += 1;
    EXPECT_TRUE(shapes.insert(other).second);
    EXPECT_NE(std::hash<KernelShape>{}(other), std::hash<KernelShape>{}(base));
  }
  EXPECT_FALSE(shapes.insert(base).second);
}

}  // namespace
}  // namespace windtunnel
