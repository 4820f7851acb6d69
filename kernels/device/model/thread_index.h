// CUDA's built-in variables and keywords, for a compiler that knows neither. Kernels are compiled
// as they stand, so these names can't be ours to choose.
#pragma once

namespace windtunnel::device::model {

struct Index3 {
  unsigned x = 1;
  unsigned y = 1;
  unsigned z = 1;
};

}  // namespace windtunnel::device::model

inline thread_local windtunnel::device::model::Index3 threadIdx;
inline thread_local windtunnel::device::model::Index3 blockIdx;
inline thread_local windtunnel::device::model::Index3 blockDim;
inline thread_local windtunnel::device::model::Index3 gridDim;

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
