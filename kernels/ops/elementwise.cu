// The kernels that keep nothing of a row, compiled for the GPU.
#include "kernels/ops/adam.cuh"
#include "kernels/ops/embedding.cuh"
#include "kernels/ops/rope.cuh"

namespace windtunnel::device {

template __global__ void rope<false>(RopeArguments);
template __global__ void rope<true>(RopeArguments);
template __global__ void embed<kEmbedThreads>(EmbedArguments);
template __global__ void embed_backward<kEmbedThreads>(EmbedBackwardArguments);
template __global__ void adam<256>(AdamArguments);

}  // namespace windtunnel::device
