// Vocabulary for nvcc: shared memory.
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace cuda_side {
extern __shared__ __align__(16) u8 shared_memory[];
}  // namespace cuda_side

WT_DEVICE u32 shared_base() {
  return static_cast<u32>(__cvta_generic_to_shared(cuda_side::shared_memory));
}

template <typename T>
WT_DEVICE T ld_shared(u32 address) {
  return *static_cast<const T*>(__cvta_shared_to_generic(address));
}

template <typename T>
WT_DEVICE void st_shared(u32 address, T value) {
  *static_cast<T*>(__cvta_shared_to_generic(address)) = value;
}

template <typename T>
WT_DEVICE T atomic_add_shared(u32 address, T value) {
  return atomicAdd_block(static_cast<T*>(__cvta_shared_to_generic(address)), value);
}

}  // namespace windtunnel::device
