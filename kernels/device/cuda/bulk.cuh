// Vocabulary for nvcc: TMA tensor copies and bulk copies (sm_90).
#pragma once

#include "kernels/device/cuda/arithmetic.cuh"
#include "kernels/device/tensor_map.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

// The instructions of each rank differ in their list of coordinates only: LIST names them, then
// come the operands.
#define WT_TENSOR_COPIES(RANK, LIST, ...)                                                        \
  WT_DEVICE void tma_load(u32 to, const TensorMap& map, u32 barrier, const int(&at)[RANK]) {     \
    asm volatile("cp.async.bulk.tensor." #RANK                                                   \
                 "d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, " LIST   \
                 "], [%2];" ::"r"(to),                                                           \
                 "l"(&map), "r"(barrier), __VA_ARGS__                                            \
                 : "memory");                                                                    \
  }                                                                                              \
  WT_DEVICE void tma_store(const TensorMap& map, u32 from, const int(&at)[RANK]) {               \
    asm volatile("cp.async.bulk.tensor." #RANK "d.global.shared::cta.tile.bulk_group [%1, " LIST \
                 "], [%0];" ::"r"(from),                                                         \
                 "l"(&map), "r"(0), __VA_ARGS__                                                  \
                 : "memory");                                                                    \
  }                                                                                              \
  WT_DEVICE void tma_reduce_add(const TensorMap& map, u32 from, const int(&at)[RANK]) {          \
    asm volatile("cp.reduce.async.bulk.tensor." #RANK                                            \
                 "d.global.shared::cta.add.tile.bulk_group [%1, " LIST "], [%0];" ::"r"(from),   \
                 "l"(&map), "r"(0), __VA_ARGS__                                                  \
                 : "memory");                                                                    \
  }
WT_TENSOR_COPIES(2, "{%3, %4}", "r"(at[0]), "r"(at[1]))
WT_TENSOR_COPIES(3, "{%3, %4, %5}", "r"(at[0]), "r"(at[1]), "r"(at[2]))
WT_TENSOR_COPIES(4, "{%3, %4, %5, %6}", "r"(at[0]), "r"(at[1]), "r"(at[2]), "r"(at[3]))
WT_TENSOR_COPIES(5, "{%3, %4, %5, %6, %7}", "r"(at[0]), "r"(at[1]), "r"(at[2]), "r"(at[3]),
                 "r"(at[4]))
#undef WT_TENSOR_COPIES

WT_DEVICE void prefetch_tensor_map(const TensorMap& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}

WT_DEVICE void bulk_load(u32 to, const void* from, u32 bytes, u32 barrier) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
          "r"(to),
      "l"(__cvta_generic_to_global(from)), "r"(bytes), "r"(barrier)
      : "memory");
}
WT_DEVICE void bulk_store(void* to, u32 from, u32 bytes) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(
                   __cvta_generic_to_global(to)),
               "r"(from), "r"(bytes)
               : "memory");
}
WT_DEVICE void bulk_reduce_add(float* to, u32 from, u32 bytes) {
  asm volatile("cp.reduce.async.bulk.global.shared::cta.bulk_group.add.f32 [%0], [%1], %2;" ::"l"(
                   __cvta_generic_to_global(to)),
               "r"(from), "r"(bytes)
               : "memory");
}
WT_DEVICE void bulk_reduce_add(bf16* to, u32 from, u32 bytes) {
  asm volatile(
      "cp.reduce.async.bulk.global.shared::cta.bulk_group.add.noftz.bf16 [%0], [%1], %2;" ::"l"(
          __cvta_generic_to_global(to)),
      "r"(from), "r"(bytes)
      : "memory");
}
WT_DEVICE void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
template <int kPending>
WT_DEVICE void bulk_wait() {
  asm volatile("cp.async.bulk.wait_group %0;" ::"n"(kPending) : "memory");
}
template <int kPending>
WT_DEVICE void bulk_wait_read() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(kPending) : "memory");
}

}  // namespace windtunnel::device
