#include "bench/harness/case.h"

#include <gtest/gtest.h>

#include "tests/bench/invented.h"

namespace windtunnel::bench {
namespace {

TEST(Case, IsNamedByKernelShapeAndData) {
  const Case item{.shape = rows_shape(Operation::kRmsNorm, Dtype::kBf16, 4096, 7168),
                  .tiny = rows_shape(Operation::kRmsNorm, Dtype::kBf16, 1, 8),
                  .implementation = "windtunnel",
                  .data = Data::kZeros};
  EXPECT_EQ(kernel_name(item), "rms_norm/bf16/windtunnel");
  EXPECT_EQ(shape_text(item.shape), "m=4096 n=7168");
  EXPECT_EQ(case_name(item), "rms_norm/bf16/windtunnel/m:4096/n:7168/data:zeros");
}

TEST(Case, TheFloorIsTheLongerOfArithmeticAndTraffic) {
  const Roof roof{.bf16 = {1e15}, .fp8 = {2e15}, .memory = {4e12}};
  const KernelShape product = gemm_shape(8192, 8192, 8192);
  EXPECT_DOUBLE_EQ(floor_time(product, roof).value, 2.0 * 8192 * 8192 * 8192 / 1e15);
  const KernelShape copy = rows_shape(Operation::kCopy, Dtype::kBf16, 1000, 1000);
  EXPECT_DOUBLE_EQ(floor_time(copy, roof).value, 4e6 / 4e12);
}

}  // namespace
}  // namespace windtunnel::bench
