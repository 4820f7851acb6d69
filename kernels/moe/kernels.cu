// Every kernel of the layer, compiled for the GPU. One file: nvcc reads the same headers for each.
#include "kernels/moe/permute.cuh"
#include "kernels/moe/router.cuh"
#include "kernels/moe/slots.cuh"
#include "kernels/moe/swiglu.cuh"

namespace windtunnel::device {

template __global__ void count_pairs<kSlotThreads>(SlotArguments);
template __global__ void scan_counts<kScanThreads>(SlotArguments, int);
template __global__ void assign_slots<kSlotThreads>(SlotArguments);
template __global__ void permute<4>(PermuteArguments);
template __global__ void unpermute<kPermuteThreads>(UnpermuteArguments);
template __global__ void unpermute_backward<kPermuteWarps>(UnpermuteBackwardArguments);

template void (*router_of<false>(int))(RouterArguments);
template void (*router_of<true>(int))(RouterArguments);

template __global__ void swiglu<Output::kBf16>(SwigluArguments);
template __global__ void swiglu<Output::kExactScale>(SwigluArguments);
template __global__ void swiglu<Output::kPowerOfTwoScale>(SwigluArguments);
template __global__ void swiglu_backward<Output::kBf16>(SwigluBackwardArguments);
template __global__ void swiglu_backward<Output::kExactScale>(SwigluBackwardArguments);
template __global__ void swiglu_backward<Output::kPowerOfTwoScale>(SwigluBackwardArguments);

}  // namespace windtunnel::device
