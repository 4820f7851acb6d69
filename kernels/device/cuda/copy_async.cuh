// Vocabulary for nvcc: cp.async.
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/types.h"

namespace windtunnel::device {

template <int kSize>
WT_DEVICE void cp_async(u32 to, const void* from, u32 bytes = kSize) {
  static_assert(kSize == 4 || kSize == 8 || kSize == 16);
  const auto source = __cvta_generic_to_global(from);
  if constexpr (kSize == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(source), "r"(bytes)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(source), "n"(kSize),
                 "r"(bytes)
                 : "memory");
  }
}
WT_DEVICE void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int kPending>
WT_DEVICE void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}
WT_DEVICE void cp_async_wait_all() { asm volatile("cp.async.wait_all;" ::: "memory"); }
WT_DEVICE void cp_async_mbarrier_arrive_noinc(u32 barrier) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(barrier) : "memory");
}

}  // namespace windtunnel::device
