// Vocabulary, model side: barriers of the CTA, mbarriers, and the fences around them.
#pragma once

#include "kernels/device/model/where.h"
#include "kernels/device/types.h"

namespace windtunnel::device {

/// All threads of the CTA; one that has exited never comes.
void syncthreads(model::Where where = {});
/// The same, and how many (whether any, whether all) bring `predicate`.
int syncthreads_count(bool predicate, model::Where where = {});
bool syncthreads_or(bool predicate, model::Where where = {});
bool syncthreads_and(bool predicate, model::Where where = {});

/// Named barrier `id` (0 is syncthreads') of `threads`, a multiple of 32, of which some only
/// arrive.
void barrier_sync(int id, int threads, model::Where where = {});
void barrier_arrive(int id, int threads, model::Where where = {});

/// An mbarrier is 8 bytes of shared memory. One thread makes it; fence_mbarrier_init() and a
/// barrier come before anybody's use.
void mbarrier_init(u32 barrier, u32 arrivals, model::Where where = {});
void mbarrier_inval(u32 barrier, model::Where where = {});
void mbarrier_arrive(u32 barrier, u32 arrivals = 1, model::Where where = {});
void mbarrier_expect_tx(u32 barrier, u32 bytes, model::Where where = {});
void mbarrier_arrive_expect_tx(u32 barrier, u32 bytes, model::Where where = {});
/// Waits until the phase of that parity has completed: 0 for the first, then 1, 0, ...
void mbarrier_wait(u32 barrier, u32 parity, model::Where where = {});
/// Whether it has, without waiting; loop over mbarrier_wait, not over this.
bool mbarrier_test(u32 barrier, u32 parity, model::Where where = {});
void fence_mbarrier_init(model::Where where = {});

/// What the thread knows of its own and others' plain accesses becomes visible to TMA, bulk copies
/// and wgmma.
void fence_proxy_async_shared(model::Where where = {});
void fence_proxy_async_global(model::Where where = {});
void fence_proxy_async(model::Where where = {});

}  // namespace windtunnel::device
