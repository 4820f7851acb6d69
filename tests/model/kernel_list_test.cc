#include "simulator/model/kernel_list.h"

#include <gtest/gtest.h>

#include "tests/model/layer_shapes.h"

namespace windtunnel {
namespace {

constexpr LayerShape kFp8Shape = plain_shape(256, 256, 1, Dtype::kFp8);
constexpr LayerShape kBf16Shape = plain_shape(256, 256, 1, Dtype::kBf16);

std::vector<KernelShape> kernels(KernelList& list) {
  std::vector<KernelShape> shapes;
  for (const LayerOp& op : list.take()) shapes.push_back(op.kernel);
  return shapes;
}

TEST(KernelList, ALinearLayerInFp8CastsTransposesItsScalesAndMultiplies) {
  KernelList list(kFp8Shape);
  list.linear(256, 512, 576, LinearInput::kBf16);
  // 576 channels have five scales of up to 128 channels.
  EXPECT_EQ(kernels(list),
            (std::vector<KernelShape>{{Operation::kCast, Dtype::kBf16, 256, 576, 0, 1},
                                      {Operation::kScaleTranspose, Dtype::kFp32, 256, 5, 0, 1},
                                      {Operation::kGemm, Dtype::kFp8, 256, 512, 576, 1}}));
}

TEST(KernelList, AQuantisedInputIsNotCastAgain) {
  KernelList list(kFp8Shape);
  list.linear(256, 512, 1024, LinearInput::kQuantised);
  EXPECT_EQ(kernels(list).front().operation, Operation::kScaleTranspose);
}

TEST(KernelList, TheDataGradientMultipliesByTheTransposedWeight) {
  KernelList list(kFp8Shape);
  list.linear_backward(256, 512, 1024);
  EXPECT_EQ(kernels(list),
            (std::vector<KernelShape>{{Operation::kTranspose, Dtype::kFp8, 512, 1024, 0, 1},
                                      {Operation::kCast, Dtype::kBf16, 256, 512, 0, 1},
                                      {Operation::kScaleTranspose, Dtype::kFp32, 256, 4, 0, 1},
                                      {Operation::kGemm, Dtype::kFp8, 256, 1024, 512, 1},
                                      {Operation::kCastTranspose, Dtype::kBf16, 256, 512, 0, 1},
                                      {Operation::kCastTranspose, Dtype::kBf16, 256, 1024, 0, 1}}));
}

TEST(KernelList, InBf16OnlyTheProductRemains) {
  KernelList list(kBf16Shape);
  list.linear(256, 512, 1024, LinearInput::kBf16);
  list.linear_backward(256, 512, 1024);
  EXPECT_EQ(kernels(list),
            (std::vector<KernelShape>{{Operation::kGemm, Dtype::kBf16, 256, 512, 1024, 1},
                                      {Operation::kGemm, Dtype::kBf16, 256, 1024, 512, 1}}));
}

TEST(KernelList, OpsCarryThePhaseThatBeganBeforeThem) {
  KernelList list(kFp8Shape);
  list.begin(Phase::kMlpBackward);
  list.small(8, 3);
  list.begin(Phase::kMlpWeight);
  list.weight_gradient(256, 512, 1024);
  const std::vector<LayerOp> ops = list.take();
  EXPECT_EQ(ops[0].phase, Phase::kMlpBackward);
  EXPECT_EQ(ops[0].launches, 3);
  EXPECT_EQ(ops[1].phase, Phase::kMlpWeight);
}

TEST(KernelList, NormsAreTheModels) {
  KernelList rms(kBf16Shape);
  rms.norm(256, 512);
  EXPECT_EQ(kernels(rms).front().operation, Operation::kRmsNorm);
  KernelList layer(kBf16Shape, Norm::kLayer);
  layer.norm(256, 512);
  layer.norm_backward(256, 512);
  const auto shapes = kernels(layer);
  EXPECT_EQ(shapes[0], (KernelShape{Operation::kLayerNorm, Dtype::kBf16, 256, 512, 0, 1}));
  EXPECT_EQ(shapes[1].operation, Operation::kLayerNormBackward);
}

TEST(KernelList, SeparatePassesAddEveryWeightGradient) {
  LayerShape shape = kBf16Shape;
  shape.implementation.separate_passes = true;
  KernelList list(shape);
  list.weight_gradient(256, 512, 1024);
  EXPECT_EQ(kernels(list),
            (std::vector<KernelShape>{{Operation::kWeightGradient, Dtype::kBf16, 256, 512, 1024, 1},
                                      {Operation::kAdd, Dtype::kBf16, 512, 1024, 0, 1}}));
}

}  // namespace
}  // namespace windtunnel
