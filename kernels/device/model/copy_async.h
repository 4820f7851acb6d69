// Vocabulary, model side: cp.async of sm_80.
#pragma once

#include "kernels/device/model/where.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

namespace model {
void copy_async(u32 to, const void* from, u32 size, u32 bytes, Where where);
void await_copies(u32 pending, Where where);
}  // namespace model

/// Copies `bytes` of kSize (4, 8 or 16) from global to shared memory; the rest becomes zero.
template <int kSize>
void cp_async(u32 to, const void* from, u32 bytes = kSize, model::Where where = {}) {
  static_assert(kSize == 4 || kSize == 8 || kSize == 16);
  model::copy_async(to, from, kSize, bytes, where);
}
void cp_async_commit(model::Where where = {});
/// Waits until at most kPending of the thread's committed groups are in flight.
template <int kPending>
void cp_async_wait(model::Where where = {}) {
  model::await_copies(kPending, where);
}
/// Waits for all copies of the thread, committed or not.
void cp_async_wait_all(model::Where where = {});
/// An arrival that the barrier's count includes, once the thread's copies so far have landed.
void cp_async_mbarrier_arrive_noinc(u32 barrier, model::Where where = {});

}  // namespace windtunnel::device
