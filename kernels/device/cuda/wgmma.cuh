// Vocabulary for nvcc: the asynchronous matrix products of a warpgroup (sm_90a).
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/layout.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

WT_DEVICE void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
WT_DEVICE void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

namespace cuda_side {

/// Keeps the compiler from reading an accumulator before the wait above it.
template <int kCount>
WT_DEVICE void pin(float (&registers)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) asm volatile("" : "+f"(registers[i])::"memory");
}

template <int kN>
struct Wgmma;

// Eight registers as operands, and their names by number.
#define WT_R(d, i)                                                                            \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), \
      "+f"(d[i + 6]), "+f"(d[i + 7])
#define WT_R8(d) WT_R(d, 0)
#define WT_R16(d) WT_R8(d), WT_R(d, 8)
#define WT_R32(d) WT_R16(d), WT_R(d, 16), WT_R(d, 24)
#define WT_R40(d) WT_R32(d), WT_R(d, 32)
#define WT_R48(d) WT_R40(d), WT_R(d, 40)
#define WT_R56(d) WT_R48(d), WT_R(d, 48)
#define WT_R64(d) WT_R56(d), WT_R(d, 56)
#define WT_R80(d) WT_R64(d), WT_R(d, 64), WT_R(d, 72)
#define WT_R96(d) WT_R80(d), WT_R(d, 80), WT_R(d, 88)
#define WT_R112(d) WT_R96(d), WT_R(d, 96), WT_R(d, 104)
#define WT_R128(d) WT_R112(d), WT_R(d, 112), WT_R(d, 120)

#define WT_T8 "%0, %1, %2, %3, %4, %5, %6, %7"
#define WT_T16 WT_T8 ", %8, %9, %10, %11, %12, %13, %14, %15"
#define WT_T32                                                  \
  WT_T16                                                        \
      ", %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26" \
      ", %27, %28, %29, %30, %31"
#define WT_T40 WT_T32 ", %32, %33, %34, %35, %36, %37, %38, %39"
#define WT_T48 WT_T40 ", %40, %41, %42, %43, %44, %45, %46, %47"
#define WT_T56 WT_T48 ", %48, %49, %50, %51, %52, %53, %54, %55"
#define WT_T64 WT_T56 ", %56, %57, %58, %59, %60, %61, %62, %63"
#define WT_T80                                                  \
  WT_T64                                                        \
      ", %64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74" \
      ", %75, %76, %77, %78, %79"
#define WT_T96                                                  \
  WT_T80                                                        \
      ", %80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90" \
      ", %91, %92, %93, %94, %95"
#define WT_T112                                                        \
  WT_T96                                                               \
      ", %96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106" \
      ", %107, %108, %109, %110, %111"
#define WT_T128                                                            \
  WT_T112                                                                  \
      ", %112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122" \
      ", %123, %124, %125, %126, %127"

#define WT_ISSUE(P, TEXT) "{\n.reg .pred p;\nsetp.ne.b32 p, %" #P ", 0;\n" TEXT "\n}"

