#include "simulator/hardware/gemm_price.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

TEST(GemmPrice, ArgumentsAreMNK) {
  // The last rows of the table tell m, n and k apart: 1 x 256 x 512 takes 3.38 us.
  const Price price = gemm_price(shipped(), shipped_gpu("h100"), "bfloat16", 1, 256, 512);
  EXPECT_DOUBLE_EQ(price.time.value, 3.38e-6);
}

TEST(GemmPrice, TheOutputHeadRunsBelowThePeakAndAboveHalfOfIt) {
  for (const char* gpu : {"h800", "a100"}) {
    const Price price = gemm_price(shipped(), shipped_gpu(gpu), "bfloat16", 4096, 129280, 7168);
    const double flops = 2.0 * 4096 * 129280 * 7168;
    const double fraction = flops / price.time.value / shipped_gpu(gpu).bf16_peak.value;
    EXPECT_GT(fraction, 0.5) << gpu;
    EXPECT_LT(fraction, 1.0) << gpu;
    EXPECT_TRUE(price.provenance.outside_range);
  }
}

TEST(GemmPrice, Fp8OnAGpuWithoutItIsAnError) {
  EXPECT_THROW(gemm_price(shipped(), shipped_gpu("a100"), "fp8_block", 1, 256, 256),
               std::invalid_argument);
}

}  // namespace
}  // namespace windtunnel
