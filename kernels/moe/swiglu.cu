// Every SwiGLU kernel, compiled for the GPU.
#include "kernels/moe/swiglu.cuh"

namespace windtunnel::device {

template __global__ void swiglu<Output::kBf16>(SwigluArguments);
template __global__ void swiglu<Output::kExactScale>(SwigluArguments);
template __global__ void swiglu<Output::kPowerOfTwoScale>(SwigluArguments);
template __global__ void swiglu_backward<Output::kBf16>(SwigluBackwardArguments);
template __global__ void swiglu_backward<Output::kExactScale>(SwigluBackwardArguments);
template __global__ void swiglu_backward<Output::kPowerOfTwoScale>(SwigluBackwardArguments);

}  // namespace windtunnel::device
