// Buffers and launches as a host program sees them.
#include "kernels/device/model/launch.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/kernels/device/run_body.h"

namespace windtunnel::device {
namespace {

__global__ void scale(const float* x, float* y, float factor, TensorMap unused) {
  const u32 i = blockIdx.x * blockDim.x + threadIdx.x;
  st_global(y + i, factor * ld_global<float>(x + i));
  (void)unused;
}

TEST(Launch, RunsEveryThreadOfEveryCta) {
  Gpu gpu;
  const Buffer<float> x(gpu, std::vector<float>(96, 2), "x");
  const Buffer<float> y(gpu, 96, "y");
  const LaunchReport report = launch(gpu, &scale, {.kernel = "scale", .grid = {3}, .block = {32}},
                                     x.data(), y.data(), 1.5F, TensorMap{});
  EXPECT_EQ(report.failure, "");
  EXPECT_TRUE(report.ok());
  EXPECT_EQ(y.download(), std::vector<float>(96, 3));
}

TEST(Launch, KnowsIndicesOfThreeDimensions) {
  Gpu gpu;
  const Buffer<u32> seen(gpu, 48, "seen");
  const LaunchReport report =
      gpu.run({.kernel = "index", .grid = {1, 2, 3}, .block = {2, 2, 2}}, [&] {
        const u32 cta = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
        const u32 thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
        st_global(seen.data() + cta * 8 + thread, cta * 8 + thread);
      });
  EXPECT_EQ(report.failure, "");
  for (u32 i = 0; i < 48; ++i) EXPECT_EQ(seen.download()[i], i);
}

TEST(Launch, PoisonMakesABufferUndefined) {
  Gpu gpu;
  Buffer<float> x(gpu, std::vector<float>(4, 2), "x");
  const auto read = [&] { ld_global<float>(x.data()); };
  EXPECT_EQ(gpu.run(shape_of(1), read).failure, "");
  x.poison();
  EXPECT_EQ(gpu.run(shape_of(1), read).failure.substr(0, 9), "undefined");
}

std::string refusal(const LaunchShape& shape) {
  Gpu gpu;
  try {
    return gpu.run(shape, [] {}).failure;
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(Launch, RefusesShapesThatNoGpuTakes) {
  EXPECT_EQ(refusal(shape_of(1025)), "launch: a block has 1 to 1024 threads");
  EXPECT_EQ(refusal(shape_of(0)), "launch: a block has 1 to 1024 threads");
  EXPECT_EQ(refusal(shape_of(32, 0, 65536)), "launch: the model takes 1 to 65535 CTAs");
  EXPECT_EQ(refusal(shape_of(32, 232449)),
            "launch: a CTA has at most 232448 bytes of shared memory");
  LaunchShape shape = shape_of(32, 0, 3);
  shape.ranks = 2;
  EXPECT_EQ(refusal(shape), "launch: ranks must share the CTAs evenly");
}

}  // namespace
}  // namespace windtunnel::device
