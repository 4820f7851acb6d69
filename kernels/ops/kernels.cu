// Every kernel of the layer, compiled for the GPU. One file: nvcc reads the same headers for each.
#include "kernels/ops/adam.cuh"
#include "kernels/ops/embedding.cuh"
#include "kernels/ops/loss.cuh"
#include "kernels/ops/quantize.cuh"
#include "kernels/ops/quantize_transposed.cuh"
#include "kernels/ops/rms_norm.cuh"
#include "kernels/ops/rope.cuh"

namespace windtunnel::device {

template __global__ void rope<false>(RopeArguments);
template __global__ void rope<true>(RopeArguments);
template __global__ void embed<kEmbedThreads>(EmbedArguments);
template __global__ void embed_backward<kEmbedThreads>(EmbedBackwardArguments);
template __global__ void adam<256>(AdamArguments);

template __global__ void cross_entropy<LossKind::kLoss, 1024>(LossArguments);
template __global__ void cross_entropy<LossKind::kLossAndGradient, 1024>(LossArguments);
template __global__ void cross_entropy<LossKind::kPart, 1024>(LossArguments);
template __global__ void cross_entropy<LossKind::kGradient, 1024>(LossArguments);

template __global__ void quantize<Output::kExactScale>(QuantizeArguments);
template __global__ void quantize<Output::kPowerOfTwoScale>(QuantizeArguments);
template __global__ void quantize_transposed<Output::kExactScale>(QuantizeTransposedArguments);
template __global__ void quantize_transposed<Output::kPowerOfTwoScale>(QuantizeTransposedArguments);
template __global__ void dequantize<256>(DequantizeArguments);

template LaunchReport launch_rms_norm<Output::kBf16>(Gpu&, const RmsNormArguments&, int);
template LaunchReport launch_rms_norm<Output::kExactScale>(Gpu&, const RmsNormArguments&, int);
template LaunchReport launch_rms_norm<Output::kPowerOfTwoScale>(Gpu&, const RmsNormArguments&, int);
template __global__ void rms_norm_backward<kNormSteps>(RmsNormBackwardArguments, int, float);
template __global__ void sum_parts<8>(const float*, float*, int, int);

}  // namespace windtunnel::device
