// The kernels of slots and permutation, compiled for the GPU.
#include "kernels/moe/permute.cuh"
#include "kernels/moe/slots.cuh"

namespace windtunnel::device {

template __global__ void count_pairs<kSlotThreads>(SlotArguments);
template __global__ void scan_counts<kScanThreads>(SlotArguments, int);
template __global__ void assign_slots<kSlotThreads>(SlotArguments);
template __global__ void permute<4>(PermuteArguments);
template __global__ void unpermute<kPermuteThreads>(UnpermuteArguments);
template __global__ void unpermute_backward<kPermuteWarps>(UnpermuteBackwardArguments);

}  // namespace windtunnel::device