// REGISTERS = N / 2, and the eight numbers that follow: the operands after the accumulator.
#define WT_WGMMA(N, REGISTERS, X0, X1, X2, X3, X4, X5, X6)                                      \
  template <>                                                                                   \
  struct Wgmma<N> {                                                                             \
    template <int kA, int kB>                                                                   \
    static WT_DEVICE void bf16_ss(float (&d)[N / 2], u64 a, u64 b, u32 add) {                   \
      asm volatile(WT_ISSUE(X2, "wgmma.mma_async.sync.aligned.m64n" #N                          \
                                "k16.f32.bf16.bf16 {" WT_T##REGISTERS                           \
                            "}, %" #X0 ", %" #X1 ", p, 1, 1, %" #X3 ", %" #X4 ";")              \
                   : WT_R##REGISTERS(d)                                                         \
                   : "l"(a), "l"(b), "r"(add), "n"(kA), "n"(kB)                                 \
                   : "memory");                                                                 \
    }                                                                                           \
    template <int kB>                                                                           \
    static WT_DEVICE void bf16_rs(float (&d)[N / 2], const u32 (&a)[4], u64 b, u32 add) {       \
      asm volatile(                                                                             \
          WT_ISSUE(X5,                                                                          \
                   "wgmma.mma_async.sync.aligned.m64n" #N "k16.f32.bf16.bf16 {" WT_T##REGISTERS \
                   "}, {%" #X0 ", %" #X1 ", %" #X2 ", %" #X3 "}, %" #X4 ", p, 1, 1, %" #X6 ";") \
          : WT_R##REGISTERS(d)                                                                  \
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(add), "n"(kB)               \
          : "memory");                                                                          \
    }                                                                                           \
    static WT_DEVICE void e4m3_ss(float (&d)[N / 2], u64 a, u64 b, u32 add) {                   \
      asm volatile(                                                                             \
          WT_ISSUE(X2, "wgmma.mma_async.sync.aligned.m64n" #N                                   \
                       "k32.f32.e4m3.e4m3 {" WT_T##REGISTERS "}, %" #X0 ", %" #X1 ", p, 1, 1;") \
          : WT_R##REGISTERS(d)                                                                  \
          : "l"(a), "l"(b), "r"(add)                                                            \
          : "memory");                                                                          \
    }                                                                                           \
    static WT_DEVICE void e4m3_rs(float (&d)[N / 2], const u32 (&a)[4], u64 b, u32 add) {       \
      asm volatile(WT_ISSUE(X5, "wgmma.mma_async.sync.aligned.m64n" #N                          \
                                "k32.f32.e4m3.e4m3 {" WT_T##REGISTERS                           \
                            "}, {%" #X0 ", %" #X1 ", %" #X2 ", %" #X3 "}, %" #X4 ", p, 1, 1;")  \
                   : WT_R##REGISTERS(d)                                                         \
                   : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(add)               \
                   : "memory");                                                                 \
    }                                                                                           \
  };

WT_WGMMA(16, 8, 8, 9, 10, 11, 12, 13, 14)
WT_WGMMA(32, 16, 16, 17, 18, 19, 20, 21, 22)
WT_WGMMA(64, 32, 32, 33, 34, 35, 36, 37, 38)
WT_WGMMA(80, 40, 40, 41, 42, 43, 44, 45, 46)
WT_WGMMA(96, 48, 48, 49, 50, 51, 52, 53, 54)
WT_WGMMA(112, 56, 56, 57, 58, 59, 60, 61, 62)
WT_WGMMA(128, 64, 64, 65, 66, 67, 68, 69, 70)
WT_WGMMA(160, 80, 80, 81, 82, 83, 84, 85, 86)
WT_WGMMA(192, 96, 96, 97, 98, 99, 100, 101, 102)
WT_WGMMA(224, 112, 112, 113, 114, 115, 116, 117, 118)
WT_WGMMA(256, 128, 128, 129, 130, 131, 132, 133, 134)
#undef WT_WGMMA
#undef WT_ISSUE

}  // namespace cuda_side

template <int kN, Major kA = Major::kK, Major kB = Major::kK>
WT_DEVICE void wgmma_bf16(float (&d)[kN / 2], u64 a, u64 b, bool accumulate) {
  cuda_side::Wgmma<kN>::template bf16_ss<kA == Major::kMn, kB == Major::kMn>(d, a, b, accumulate);
}
template <int kN, Major kB = Major::kK>
WT_DEVICE void wgmma_bf16_rs(float (&d)[kN / 2], const u32 (&a)[4], u64 b, bool accumulate) {
  cuda_side::Wgmma<kN>::template bf16_rs<kB == Major::kMn>(d, a, b, accumulate);
}
template <int kN>
WT_DEVICE void wgmma_e4m3(float (&d)[kN / 2], u64 a, u64 b, bool accumulate) {
  cuda_side::Wgmma<kN>::e4m3_ss(d, a, b, accumulate);
}
template <int kN>
WT_DEVICE void wgmma_e4m3_rs(float (&d)[kN / 2], const u32 (&a)[4], u64 b, bool accumulate) {
  cuda_side::Wgmma<kN>::e4m3_rs(d, a, b, accumulate);
}

template <int kPending, int... kCounts>
WT_DEVICE void wgmma_wait(float (&... registers)[kCounts]) {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
  (cuda_side::pin(registers), ...);
}

}  // namespace windtunnel::device
