// Vocabulary for nvcc: barriers of the CTA, mbarriers, and the fences around them.
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/types.h"

namespace windtunnel::device {

WT_DEVICE void syncthreads() { __syncthreads(); }
WT_DEVICE int syncthreads_count(bool predicate) { return __syncthreads_count(predicate); }
WT_DEVICE bool syncthreads_or(bool predicate) { return __syncthreads_or(predicate) != 0; }
WT_DEVICE bool syncthreads_and(bool predicate) { return __syncthreads_and(predicate) != 0; }

WT_DEVICE void barrier_sync(int id, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}
WT_DEVICE void barrier_arrive(int id, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

WT_DEVICE void mbarrier_init(u32 barrier, u32 arrivals) {
  asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}
WT_DEVICE void mbarrier_inval(u32 barrier) {
  asm volatile("mbarrier.inval.shared.b64 [%0];" ::"r"(barrier) : "memory");
}
WT_DEVICE void mbarrier_arrive(u32 barrier, u32 arrivals = 1) {
#if __CUDA_ARCH__ >= 900
  asm volatile("mbarrier.arrive.shared.b64 _, [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
#else
  for (u32 i = 0; i < arrivals; ++i) {
    asm volatile("{\n.reg .b64 state;\nmbarrier.arrive.shared.b64 state, [%0];\n}" ::"r"(barrier)
                 : "memory");
  }
#endif
}
/// sm_90, as the next.
WT_DEVICE void mbarrier_expect_tx(u32 barrier, u32 bytes) {
  asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(bytes)
               : "memory");
}
WT_DEVICE void mbarrier_arrive_expect_tx(u32 barrier, u32 bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes)
               : "memory");
}

WT_DEVICE bool mbarrier_test(u32 barrier, u32 parity) {
  u32 complete;
#if __CUDA_ARCH__ >= 900
  asm volatile(
      "{\n.reg .pred p;\nmbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n"
      "selp.b32 %0, 1, 0, p;\n}"
      : "=r"(complete)
      : "r"(barrier), "r"(parity)
      : "memory");
#else
  asm volatile(
      "{\n.reg .pred p;\nmbarrier.test_wait.parity.shared.b64 p, [%1], %2;\n"
      "selp.b32 %0, 1, 0, p;\n}"
      : "=r"(complete)
      : "r"(barrier), "r"(parity)
      : "memory");
#endif
  return complete != 0;
}
WT_DEVICE void mbarrier_wait(u32 barrier, u32 parity) {
  while (!mbarrier_test(barrier, parity)) {
  }
}

/// sm_90, as the following.
WT_DEVICE void fence_mbarrier_init() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
WT_DEVICE void fence_proxy_async_shared() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}
WT_DEVICE void fence_proxy_async_global() {
  asm volatile("fence.proxy.async.global;" ::: "memory");
}
WT_DEVICE void fence_proxy_async() { asm volatile("fence.proxy.async;" ::: "memory"); }

}  // namespace windtunnel::device
