#include "simulator/hardware/gpu.h"

#include <gtest/gtest.h>

#include "tests/hardware/shipped.h"

namespace windtunnel {
namespace {

TEST(Gpu, IsFoundByItsIdInAnyCase) {
  const std::vector<Gpu>& gpus = shipped().gpus;
  ASSERT_NE(find_gpu(gpus, "H800"), nullptr);
  EXPECT_EQ(find_gpu(gpus, "H800")->id, "h800");
  EXPECT_EQ(find_gpu(gpus, "h80"), nullptr);
}

TEST(Gpu, SiblingsDifferInNothingThatASingleGpuKernelFeels) {
  std::size_t pairs = 0;
  for (const Gpu& gpu : shipped().gpus) {
    for (const Sibling& sibling : gpu.siblings) {
      const Gpu* other = find_gpu(shipped().gpus, sibling.id);
      ASSERT_NE(other, nullptr) << sibling.id;
      ++pairs;
      EXPECT_EQ(gpu.sms, other->sms);
      EXPECT_EQ(gpu.bf16_peak, other->bf16_peak);
      EXPECT_EQ(gpu.fp8_peak, other->fp8_peak);
      if (sibling.differs.find("memory") == std::string::npos) {
        EXPECT_EQ(gpu.memory_rate, other->memory_rate);
      }
      EXPECT_NE(gpu.nvlink, other->nvlink);
    }
  }
  EXPECT_EQ(pairs, 5U);  // H100 and H800, A100 and A800, both ways; A100 behind PCIe, one way
}

}  // namespace
}  // namespace windtunnel
