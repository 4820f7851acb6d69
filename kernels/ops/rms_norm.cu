// Every RMSNorm kernel, compiled for the GPU.
#include "kernels/ops/rms_norm.cuh"

namespace windtunnel::device {

template LaunchReport launch_rms_norm<Output::kBf16>(Gpu&, const RmsNormArguments&, int);
template LaunchReport launch_rms_norm<Output::kExactScale>(Gpu&, const RmsNormArguments&, int);
template LaunchReport launch_rms_norm<Output::kPowerOfTwoScale>(Gpu&, const RmsNormArguments&, int);
template __global__ void rms_norm_backward<kNormSteps>(RmsNormBackwardArguments, int, float);
template __global__ void sum_parts<8>(const float*, float*, int, int);

}  // namespace windtunnel::device
