// Vocabulary, model side: TMA tensor copies and bulk copies, of the async proxy.
#pragma once

#include "kernels/device/model/where.h"
#include "kernels/device/tensor_map.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace model {

enum class BulkStore { kCopy, kAdd };

void load_tensor(u32 to, const TensorMap& map, u32 barrier, const int* at, int rank, Where where);
void store_tensor(const TensorMap& map, u32 from, const int* at, int rank, BulkStore what,
                  Where where);
void store_bulk(void* to, u32 from, u32 bytes, BulkStore what, Element element, Where where);
void await_bulk(u32 pending, bool only_reads, Where where);

}  // namespace model

/// Loads the box at element coordinates `at` (fastest first, may lie partly outside) into shared
/// memory; `barrier` counts the bytes of the whole box.
template <int kRank>
void tma_load(u32 to, const TensorMap& map, u32 barrier, const int (&at)[kRank],
              model::Where where = {}) {
  static_assert(kRank >= 2 && kRank <= 5);
  model::load_tensor(to, map, barrier, at, kRank, where);
}
/// Stores a box from shared memory, or adds it (F32 or BF16) to what is there.
template <int kRank>
void tma_store(const TensorMap& map, u32 from, const int (&at)[kRank], model::Where where = {}) {
  static_assert(kRank >= 2 && kRank <= 5);
  model::store_tensor(map, from, at, kRank, model::BulkStore::kCopy, where);
}
template <int kRank>
void tma_reduce_add(const TensorMap& map, u32 from, const int (&at)[kRank],
                    model::Where where = {}) {
  static_assert(kRank >= 2 && kRank <= 5);
  model::store_tensor(map, from, at, kRank, model::BulkStore::kAdd, where);
}
inline void prefetch_tensor_map(const TensorMap& /*map*/) {}

/// One-dimensional copies of a multiple of 16 bytes; both sides aligned to 16.
void bulk_load(u32 to, const void* from, u32 bytes, u32 barrier, model::Where where = {});
inline void bulk_store(void* to, u32 from, u32 bytes, model::Where where = {}) {
  model::store_bulk(to, from, bytes, model::BulkStore::kCopy, Element::kF32, where);
}
inline void bulk_reduce_add(float* to, u32 from, u32 bytes, model::Where where = {}) {
  model::store_bulk(to, from, bytes, model::BulkStore::kAdd, Element::kF32, where);
}
inline void bulk_reduce_add(bf16* to, u32 from, u32 bytes, model::Where where = {}) {
  model::store_bulk(to, from, bytes, model::BulkStore::kAdd, Element::kBf16, where);
}
/// Stores and reductions form groups of the thread that asked for them.
void bulk_commit(model::Where where = {});
/// Waits until at most kPending groups are in flight: written, so that others may be told.
template <int kPending>
void bulk_wait(model::Where where = {}) {
  model::await_bulk(kPending, false, where);
}
/// Waits until at most kPending groups have yet to read: shared memory may be used again.
template <int kPending>
void bulk_wait_read(model::Where where = {}) {
  model::await_bulk(kPending, true, where);
}

}  // namespace windtunnel::device
