#include "simulator/hardware/step_price.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <stdexcept>

namespace windtunnel {
namespace {

constexpr const char* kFolder = "bench/measurements/h800/deepseek-profile-data";

const std::vector<Gpu>& gpus() {
  static const std::vector<Gpu> loaded = load_gpus("topologies/gpus");
  return loaded;
}

const StepMeasurements& step() {
  static const StepMeasurements loaded = load_step_measurements(kFolder, gpus());
  return loaded;
}

Price on(const char* gpu, const KernelShape& shape, int sms) {
  return step_price(step(), *find_gpu(gpus(), gpu), shape, sms);
}

double microseconds(const Price& price) { return price.time.value * 1e6; }

KernelShape gemm(std::int64_t m, std::int64_t n, std::int64_t k) {
  return {Operation::kGemm, Dtype::kFp8, m, n, k, 1};
}
constexpr KernelShape kAttention{Operation::kAttentionForward, Dtype::kBf16, 4096, 128, 192, 128};
constexpr KernelShape kBackward{Operation::kAttentionBackward, Dtype::kBf16, 4096, 128, 192, 128};
constexpr KernelShape kNorm{Operation::kRmsNorm, Dtype::kBf16, 4096, 7168, 0, 1};

TEST(StepPrice, ATracedKernelCostsTheMeanOfItsLaunches) {
  // The output projection took 895, 885, 893 and 930 us.
  const Price price = on("h800", gemm(4096, 7168, 16384), 112);
  EXPECT_EQ(price.provenance.basis, Basis::kMeasured);
  EXPECT_FALSE(price.provenance.outside_range);
  EXPECT_NEAR(microseconds(price), 900.75, 1e-6);
  // Their standard deviation is 19.98 us: 80 % lie within 1.2816 of it.
  EXPECT_NEAR(price.high.value * 1e6, 900.75 + 1.2816 * 19.98, 0.05);
}

TEST(StepPrice, RoutedRowsBetweenTheTracedOnesAreMeasuredAtOneRate) {
  const auto permute = [](std::int64_t rows) {
    return on("h800", {Operation::kPermute, Dtype::kFp8, rows, 7168, 0, 1}, 112);
  };
  EXPECT_EQ(permute(32768).provenance.basis, Basis::kMeasured);
  EXPECT_NEAR(permute(32768).time / permute(30000).time, 32768.0 / 30000, 1e-9);
  EXPECT_EQ(permute(60000).provenance.basis, Basis::kEstimated);
  EXPECT_TRUE(permute(60000).provenance.outside_range);
}

TEST(StepPrice, TwiceTheTokensTakeTwiceTheTimeBeyondALaunch) {
  const double once = microseconds(on("h800", gemm(4096, 7168, 16384), 112));
  const Price twice = on("h800", gemm(8192, 7168, 16384), 112);
  EXPECT_EQ(twice.provenance.basis, Basis::kEstimated);
  EXPECT_TRUE(twice.provenance.outside_range);
  // Compute-bound: the roof doubles exactly; a launch is about 3 us.
  EXPECT_NEAR(microseconds(twice), 2 * once - 3.3, 0.1);
  EXPECT_GT(twice.high / twice.time, 1.1);
}

TEST(StepPrice, UntracedProductsLieBetweenTheirNeighbours) {
  // 4096 x 8192 x 7168 between N = 4096 (259 us) and N = 16384 (927 us) at the same K.
  const Price price = on("h800", gemm(4096, 8192, 7168), 112);
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  EXPECT_NEAR(microseconds(price), (2 * 259 + 927.0 / 2) / 2, 30);
}

TEST(StepPrice, TheBackwardPassIsNeverPricedByForwardRates) {
  // Backward is 2.6 times the FLOPs and takes 3.05 times as long in the trace; at other widths too.
  EXPECT_NEAR(on("h800", kBackward, 112).time / on("h800", kAttention, 112).time, 3.05, 0.02);
  KernelShape forward = kAttention;
  KernelShape backward = kBackward;
  forward.k = backward.k = 128;
  // (3 * 128 + 2 * 128) / (2 * 128) = 2.5 of the FLOPs at the same two rates.
  const double ratio = on("h800", backward, 112).time / on("h800", forward, 112).time;
  EXPECT_NEAR(ratio, 2.5 / 2.6 * 3.05, 0.03);
}

TEST(StepPrice, ArithmeticGoesWithTheSmsAndTrafficDoesNot) {
  const auto ratio = [](const KernelShape& shape) {
    return on("h800", shape, 132).time / on("h800", shape, 112).time;
  };
  EXPECT_DOUBLE_EQ(ratio(kNorm), 1);
  EXPECT_EQ(on("h800", kNorm, 132).provenance.basis, Basis::kMeasured);
  // Weight gradients are all arithmetic, up to the launch; products have some traffic.
  EXPECT_NEAR(ratio({Operation::kWeightGradient, Dtype::kFp8, 4096, 7168, 16384, 1}), 112.0 / 132,
              0.001);
  EXPECT_GT(ratio(gemm(4096, 7168, 16384)), 112.0 / 132);
  EXPECT_LT(ratio(gemm(4096, 7168, 16384)), 0.9);
  // Attention's grid isn't cut to the free SMs.
  EXPECT_NEAR(ratio(kAttention), std::sqrt(112.0 / 132), 0.001);
}

TEST(StepPrice, AwayFromTheTracedSmsTheIntervalIsWider) {
  const Price at = on("h800", gemm(4096, 7168, 16384), 112);
  const Price away = on("h800", gemm(4096, 7168, 16384), 132);
  EXPECT_GT(away.high / away.low, at.high / at.low);
  EXPECT_EQ(away.provenance.basis, Basis::kScaled);
}

TEST(StepPrice, AnH100IsTheSameChipAndAnH200HasFasterMemory) {
  EXPECT_EQ(on("h100", kNorm, 112).provenance.basis, Basis::kScaled);
  EXPECT_DOUBLE_EQ(on("h100", kNorm, 112).time.value, on("h800", kNorm, 112).time.value);
  // 3.35 / 4.8 TB/s of the 112 us beyond a launch of 3.3.
  const double here = microseconds(on("h800", kNorm, 112));
  EXPECT_NEAR(microseconds(on("h200", kNorm, 112)), 3.31 + (here - 3.31) * 3.35 / 4.8, 0.05);
  EXPECT_DOUBLE_EQ(on("h200", kAttention, 112).time.value, on("h800", kAttention, 112).time.value);
}

TEST(StepPrice, AnA800ReachesTheClassFractionsOfItsOwnPeaks) {
  const Price price = on("a800", kAttention, 108);
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  // 555.6 of 839.5 TFLOPS (112 SMs) on H800, so the same share of 312.
  const double tflops = work(kAttention).flops.value / price.time.value / 1e12;
  EXPECT_NEAR(tflops, 555.6 / 839.5 * 312, 2);
}

TEST(StepPrice, RefusesFp8OnAnA100) {
  EXPECT_THROW(on("a100", gemm(4096, 4096, 4096), 108), std::invalid_argument);
}

TEST(StepPrice, RefusesTransfersAndSmsThatAreNotThere) {
  EXPECT_THROW(on("h800", {Operation::kCombine, Dtype::kBf16, 4096, 7168, 8, 64}, 112),
               std::invalid_argument);
  EXPECT_THROW(on("h800", kNorm, 133), std::invalid_argument);
}

TEST(StepPrice, LargeBf16ProductsTakeTheFractionsOfTheFp8Ones) {
  // The output head: the router's small products don't speak for it.
  const KernelShape head{Operation::kGemm, Dtype::kBf16, 4096, 129280, 7168, 1};
  const Price price = on("h800", head, 132);
  EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
  EXPECT_NE(price.provenance.source.find("gemm fp8"), std::string::npos);
  const double tflops = work(head).flops.value / price.time.value / 1e12;
  EXPECT_GT(tflops, 550);
  EXPECT_LT(tflops, 750);
}

TEST(StepPrice, UntracedRowKernelsReachWhatTheMemoryBoundOnesDo) {
  const Price price = on("h800", {Operation::kCrossEntropy, Dtype::kBf16, 4096, 129280, 0, 1}, 132);
  EXPECT_NE(price.provenance.source.find("memory-bound kernels"), std::string::npos);
  // 2.1 GB at about two thirds of 3.35 TB/s
  EXPECT_NEAR(microseconds(price), 2.118e9 / 3.35e12 / 0.66 * 1e6, 20);
}

RC_GTEST_PROP(StepPrice, IsPositiveWithinItsIntervalAndGrowsWithRows, ()) {
  const auto operation = *rc::gen::element(Operation::kGemm, Operation::kWeightGradient,
                                           Operation::kCast, Operation::kRmsNorm);
  const bool product = operation == Operation::kGemm || operation == Operation::kWeightGradient;
  const auto n = *rc::gen::element<std::int64_t>(512, 2048, 7168, 18432);
  const auto k = product ? *rc::gen::element<std::int64_t>(512, 7168, 16384) : 0;
  const auto m = *rc::gen::inRange<std::int64_t>(128, 65536);
  const Dtype dtype = product ? Dtype::kFp8 : Dtype::kBf16;
  const KernelShape shape{operation, dtype, m, n, k, 1};
  KernelShape larger = shape;
  larger.m = 2 * m;
  const Price price = on("h800", shape, 112);
  RC_ASSERT(price.time.value > 0);
  RC_ASSERT(price.low <= price.time);
  RC_ASSERT(price.time <= price.high);
  RC_ASSERT(price.time < on("h800", larger, 112).time);
}

TEST(TracedCommunication, IsTheMeanOfTheTransferWithoutItsBarrier) {
  const auto price = [](Operation operation, Dtype dtype) {
    return traced_communication_price(step(), *find_gpu(gpus(), "h800"),
                                      {operation, dtype, 4096, 7168, 8, 64});
  };
  // 4604, 4154, 4437, 4188
  EXPECT_NEAR(price(Operation::kDispatch, Dtype::kFp8)->time.value * 1e6, 4345.75, 1e-6);
  EXPECT_NEAR(price(Operation::kCachedDispatch, Dtype::kFp8)->time.value * 1e6, 3405.25, 1e-6);
  EXPECT_NEAR(price(Operation::kCombine, Dtype::kBf16)->time.value * 1e6, 6181, 1e-6);
  // Barriers took 753 us and more in the trace, all of it waiting but a little.
  const auto notify = price(Operation::kNotify, Dtype::kFp32);
  EXPECT_EQ(notify->provenance.basis, Basis::kEstimated);
  EXPECT_LT(notify->high.value, 100e-6);
}

TEST(TracedCommunication, KnowsNoOtherShapeOrGpu) {
  const KernelShape combine{Operation::kCombine, Dtype::kBf16, 4096, 7168, 8, 64};
  KernelShape other = combine;
  other.groups = 32;
  EXPECT_FALSE(traced_communication_price(step(), *find_gpu(gpus(), "h800"), other));
  EXPECT_FALSE(traced_communication_price(step(), *find_gpu(gpus(), "h100"), combine));
}

TEST(ClassRates, AreFractionsOfARoof) {
  ASSERT_FALSE(class_rates(step()).empty());
  for (const ClassRate& rate : class_rates(step())) {
    EXPECT_GT(rate.kernels, 0);
    EXPECT_LE(rate.fraction, 1) << operation_name(rate.operation);
    EXPECT_GT(rate.fraction, 0) << operation_name(rate.operation);
  }
}

// What no trace has is priced by what streams alike: LayerNorm by the RMS norm's class, with the
// wide interval of a borrowed fraction.
TEST(StepPrice, KernelsThatWereNotTracedStreamLikeThoseThatWere) {
  const auto same = [](Operation one, Operation other) {
    const KernelShape shape{one, Dtype::kBf16, 8192, 4096, 0, 1};
    KernelShape like = shape;
    like.operation = other;
    const Price price = on("a100", shape, 108);
    EXPECT_EQ(price.provenance.basis, Basis::kEstimated);
    return std::pair(price.time.value, on("a100", like, 108).time.value);
  };
  const auto norm = same(Operation::kLayerNorm, Operation::kRmsNorm);
  EXPECT_DOUBLE_EQ(norm.first, norm.second);
  const auto gelu = same(Operation::kGeluBackward, Operation::kSwigluBackward);
  EXPECT_LT(gelu.first, gelu.second);  // 6 of 10 bytes
  // A pure pass takes no less than its bytes.
  const Price dropout = on("a100", {Operation::kDropout, Dtype::kBf16, 8192, 4096, 0, 1}, 108);
  EXPECT_GT(dropout.time.value, 8192.0 * 4096 * 5 / 2.039e12);
}

}  // namespace
}  // namespace windtunnel
