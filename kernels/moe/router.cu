// Every router kernel, compiled for the GPU.
#include "kernels/moe/router.cuh"

namespace windtunnel::device {

template void (*router_of<false>(int))(RouterArguments);
template void (*router_of<true>(int))(RouterArguments);

}  // namespace windtunnel::device
