#include "simulator/hardware/kernel_text.h"

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

TEST(KernelText, ComesBack) {
  const KernelShape gemm{Operation::kGemm, Dtype::kFp8, 4096, 1536, 7168, 1};
  const KernelShape grouped{Operation::kGroupedGemm, Dtype::kBf16, 32768, 4096, 7168, 4};
  EXPECT_EQ(kernel_text(gemm), "gemm fp8 m=4096 n=1536 k=7168");
  EXPECT_EQ(kernel_text(grouped), "grouped_gemm bf16 m=32768 n=4096 k=7168 groups=4");
  EXPECT_EQ(parse_kernel_text(kernel_text(gemm)), gemm);
  EXPECT_EQ(parse_kernel_text(kernel_text(grouped)), grouped);
}

TEST(KernelText, OtherNamesAreNoKernels) {
  for (const char* name :
       {"", "gemm", "gemm fp8", "gemm int4 m=1", "gemm fp8 m=0", "gemm fp8 m=1 x=2", "gemm fp8 n=4",
        "gemm fp8 m=1x", "gemm fp8 m=99999999999999999999", "ProfilerStep#0", "gemm fp8 m"}) {
    EXPECT_FALSE(parse_kernel_text(name)) << name;
  }
}

}  // namespace
}  // namespace windtunnel
