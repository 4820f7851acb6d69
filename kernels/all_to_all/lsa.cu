// The kernels of one node for ranks on GPUs of their own: compiled where NCCL's device API is
// there.
#include "kernels/all_to_all/combine.cuh"
#include "kernels/all_to_all/low_latency.cuh"
#include "kernels/all_to_all/lsa_peers.cuh"

namespace windtunnel::device {

inline constexpr int kWarps = 16;  // plan.cc

template __global__ void dispatch<LsaPeers, kWarps>(DispatchArguments, LsaPeers);
template __global__ void combine<LsaPeers, kWarps>(CombineArguments, LsaPeers);
template __global__ void fast_dispatch<LsaPeers, kWarps>(FastDispatchArguments, LsaPeers);
template __global__ void fast_combine<LsaPeers, kWarps>(FastCombineArguments, LsaPeers);

}  // namespace windtunnel::device
