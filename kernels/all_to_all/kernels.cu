// Every kernel of the layer for virtual ranks, compiled for the GPU.
#include "kernels/all_to_all/low_latency.cuh"
#include "kernels/all_to_all/two_hops.cuh"

namespace windtunnel::device {

inline constexpr int kWarps = 16;  // plan.cc

template __global__ void place_tokens<kWarps>(PlaceArguments);
template __global__ void dispatch<LocalPeers, kWarps>(DispatchArguments, LocalPeers);
template __global__ void combine<LocalPeers, kWarps>(CombineArguments, LocalPeers);
template __global__ void dispatch_two_hops<LocalPeers, kWarps>(DispatchArguments, LocalPeers);
template __global__ void combine_two_hops<LocalPeers, kWarps>(CombineArguments, LocalPeers);
template __global__ void fast_dispatch<LocalPeers, kWarps>(FastDispatchArguments, LocalPeers);
template __global__ void fast_combine<LocalPeers, kWarps>(FastCombineArguments, LocalPeers);

}  // namespace windtunnel::device
