#include "simulator/hardware/step_classes.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/hardware/step_gpus.h"

namespace windtunnel {
namespace {

ClassPoint point(const KernelShape& shape, const RoofCost& cost, double launch) {
  const Roof it = roof(shape, traced_gpu(), 80);
  return {shape, it, launch + cost.seconds(it)};
}

TEST(Roof, ComputesAtTheSharesOfTheSmsAndMovesBytesAtTheFullRate) {
  // 1e12 FLOPs at 80 of 100 SMs of 1 PFLOPS; the weight dominates the bytes.
  const Roof it = roof({Operation::kGemm, Dtype::kFp8, 500, 1'000'000, 1000, 1}, traced_gpu(), 80);
  EXPECT_DOUBLE_EQ(it.compute, 1e12 / 0.8e15);
  EXPECT_DOUBLE_EQ(it.memory, (500e3 + 1e9 + 2 * 500e6) / 1e12);
  EXPECT_FALSE(it.compute_bound());
}

TEST(Roof, RefusesFp8OnAGpuWithoutIt) {
  EXPECT_THROW(roof({Operation::kGemm, Dtype::kFp8, 1, 1, 1, 1}, older_gpu(), 50),
               std::invalid_argument);
}

TEST(ClassStatistics, FindsTheTwoFractionsOfProductsWhoseTimesAddUp) {
  // Shapes from compute-bound to memory-bound, each exactly 1.25 x arithmetic + 2 x traffic.
  const RoofCost truth{1.25, 2};
  std::vector<ClassPoint> points;
  for (const std::int64_t k : {64, 256, 1024, 4096, 16384}) {
    points.push_back(point({Operation::kGemm, Dtype::kFp8, 4096, 4096, k, 1}, truth, 3e-6));
  }
  const ClassStatistics it = class_statistics(points, 3e-6);
  EXPECT_TRUE(it.additive);
  EXPECT_NEAR(it.spread, 0, 1e-9);
  const RoofCost found = class_cost(it, points.front().shape, 3e-6);
  EXPECT_NEAR(found.per_compute, 1.25, 1e-9);
  EXPECT_NEAR(found.per_memory, 2, 1e-9);
}

TEST(ClassStatistics, OfRowKernelsHaveOneFractionOfTheMemoryRate) {
  std::vector<ClassPoint> points;
  for (const std::int64_t n : {1024, 4096, 16384}) {
    points.push_back(point({Operation::kCast, Dtype::kBf16, 4096, n, 0, 1}, {0, 2.5}, 3e-6));
  }
  const ClassStatistics it = class_statistics(points, 3e-6);
  EXPECT_FALSE(it.additive);
  EXPECT_FALSE(it.compute_bound);
  EXPECT_NEAR(it.fraction, 0.4, 1e-9);
  EXPECT_NEAR(class_cost(it, points[0].shape, 3e-6).per_memory, 2.5, 1e-9);
  EXPECT_NEAR(it.spread, 0, 1e-9);
}

TEST(ClassStatistics, NearShapesCountMoreThanFarOnes) {
  std::vector<ClassPoint> points = {
      point({Operation::kCast, Dtype::kBf16, 4096, 512, 0, 1}, {0, 4}, 0),
      point({Operation::kCast, Dtype::kBf16, 4096, 32768, 0, 1}, {0, 2}, 0)};
  const ClassStatistics it = class_statistics(points, 0);
  const double near_small =
      class_cost(it, {Operation::kCast, Dtype::kBf16, 4096, 600, 0, 1}, 0).per_memory;
  const double near_large =
      class_cost(it, {Operation::kCast, Dtype::kBf16, 4096, 30000, 0, 1}, 0).per_memory;
  EXPECT_GT(near_small, 3.9);
  EXPECT_LT(near_large, 2.1);
  // From the other alone each is off by a factor 2: ln 2 in the errors.
  EXPECT_NEAR(it.spread, 0.693, 0.001);
}

}  // namespace
}  // namespace windtunnel
