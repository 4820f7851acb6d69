// Vocabulary for nvcc: global memory, scoped accesses, atomics, fences, flags.
#pragma once

#include <cuda/atomic>
#include <type_traits>

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/scope.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace cuda_side {

WT_HOST_DEVICE constexpr cuda::thread_scope scope_of(Scope scope) {
  return scope == Scope::kCta   ? cuda::thread_scope_block
         : scope == Scope::kGpu ? cuda::thread_scope_device
                                : cuda::thread_scope_system;
}
WT_HOST_DEVICE constexpr cuda::memory_order order_of(Order order) {
  return order == Order::kRelaxed   ? cuda::memory_order_relaxed
         : order == Order::kAcquire ? cuda::memory_order_acquire
         : order == Order::kRelease ? cuda::memory_order_release
                                    : cuda::memory_order_acq_rel;
}

template <Scope kScope, typename T>
using Reference = cuda::atomic_ref<T, scope_of(kScope)>;

template <Scope kScope, typename T>
WT_DEVICE Reference<kScope, T> reference(const T* data) {
  return Reference<kScope, T>(*const_cast<T*>(data));
}

/// The bits of T through the read-only path.
template <bool kStream, typename T>
WT_DEVICE T load_read_only(const void* data) {
  static_assert(sizeof(T) <= 16);
  T value;
  if constexpr (sizeof(T) == 16) {
    u32x4 bits;
    if constexpr (kStream) {
      asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0, %1, %2, %3}, [%4];"
                   : "=r"(bits.x), "=r"(bits.y), "=r"(bits.z), "=r"(bits.w)
                   : "l"(data));
    } else {
      asm volatile("ld.global.nc.v4.u32 {%0, %1, %2, %3}, [%4];"
                   : "=r"(bits.x), "=r"(bits.y), "=r"(bits.z), "=r"(bits.w)
                   : "l"(data));
    }
    value = __builtin_bit_cast(T, bits);
  } else if constexpr (sizeof(T) == 8) {
    u64 bits;
    if constexpr (kStream) {
      asm volatile("ld.global.nc.L1::no_allocate.u64 %0, [%1];" : "=l"(bits) : "l"(data));
    } else {
      asm volatile("ld.global.nc.u64 %0, [%1];" : "=l"(bits) : "l"(data));
    }
    value = __builtin_bit_cast(T, bits);
  } else if constexpr (sizeof(T) == 4) {
    u32 bits;
    if constexpr (kStream) {
      asm volatile("ld.global.nc.L1::no_allocate.u32 %0, [%1];" : "=r"(bits) : "l"(data));
    } else {
      asm volatile("ld.global.nc.u32 %0, [%1];" : "=r"(bits) : "l"(data));
    }
    value = __builtin_bit_cast(T, bits);
  } else if constexpr (sizeof(T) == 2) {
    u16 bits;
    asm volatile("ld.global.nc.u16 %0, [%1];" : "=h"(bits) : "l"(data));
    value = __builtin_bit_cast(T, bits);
  } else {
    u32 bits;
    asm volatile("ld.global.nc.u8 %0, [%1];" : "=r"(bits) : "l"(data));
    value = __builtin_bit_cast(T, static_cast<u8>(bits));
  }
  return value;
}

}  // namespace cuda_side

template <typename T>
WT_DEVICE T ld_global(const void* data) {
  return *static_cast<const T*>(data);
}
template <typename T>
WT_DEVICE T ld_global_nc(const void* data) {
  return cuda_side::load_read_only<false, T>(data);
}
template <typename T>
WT_DEVICE T ld_global_stream(const void* data) {
  return cuda_side::load_read_only<true, T>(data);
}
template <typename T>
WT_DEVICE void st_global(void* data, T value) {
  *static_cast<T*>(data) = value;
}
template <typename T>
WT_DEVICE void st_global_stream(void* data, T value) {
  if constexpr (sizeof(T) == 16) {
    __stcs(static_cast<uint4*>(data), __builtin_bit_cast(uint4, value));
  } else if constexpr (sizeof(T) == 8) {
    __stcs(static_cast<uint2*>(data), __builtin_bit_cast(uint2, value));
  } else if constexpr (sizeof(T) == 4) {
    __stcs(static_cast<u32*>(data), __builtin_bit_cast(u32, value));
  } else {
    *static_cast<T*>(data) = value;
  }
}

template <Scope kScope, typename T>
WT_DEVICE T ld_relaxed(const T* data) {
  return cuda_side::reference<kScope>(data).load(cuda::memory_order_relaxed);
}
template <Scope kScope, typename T>
WT_DEVICE T ld_acquire(const T* data) {
  return cuda_side::reference<kScope>(data).load(cuda::memory_order_acquire);
}
template <Scope kScope, typename T>
WT_DEVICE void st_relaxed(T* data, std::type_identity_t<T> value) {
  cuda_side::reference<kScope>(data).store(value, cuda::memory_order_relaxed);
}
template <Scope kScope, typename T>
WT_DEVICE void st_release(T* data, std::type_identity_t<T> value) {
  cuda_side::reference<kScope>(data).store(value, cuda::memory_order_release);
}

template <Order kOrder, Scope kScope, typename T>
WT_DEVICE T atomic_add(T* data, std::type_identity_t<T> value) {
  return cuda_side::reference<kScope>(data).fetch_add(value, cuda_side::order_of(kOrder));
}
template <Order kOrder, Scope kScope, typename T>
WT_DEVICE void red_add(T* data, std::type_identity_t<T> value) {
  static_assert(kOrder == Order::kRelaxed || kOrder == Order::kRelease,
                "a reduction returns nothing, so it can't acquire");
  cuda_side::reference<kScope>(data).fetch_add(value, cuda_side::order_of(kOrder));
}
template <Order kOrder, Scope kScope, typename T>
WT_DEVICE T atomic_exchange(T* data, std::type_identity_t<T> value) {
  return cuda_side::reference<kScope>(data).exchange(value, cuda_side::order_of(kOrder));
}
template <Order kOrder, Scope kScope, typename T>
WT_DEVICE T atomic_compare_exchange(T* data, std::type_identity_t<T> expected,
                                    std::type_identity_t<T> value) {
  T found = expected;
  cuda_side::reference<kScope>(data).compare_exchange_strong(found, value,
                                                             cuda_side::order_of(kOrder));
  return found;
}
template <Order kOrder, Scope kScope, typename T>
WT_DEVICE T atomic_max(T* data, std::type_identity_t<T> value) {
  return cuda_side::reference<kScope>(data).fetch_max(value, cuda_side::order_of(kOrder));
}

template <Scope kScope>
WT_DEVICE void fence() {
  cuda::atomic_thread_fence(cuda::memory_order_acq_rel, cuda_side::scope_of(kScope));
}

template <Scope kScope, typename T>
WT_DEVICE void wait_flag_equal(const T* flag, std::type_identity_t<T> value) {
  while (ld_acquire<kScope>(flag) != value) {
  }
}
template <Scope kScope, typename T>
WT_DEVICE T wait_flag_at_least(const T* flag, std::type_identity_t<T> value) {
  T found = ld_acquire<kScope>(flag);
  while (found < value) found = ld_acquire<kScope>(flag);
  return found;
}

WT_DEVICE void grid_dependency_wait() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}
WT_DEVICE void grid_dependency_launch() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

}  // namespace windtunnel::device
