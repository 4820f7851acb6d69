// Every cross-entropy kernel, compiled for the GPU.
#include "kernels/ops/loss.cuh"

namespace windtunnel::device {

template __global__ void cross_entropy<LossKind::kLoss, 1024>(LossArguments);
template __global__ void cross_entropy<LossKind::kLossAndGradient, 1024>(LossArguments);
template __global__ void cross_entropy<LossKind::kPart, 1024>(LossArguments);
template __global__ void cross_entropy<LossKind::kGradient, 1024>(LossArguments);

}  // namespace windtunnel::device
