// Vocabulary for nvcc: ldmatrix, stmatrix and mma.sync.
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/types.h"

namespace windtunnel::device {

// One function a count and orientation: the instruction is the same but for its list of registers.
#define WT_LDMATRIX(NAME, TRANS)                                                             \
  WT_DEVICE void NAME(u32(&r)[1], u32 row) {                                                 \
    asm volatile("ldmatrix.sync.aligned.m8n8.x1" TRANS ".shared.b16 {%0}, [%1];"             \
                 : "=r"(r[0])                                                                \
                 : "r"(row)                                                                  \
                 : "memory");                                                                \
  }                                                                                          \
  WT_DEVICE void NAME(u32(&r)[2], u32 row) {                                                 \
    asm volatile("ldmatrix.sync.aligned.m8n8.x2" TRANS ".shared.b16 {%0, %1}, [%2];"         \
                 : "=r"(r[0]), "=r"(r[1])                                                    \
                 : "r"(row)                                                                  \
                 : "memory");                                                                \
  }                                                                                          \
  WT_DEVICE void NAME(u32(&r)[4], u32 row) {                                                 \
    asm volatile("ldmatrix.sync.aligned.m8n8.x4" TRANS ".shared.b16 {%0, %1, %2, %3}, [%4];" \
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])                            \
                 : "r"(row)                                                                  \
                 : "memory");                                                                \
  }
WT_LDMATRIX(ldmatrix, "")
WT_LDMATRIX(ldmatrix_trans, ".trans")
#undef WT_LDMATRIX

#define WT_STMATRIX(NAME, TRANS)                                                                 \
  WT_DEVICE void NAME(u32 row, const u32(&r)[1]) {                                               \
    asm volatile("stmatrix.sync.aligned.m8n8.x1" TRANS ".shared.b16 [%0], {%1};" ::"r"(row),     \
                 "r"(r[0])                                                                       \
                 : "memory");                                                                    \
  }                                                                                              \
  WT_DEVICE void NAME(u32 row, const u32(&r)[2]) {                                               \
    asm volatile("stmatrix.sync.aligned.m8n8.x2" TRANS ".shared.b16 [%0], {%1, %2};" ::"r"(row), \
                 "r"(r[0]), "r"(r[1])                                                            \
                 : "memory");                                                                    \
  }                                                                                              \
  WT_DEVICE void NAME(u32 row, const u32(&r)[4]) {                                               \
    asm volatile("stmatrix.sync.aligned.m8n8.x4" TRANS                                           \
                 ".shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(row),                               \
                 "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3])                                      \
                 : "memory");                                                                    \
  }
/// sm_90.
WT_STMATRIX(stmatrix, "")
WT_STMATRIX(stmatrix_trans, ".trans")
#undef WT_STMATRIX

WT_DEVICE void mma_m16n8k16(float (&d)[4], const u32 (&a)[4], u32 b0, u32 b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

}  // namespace windtunnel::device
