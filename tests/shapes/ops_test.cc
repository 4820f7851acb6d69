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

TEST(Ops, DecodingReadsTheCacheOnceWhateverTheHeads) {
  // 128 requests, 4096 cached tokens, 128 heads: 2 * 128 * 128 * 4096 * 1088 = 146 GFLOP; 604 MB of
  // cache and 16384 rows of 2 * 1088 + 4 bytes.
  const KernelShape shape{Operation::kAttentionDecode, Dtype::kBf16, 128, 1, 4096, 128};
  EXPECT_EQ(work(shape).flops.value, 2.0 * 128 * 128 * 4096 * 1088);
  EXPECT_EQ(work(shape).bytes.value, 128.0 * 4096 * 1152 + 16384.0 * 2180);
  KernelShape fp8 = shape;
  fp8.dtype = Dtype::kFp8;
  EXPECT_EQ(work(shape).bytes.value - work(fp8).bytes.value, 128.0 * 4096 * (1152 - 656));
  // Of two new tokens the first doesn't see the second.
  KernelShape two = shape;
  two.n = 2;
  EXPECT_EQ(work(two).flops.value, 2.0 * 128 * 128 * (4096 + 4095) * 1088);
  // 3 parts of 4 * 513 bytes, one result of 1024 and a log sum.
  const KernelShape merge{Operation::kAttentionMerge, Dtype::kFp32, 5, 7, 3, 1};
  EXPECT_EQ(work(merge).bytes.value, 5 * 7 * (3 * 4 * 513 + 1028));
}

TEST(Ops, LoopbackMovesWhatTokensOfIndependentChoicesMove) {
  const auto bytes = [](Operation operation, Dtype dtype) {
    return work({operation, dtype, 3, 128, 2, 4}).bytes.value;
  };
  // Two choices of four ranks: 4 (1 - 9/16) = 1.75 of them, of two nodes 2 (1 - 1/4) = 1.5; twelve
  // tokens; rows of 256 bytes, in FP8 of 132.
  EXPECT_DOUBLE_EQ(bytes(Operation::kLoopbackDispatch, Dtype::kBf16), 12 * 2.75 * 256);
  EXPECT_DOUBLE_EQ(bytes(Operation::kLoopbackDispatch, Dtype::kFp8), 12 * 2.75 * 132);
  EXPECT_DOUBLE_EQ(bytes(Operation::kLoopbackCombine, Dtype::kBf16), 12 * 6.25 * 256);
  EXPECT_DOUBLE_EQ(bytes(Operation::kLoopbackTwoHopDispatch, Dtype::kFp8), 12 * 5.75 * 132);
  EXPECT_DOUBLE_EQ(bytes(Operation::kLoopbackTwoHopCombine, Dtype::kBf16), 12 * 9.25 * 256);
  EXPECT_DOUBLE_EQ(bytes(Operation::kLoopbackFastDispatch, Dtype::kFp8), 12 * (256 + 2 * 132));
  EXPECT_DOUBLE_EQ(bytes(Operation::kLoopbackFastCombine, Dtype::kBf16), 12 * 7 * 256);
  // Two choices in, four ranks and a node out, of three tokens.
  EXPECT_EQ(bytes(Operation::kDispatchLayout, Dtype::kFp32), 3 * 4 * 7);
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

TEST(Ops, UnfusedAttentionMovesEveryScore) {
  // 2 products of 4 x 8 x 16: 2 * 2 * 512 FLOPs; each has its own operands.
  const Work batched = work({Operation::kBatchedGemm, Dtype::kBf16, 4, 8, 16, 2});
  EXPECT_EQ(batched.flops.value, 2048);
  EXPECT_EQ(batched.bytes.value, 2 * 2 * (4 * 16 + 8 * 16 + 4 * 8));
  const auto bytes = [](Operation operation) {
    return work({operation, Dtype::kBf16, 10, 10, 0, 1}).bytes.value / 100;
  };
  EXPECT_EQ(bytes(Operation::kSoftmax), 3);          // half of the scores in, all out
  EXPECT_EQ(bytes(Operation::kSoftmaxBackward), 4);  // half of two in, all out
  EXPECT_EQ(bytes(Operation::kDropout), 5);          // in, out, a byte of mask
  EXPECT_EQ(bytes(Operation::kDropoutAdd), 7);       // and the residual
  EXPECT_EQ(bytes(Operation::kGelu), 4);
  EXPECT_EQ(bytes(Operation::kGeluBackward), 6);
  EXPECT_EQ(bytes(Operation::kLayerNorm), 4);
  EXPECT_EQ(bytes(Operation::kLayerNormBackward), 10);  // its input and gradient twice
  EXPECT_EQ(bytes(Operation::kBiasGradient), 2);
}

TEST(Ops, SeparatePassesMoveAnElementAgainAndAgain) {
  const KernelShape loss{Operation::kCrossEntropyPasses, Dtype::kBf16, 10, 10, 0, 1};
  EXPECT_EQ(work(loss).bytes.value, 100 * 52);
  KernelShape fused = loss;
  fused.operation = Operation::kCrossEntropy;
  EXPECT_EQ(work(fused).bytes.value, 100 * 4);
  EXPECT_EQ(work({Operation::kAdamPasses, Dtype::kFp32, 10, 0, 0, 1}).bytes.value, 10 * 60);
}

}  // namespace
}  // namespace windtunnel
