// A tiny kernel for each operation that only sm_90a has.
#pragma once

#include "kernels/device/vocabulary.h"

namespace windtunnel::device::operations {

/// One thread makes an mbarrier for one arrival at 16-byte aligned `barrier`.
__device__ inline void make_barrier(u32 barrier) {
  if (threadIdx.x == 0) {
    mbarrier_init(barrier, 1);
    fence_mbarrier_init();
  }
  syncthreads();
}

/// Loads one box at `x, y, ...` and writes shared memory to `out` as it lies. 128 threads.
template <int kRank>
__global__ void load_box(const __grid_constant__ TensorMap map, int x, int y, u32 bytes, u32* out) {
  const u32 base = (shared_base() + 1023) & ~1023U;
  const u32 barrier = base + 16384;
  make_barrier(barrier);
  if (threadIdx.x == 0) {
    prefetch_tensor_map(map);
    mbarrier_expect_tx(barrier, bytes / 2);
    mbarrier_arrive_expect_tx(barrier, bytes - bytes / 2);
    if constexpr (kRank == 2) tma_load(base, map, barrier, {x, y});
    if constexpr (kRank == 3) tma_load(base, map, barrier, {x, y, 1});
    if constexpr (kRank == 4) tma_load(base, map, barrier, {x, y, 1, 0});
    if constexpr (kRank == 5) tma_load(base, map, barrier, {x, y, 1, 0, 1});
  }
  mbarrier_wait(barrier, 0);
  for (u32 i = threadIdx.x; i < bytes / 4; i += 128)
    st_global(out + i, ld_shared<u32>(base + 4 * i));
}

/// Stores (or adds) `words` words of `in`, as they lie, as one box at x, y.
template <bool kAdd>
__global__ void store_box(const u32* in, const __grid_constant__ TensorMap map, int x, int y,
                          u32 words) {
  const u32 base = (shared_base() + 1023) & ~1023U;
  for (u32 i = threadIdx.x; i < words; i += 128) st_shared(base + 4 * i, ld_global<u32>(in + i));
  fence_proxy_async_shared();
  syncthreads();
  if (threadIdx.x != 0) return;
  if constexpr (kAdd) {
    tma_reduce_add(map, base, {x, y});
  } else {
    tma_store(map, base, {x, y});
  }
  bulk_commit();
  bulk_wait<0>();
}

/// Copies 128 words through shared memory, adds them twice to out[128..] and once as BF16 to
/// out[256..].
__global__ void bulk_copies(const u32* in, u32* out) {
  const u32 base = shared_base();
  const u32 barrier = base + 512;
  st_global(out + 128 + threadIdx.x, 0U);
  st_global(out + 256 + threadIdx.x, 0U);
  fence_proxy_async_global();
  make_barrier(barrier);
  if (threadIdx.x == 0) {
    mbarrier_arrive_expect_tx(barrier, 512);
    bulk_load(base, in, 512, barrier);
    mbarrier_wait(barrier, 0);
    bulk_store(out, base, 512);
    bulk_commit();
    bulk_reduce_add(reinterpret_cast<float*>(out + 128), base, 512);
    bulk_reduce_add(reinterpret_cast<float*>(out + 128), base, 512);
    bulk_reduce_add(reinterpret_cast<bf16*>(out + 256), base, 512);
    bulk_commit();
    bulk_wait_read<0>();
    bulk_wait<0>();
  }
}

/// Small integers that BF16 and E4M3 hold exactly.
__device__ inline float a_value(u32 row, u32 k) {
  return static_cast<float>(static_cast<int>((row * 5 + k * 3) % 13) - 6);
}
__device__ inline float b_value(u32 n, u32 k) {
  return static_cast<float>(static_cast<int>((n * 7 + k * 11) % 9) - 4);
}

/// Byte offset of element (mn, k) of a 128-byte-swizzled BF16 tile of `mns` rows and 64 k.
template <bool kMnMajor>
__device__ inline u32 place128(u32 mn, u32 k) {
  if constexpr (kMnMajor) {
    return mn / 64 * 8192 + k * 128 + (((mn % 64 / 8) ^ (k & 7)) << 4) + mn % 8 * 2;
  }
  return mn * 128 + (((k / 8) ^ (mn & 7)) << 4) + k % 8 * 2;
}

template <int kN>
__device__ inline void store_sums(const float (&sums)[kN / 2], u32* out) {
  const u32 t = threadIdx.x;
  for (u32 i = 0; i < kN / 2; ++i) {
    const u32 row = t / 32 * 16 + t % 32 / 4 + (i / 2 % 2) * 8;
    const u32 column = i / 4 * 8 + t % 4 * 2 + i % 2;
    st_global(out + row * kN + column, bits_of(sums[i]));
  }
}

/// out[64][kN] = a b^T over 64 k, operands with 128-byte swizzle.
template <int kN, bool kAMn, bool kBMn>
__global__ void wgmma_shared(const u32* in, u32* out) {
  const u32 base = (shared_base() + 1023) & ~1023U;
  const u32 b_base = base + 8192;
  for (u32 i = threadIdx.x; i < 64 * 64; i += 128) {
    st_shared(base + place128<kAMn>(i / 64, i % 64), to_bf16(a_value(i / 64, i % 64)));
  }
  for (u32 i = threadIdx.x; i < kN * 64; i += 128) {
    st_shared(b_base + place128<kBMn>(i / 64, i % 64), to_bf16(b_value(i / 64, i % 64)));
  }
  fence_proxy_async_shared();
  syncthreads();
  float sums[kN / 2];
  wgmma_fence();
#pragma unroll
  for (u32 step = 0; step < 4; ++step) {
    const u32 a = base + step * (kAMn ? 2048 : 32);
    const u32 b = b_base + step * (kBMn ? 2048 : 32);
    wgmma_bf16<kN, kAMn ? Major::kMn : Major::kK, kBMn ? Major::kMn : Major::kK>(
        sums, tile_descriptor(a, Swizzle::k128, 8192), tile_descriptor(b, Swizzle::k128, 8192),
        step > 0);
  }
  wgmma_commit();
  wgmma_wait<0>(sums);
  store_sums<kN>(sums, out);
  (void)in;
}

/// The same over 16 k without swizzle or with rows of 32 or 64 bytes (16 or 32 k), K-major.
template <int kSwizzleBytes>
__global__ void wgmma_narrow(const u32* in, u32* out) {
  constexpr u32 kN = 64;
  constexpr u32 kDepth = kSwizzleBytes == 16 ? 16 : kSwizzleBytes / 2;
  constexpr Swizzle kPattern = kSwizzleBytes == 16   ? Swizzle::kNone
                               : kSwizzleBytes == 32 ? Swizzle::k32
                                                     : Swizzle::k64;
  const u32 base = (shared_base() + 1023) & ~1023U;
  const u32 b_base = base + 8192;
  const auto place = [&](u32 mn, u32 k) {
    // Without swizzle: core matrices of 8 rows by 16 bytes, two to a group of 8 rows.
    if (kSwizzleBytes == 16) return mn / 8 * 256 + k / 8 * 128 + mn % 8 * 16 + k % 8 * 2;
    if (kSwizzleBytes == 32) return mn * 32 + (((k / 8) ^ (mn / 4 % 2)) << 4) + k % 8 * 2;
    return mn * 64 + (((k / 8) ^ (mn / 2 % 4)) << 4) + k % 8 * 2;
  };
  for (u32 i = threadIdx.x; i < 64 * kDepth; i += 128) {
    const u32 row = i / kDepth;
    const u32 k = i % kDepth;
    st_shared(base + place(row, k), to_bf16(a_value(row, k)));
    st_shared(b_base + place(row, k), to_bf16(b_value(row, k)));
  }
  fence_proxy_async_shared();
  syncthreads();
  float sums[kN / 2];
  wgmma_fence();
#pragma unroll
  for (u32 step = 0; step < kDepth / 16; ++step) {
    const u32 stride = kSwizzleBytes == 16 ? 256 : 8 * kSwizzleBytes;
    wgmma_bf16<kN>(sums, encode({base + step * 32, 128, stride, kPattern}),
                   encode({b_base + step * 32, 128, stride, kPattern}), step > 0);
  }
  wgmma_commit();
  wgmma_wait<0>(sums);
  store_sums<kN>(sums, out);
  (void)in;
}

/// A in registers, 64 k; two accumulators, of which the second counts twice.
template <int kN>
__global__ void wgmma_registers(const u32* in, u32* out) {
  const u32 base = (shared_base() + 1023) & ~1023U;
  for (u32 i = threadIdx.x; i < kN * 64; i += 128) {
    st_shared(base + place128<false>(i / 64, i % 64), to_bf16(b_value(i / 64, i % 64)));
  }
  fence_proxy_async_shared();
  syncthreads();
  const u32 row = threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4;
  u32 a[4][4];
#pragma unroll
  for (u32 step = 0; step < 4; ++step) {
#pragma unroll
    for (u32 i = 0; i < 4; ++i) {
      const u32 k = step * 16 + threadIdx.x % 4 * 2 + i / 2 * 8;
      a[step][i] = pack_bf16(a_value(row + i % 2 * 8, k), a_value(row + i % 2 * 8, k + 1));
    }
  }
  float sums[kN / 2];
  float more[kN / 2];
  const auto chain = [&](float (&to)[kN / 2]) {
    wgmma_fence();
#pragma unroll
    for (u32 step = 0; step < 4; ++step) {
      wgmma_bf16_rs<kN>(to, a[step], tile_descriptor(base + step * 32), step > 0);
    }
    wgmma_commit();
  };
  chain(sums);
  chain(more);
  wgmma_wait<0>(sums, more);
#pragma unroll
  for (int i = 0; i < kN / 2; ++i) sums[i] += 2 * more[i];
  store_sums<kN>(sums, out);
  (void)in;
}

/// out[64][64] = a b^T over 128 k in E4M3, A from shared memory or from registers.
template <bool kRegisters>
__global__ void wgmma_fp8(const u32* in, u32* out) {
  constexpr int kN = 64;
  const u32 base = (shared_base() + 1023) & ~1023U;
  const u32 b_base = base + 8192;
  const auto place = [](u32 mn, u32 k) { return mn * 128 + (((k / 16) ^ (mn & 7)) << 4) + k % 16; };
  for (u32 i = threadIdx.x; i < 64 * 128; i += 128) {
    st_shared(base + place(i / 128, i % 128), to_e4m3(a_value(i / 128, i % 128)));
    st_shared(b_base + place(i / 128, i % 128), to_e4m3(b_value(i / 128, i % 128)));
  }
  fence_proxy_async_shared();
  syncthreads();
  const u32 row = threadIdx.x / 32 * 16 + threadIdx.x % 32 / 4;
  u32 a[4][4];
#pragma unroll
  for (u32 step = 0; step < 4; ++step) {
#pragma unroll
    for (u32 i = 0; i < 4; ++i) {
      const u32 r = row + i % 2 * 8;
      const u32 k = step * 32 + threadIdx.x % 4 * 4 + i / 2 * 16;
      a[step][i] =
          pack_e4m3(a_value(r, k), a_value(r, k + 1), a_value(r, k + 2), a_value(r, k + 3));
    }
  }
  float sums[kN / 2];
  wgmma_fence();
#pragma unroll
  for (u32 step = 0; step < 4; ++step) {
    const u64 b = tile_descriptor(b_base + step * 32);
    if constexpr (kRegisters) {
      wgmma_e4m3_rs<kN>(sums, a[step], b, step > 0);
    } else {
      wgmma_e4m3<kN>(sums, tile_descriptor(base + step * 32), b, step > 0);
    }
  }
  wgmma_commit();
  wgmma_wait<0>(sums);
  store_sums<kN>(sums, out);
  (void)in;
}

/// setmaxnreg moves registers from one warpgroup to two others; 384 threads.
__global__ void __launch_bounds__(384, 1) registers_move(const u32* in, u32* out) {
  if (threadIdx.x < 128) {
    setmaxnreg_dec<40>();
  } else {
    setmaxnreg_inc<232>();
  }
  grid_dependency_wait();
  grid_dependency_launch();
  fence_proxy_async();
  st_global(out + threadIdx.x, ld_global<u32>(in + threadIdx.x));
}

}  // namespace windtunnel::device::operations
