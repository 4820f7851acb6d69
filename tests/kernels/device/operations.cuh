// A tiny kernel for each operation of the vocabulary. They place and read everything by formulas of
// their own, not by layout.h, so that a GPU judges the layouts too.
#pragma once

#include "kernels/device/vocabulary.h"

namespace windtunnel::device::operations {

// Basic: 128 threads, `in` of 1024 words, `out` as long as the case says.

__global__ void shared_words(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  st_shared(shared_base() + 4 * t, ld_global<u32>(in + t));
  syncthreads();
  st_global(out + t, ld_shared<u32>(shared_base() + 4 * (127 - t)));
}

__global__ void shared_sizes(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const u32 at = shared_base() + 16 * t;
  st_shared(at, ld_global<u32x4>(in + 4 * t));
  const u32x2 high = ld_shared<u32x2>(at + 8);
  const u32 low =
      u32{ld_shared<u16>(at)} | u32{ld_shared<u8>(at + 2)} << 16 | u32{ld_shared<u8>(at + 3)} << 24;
  st_shared(at + 4, static_cast<u16>(0));
  st_global(out + 4 * t, u32x4{low, ld_shared<u32>(at + 4), high.x, high.y});
}

__global__ void global_paths(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  st_global(out + 2 * t, ld_global_nc<u32x2>(in + 2 * t));
  const u32x4 four = ld_global_stream<u32x4>(in + 4 * t);
  st_global_stream(out + 256 + 4 * t, four);
  st_global(out + 768 + t, u32{ld_global_nc<u16>(in + t)} + ld_global_nc<u8>(in + t));
}

__global__ void shuffles(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const u32 own = ld_global<u32>(in + t);
  st_global(out + t, shuffle(own, (lane_id() + 3) % 32));
  st_global(out + 128 + t, shuffle_xor(own, 5));
  st_global(out + 256 + t, shuffle_up(own, 3));
  st_global(out + 384 + t, shuffle_down(own, 3, 16));
  st_global(out + 512 + t, bits_of(shuffle_xor(float_of(own & 0x3fffffffU), 1)));
}

__global__ void votes(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const bool odd = (ld_global<u32>(in + t) & 1U) != 0;
  st_global(out + t, ballot(odd));
  st_global(out + 128 + t, (any(t == 37) ? 1U : 0U) | (all(t < 96) ? 2U : 0U));
  const u32 elected = ballot(elect());
  st_global(out + 256 + t, elected != 0 && (elected & (elected - 1)) == 0 ? 1U : 0U);
  st_global(out + 384 + t, static_cast<u32>(syncthreads_count(odd)));
  st_global(out + 512 + t,
            (syncthreads_or(t == 1) ? 1U : 0U) | (syncthreads_and(t != 1) ? 2U : 0U));
}

__global__ void named_barriers(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const u32 at = shared_base() + 4 * (t % 64);
  if (t < 64) {
    st_shared(at, ld_global<u32>(in + t));
    barrier_arrive(1, 128);
    barrier_sync(2, 128);
    st_global(out + t, ld_shared<u32>(at + 256));
  } else {
    st_shared(at + 256, ld_global<u32>(in + t));
    barrier_sync(1, 128);
    st_global(out + t, ld_shared<u32>(at));
    barrier_arrive(2, 128);
  }
}

__global__ void lane_order(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  st_shared(shared_base() + 4 * t, ld_global<u32>(in + t));
  syncwarp();
  st_global(out + t, ld_shared<u32>(shared_base() + 4 * (t ^ 31)));
}

__global__ void atomics(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  if (t == 0) {
    st_shared(shared_base(), 0U);
    for (u32 i = 0; i < 8; ++i) st_global(out + i, 0U);
  }
  syncthreads();
  atomic_add_shared(shared_base(), ld_global<u32>(in + t));
  atomic_add<Order::kRelaxed, Scope::kGpu>(out + 1, t);
  red_add<Order::kRelease, Scope::kSys>(reinterpret_cast<float*>(out + 2), 0.5F);
  atomic_add<Order::kAcqRel, Scope::kCta>(reinterpret_cast<u64*>(out + 4), u64{1} << 31);
  atomic_max<Order::kRelaxed, Scope::kGpu>(out + 3, t * 7);
  syncthreads();
  if (t != 0) return;
  st_global(out, ld_shared<u32>(shared_base()));
  st_relaxed<Scope::kGpu>(out + 6, 41);
  const u32 was = atomic_exchange<Order::kAcquire, Scope::kGpu>(out + 6, 42);
  const u32 kept = atomic_compare_exchange<Order::kAcqRel, Scope::kGpu>(out + 6, 41, 1);
  const u32 changed = atomic_compare_exchange<Order::kAcqRel, Scope::kGpu>(out + 6, 42, 43);
  fence<Scope::kGpu>();
  st_release<Scope::kSys>(out + 7, was + kept + changed + ld_acquire<Scope::kGpu>(out + 6) +
                                       ld_relaxed<Scope::kSys>(out + 6));
  wait_flag_equal<Scope::kGpu>(out + 6, 43);
  wait_flag_at_least<Scope::kSys>(out + 6, 40);
}

__global__ void conversions(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const float x = static_cast<float>(static_cast<int>(ld_global<u32>(in + t))) * 0x1p-20F;
  st_global(out + t, pack_bf16(x, -x));
  st_global(out + 128 + t, pack_e4m3(x, -x, x * 0x1p-8F, x * 0x1p-16F));
}

/// On powers of two the approximations are exact; in general they are within 2 units.
__global__ void approximations(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const float power = static_cast<float>(static_cast<int>(t % 32) - 16);
  const float x = float_of((127U + t % 32 - 16) << 23);
  const bool fine = exp2_approx(power) == x && log2_approx(x) == power &&
                    reciprocal_approx(x) == 1.0F / x && rsqrt_approx(x * x) == 1.0F / x &&
                    maximum(x, 1.0F) >= 1.0F && minimum(x, 1.0F) <= 1.0F &&
                    multiply_add(x, 2.0F, 1.0F) == 2 * x + 1;
  st_global(out + t, (fine ? 1U : 0U) + 0 * ld_global<u32>(in));
}

// cp.async.

__global__ void copies_async(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const u32 base = shared_base();
  cp_async<16>(base + 16 * t, in + 4 * t, t % 2 == 0 ? 16 : 4);
  cp_async_commit();
  cp_async<8>(base + 2048 + 8 * t, in + 2 * t, t % 3 == 0 ? 0 : 8);
  cp_async_commit();
  cp_async<4>(base + 3072 + 4 * t, in + t);
  cp_async_wait<1>();
  const u32x4 four = ld_shared<u32x4>(base + 16 * t);
  cp_async_wait<0>();
  const u32x2 two = ld_shared<u32x2>(base + 2048 + 8 * t);
  cp_async_wait_all();
  st_global(out + 4 * t, four);
  st_global(out + 512 + 2 * t, two);
  st_global(out + 768 + t, ld_shared<u32>(base + 3072 + 4 * t));
}

__global__ void copies_async_barrier(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const u32 barrier = shared_base() + 512;
  if (t == 0) mbarrier_init(barrier, 128);
  syncthreads();
  cp_async<4>(shared_base() + 4 * t, in + t);
  cp_async_mbarrier_arrive_noinc(barrier);
  mbarrier_wait(barrier, 0);
  st_global(out + t, ld_shared<u32>(shared_base() + 4 * (127 - t)));
}

__global__ void mbarriers(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const u32 barrier = shared_base() + 512;
  if (t == 0) mbarrier_init(barrier, 64);
  syncthreads();
  for (u32 phase = 0; phase < 3; ++phase) {
    if (t < 64) {
      st_shared(shared_base() + 4 * t, ld_global<u32>(in + 64 * phase + t));
      mbarrier_arrive(barrier);
    }
    mbarrier_wait(barrier, phase & 1);
    st_global(out + 128 * phase + t, ld_shared<u32>(shared_base() + 4 * (t % 64)));
    syncthreads();
  }
  if (t == 0) {
    st_global(out + 384, mbarrier_test(barrier, 0) ? 1U : 0U);
    mbarrier_inval(barrier);
    st_shared(barrier, 5U);
    st_global(out + 385, ld_shared<u32>(barrier));
  }
}

// Matrices: one warp. `in` holds 16-bit elements in pairs; row r of matrix i is words 4 (8 i + r)
// to 4 (8 i + r) + 3.

template <int kCount, bool kTransposed>
__global__ void load_matrices(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  st_shared(shared_base() + 16 * t, ld_global<u32x4>(in + 4 * t));
  syncwarp();
  u32 registers[kCount];
  if constexpr (kTransposed) {
    ldmatrix_trans(registers, shared_base() + 16 * t);
  } else {
    ldmatrix(registers, shared_base() + 16 * t);
  }
  for (int i = 0; i < kCount; ++i) st_global(out + static_cast<u32>(i) * 32 + t, registers[i]);
}

template <int kCount, bool kTransposed>
__global__ void store_matrices(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  u32 registers[kCount];
  for (int i = 0; i < kCount; ++i) registers[i] = ld_global<u32>(in + static_cast<u32>(i) * 32 + t);
  if constexpr (kTransposed) {
    stmatrix_trans(shared_base() + 16 * t, registers);
  } else {
    stmatrix(shared_base() + 16 * t, registers);
  }
  syncwarp();
  if (t < 8 * kCount) st_global(out + 4 * t, ld_shared<u32x4>(shared_base() + 16 * t));
}

/// d = a b + 1 with a and b of small integers: a[r][k] = in[16 r + k] % 8, b[k][n] = in[300 + 8 k +
/// n] % 8.
__global__ void multiply_m16n8k16(const u32* in, u32* out) {
  const u32 t = threadIdx.x;
  const u32 row = t / 4;
  const u32 k = t % 4 * 2;
  const auto a = [&](u32 r, u32 c) {
    const auto one = [&](u32 i) { return static_cast<float>(ld_global<u32>(in + i) % 8); };
    return pack_bf16(one(16 * r + c), one(16 * r + c + 1));
  };
  const auto b = [&](u32 r) {
    const auto one = [&](u32 i) { return static_cast<float>(ld_global<u32>(in + i) % 8); };
    return pack_bf16(one(300 + 8 * r + row), one(300 + 8 * (r + 1) + row));
  };
  const u32 a_parts[4] = {a(row, k), a(row + 8, k), a(row, k + 8), a(row + 8, k + 8)};
  float d[4] = {1, 1, 1, 1};
  mma_m16n8k16(d, a_parts, b(k), b(k + 8));
  st_global(out + 8 * row + k, f32x2{d[0], d[1]});
  st_global(out + 8 * (row + 8) + k, f32x2{d[2], d[3]});
}

}  // namespace windtunnel::device::operations
