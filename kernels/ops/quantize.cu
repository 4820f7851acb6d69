// Every quantisation kernel, compiled for the GPU.
#include "kernels/ops/quantize.cuh"
#include "kernels/ops/quantize_transposed.cuh"

namespace windtunnel::device {

template __global__ void quantize<Output::kExactScale>(QuantizeArguments);
template __global__ void quantize<Output::kPowerOfTwoScale>(QuantizeArguments);
template __global__ void quantize_transposed<Output::kExactScale>(QuantizeTransposedArguments);
template __global__ void quantize_transposed<Output::kPowerOfTwoScale>(QuantizeTransposedArguments);
template __global__ void dequantize<256>(DequantizeArguments);

}  // namespace windtunnel::device
