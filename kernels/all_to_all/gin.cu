// The kernels of several nodes for ranks on GPUs of their own: compiled where NCCL's device API is
// there.
#include "kernels/all_to_all/gin_hops.cuh"

namespace windtunnel::device {

inline constexpr int kWarps = 16;  // plan.cc

template __global__ void dispatch_over_gin<kWarps>(DispatchArguments, GinPeers);
template __global__ void combine_over_gin<kWarps>(CombineArguments, GinPeers);

}  // namespace windtunnel::device
