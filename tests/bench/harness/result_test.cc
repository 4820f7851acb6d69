#include "bench/harness/result.h"

#include <gtest/gtest.h>

namespace windtunnel::bench {
namespace {

TEST(GpuId, OnlyModulesWithAFileHaveOne) {
  EXPECT_EQ(gpu_id("NVIDIA H200"), "h200");
  EXPECT_EQ(gpu_id("NVIDIA H100 80GB HBM3"), "h100");
  EXPECT_EQ(gpu_id("NVIDIA A100-SXM4-80GB"), "a100");
  EXPECT_EQ(gpu_id("NVIDIA A800-SXM4-80GB"), "a800");
  EXPECT_EQ(gpu_id("NVIDIA H800"), "h800");
  for (const char* other : {"NVIDIA H100 PCIe", "NVIDIA GH200 480GB", "NVIDIA H200 NVL",
                            "NVIDIA A100-PCIE-40GB", "NVIDIA B200", ""}) {
    EXPECT_EQ(gpu_id(other), "") << other;
  }
}

}  // namespace
}  // namespace windtunnel::bench
