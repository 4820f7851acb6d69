#include "kernels/device/model/thread.h"

#include "kernels/device/model/report.h"
#include "kernels/device/model/text.h"

namespace windtunnel::device::model {

void maybe_yield() {
  Grid& g = grid();
  if (g.adversary.yield == 0 || !g.random.chance(g.adversary.yield)) return;
  switch_fiber(self().fiber, g.scheduler);
}

void at(Where where) {
  self().where = where;
  maybe_yield();
}

void block(Wait wait) {
  Thread& thread = self();
  thread.ready = false;
  thread.warp->ready &= ~(1U << thread.lane);
  thread.wait = wait;
  switch_fiber(thread.fiber, grid().scheduler);
  thread.wait = Wait::kNothing;
}

void wake(Thread& thread) {
  Warp& warp = *thread.warp;
  thread.ready = true;
  warp.ready |= 1U << thread.lane;
  if (warp.ready_at < 0) {
    warp.ready_at = static_cast<int>(grid().ready.size());
    grid().ready.push_back(&warp);
  }
}

namespace {

void raise_own(Block& seen, Block& async, const Thread& thread) {
  const Agents& agents = grid().agents;
  BlockPool::raise(seen, agents.thread(thread.id), thread.epoch);
  BlockPool::raise(seen, agents.copies(thread.id), thread.copies);
  BlockPool::raise(seen, agents.wgmma(thread.warp->id), thread.wgmma);
  BlockPool::raise(seen, agents.bulk(thread.id), thread.bulk);
  BlockPool::raise(seen, agents.bulk_read(thread.id), thread.bulk_read);
  BlockPool::raise(async, agents.thread(thread.id), thread.async_epoch);
  BlockPool::raise(async, agents.copies(thread.id), thread.async_copies);
}

void join_world(Clock& to, const Clock& from, u32 cta) {
  if (from.world == nullptr || from.world == to.world) return;
  const Clock only_world{BlockRef{}, from.world};
  join(grid().pool, to, cta, only_world, cta, grid().cta_count);
}

/// Whether the thread's own epochs, which its block lacks, cover `earlier`.
bool own_covers(const Thread& thread, const Access& earlier, bool by_proxy) {
  const Agents& agents = grid().agents;
  if (earlier.agent == agents.thread(thread.id)) {
    return earlier.epoch <= (by_proxy ? thread.async_epoch : thread.epoch);
  }
  if (earlier.agent == agents.copies(thread.id)) {
    return earlier.epoch <= (by_proxy ? thread.async_copies : thread.copies);
  }
  if (earlier.agent == agents.wgmma(thread.warp->id)) return earlier.epoch <= thread.wgmma;
  if (earlier.agent == agents.bulk(thread.id)) return earlier.epoch <= thread.bulk;
  if (earlier.agent == agents.bulk_read(thread.id)) return earlier.epoch <= thread.bulk_read;
  return false;
}

}  // namespace

Knowledge released_by(Thread& thread) {
  Knowledge released = thread.knowledge;
  released.seen.own = grid().pool.copy(thread.knowledge.seen.own);
  released.async.own = grid().pool.copy(thread.knowledge.async.own);
  raise_own(*released.seen.own.get(), *released.async.own.get(), thread);
  return released;
}

void acquire(Thread& thread, const Knowledge& knowledge, u32 from_cta) {
  Grid& g = grid();
  const u32 cta = thread.cta->index;
  join(g.pool, thread.knowledge.seen, cta, knowledge.seen, from_cta, g.cta_count);
  join(g.pool, thread.knowledge.async, cta, knowledge.async, from_cta, g.cta_count);
}

void gather(Gathered& gathered, Thread& thread, bool release) {
  Grid& g = grid();
  Knowledge& sum = gathered.knowledge;
  if (!gathered.any) {
    sum = thread.knowledge;
    sum.seen.own = g.pool.copy(thread.knowledge.seen.own);
    sum.async.own = g.pool.copy(thread.knowledge.async.own);
    gathered.any = true;
  } else {
    if (!(thread.knowledge.seen.own == gathered.last_seen)) {
      BlockPool::join_into(*sum.seen.own.get(), thread.knowledge.seen.own);
    }
    if (!(thread.knowledge.async.own == gathered.last_async)) {
      BlockPool::join_into(*sum.async.own.get(), thread.knowledge.async.own);
    }
    join_world(sum.seen, thread.knowledge.seen, thread.cta->index);
    join_world(sum.async, thread.knowledge.async, thread.cta->index);
  }
  gathered.last_seen = thread.knowledge.seen.own;
  gathered.last_async = thread.knowledge.async.own;
  raise_own(*sum.seen.own.get(), *sum.async.own.get(), thread);
  if (release) advance(thread);
}

bool ThreadObserver::ordered(const Access& earlier, bool by_proxy) const {
  if (earlier.launch != grid().launch) return true;
  const Clock& clock = by_proxy ? thread_.knowledge.async : thread_.knowledge.seen;
  const u32 cta = thread_.cta->index;
  if (clock.of(cta, earlier.cta, earlier.agent) >= earlier.epoch) return true;
  return earlier.cta == cta && own_covers(thread_, earlier, by_proxy);
}

bool ThreadObserver::reaches(const Access& earlier, const Access& now) const {
  return reach(earlier.strength, earlier.cta, now.strength, now.cta);
}

bool WarpObserver::ordered(const Access& earlier, bool by_proxy) const {
  if (earlier.launch != grid().launch) return true;
  const Clock& clock = by_proxy ? all_.async : all_.seen;
  return clock.of(warp_.cta->index, earlier.cta, earlier.agent) >= earlier.epoch;
}

Access plain_access(const Thread& thread, Operation operation) {
  Access access;
  access.epoch = thread.epoch;
  access.cta = static_cast<std::uint16_t>(thread.cta->index);
  access.agent = grid().agents.thread(thread.id);
  access.site = grid().sites.number(thread.where);
  access.launch = grid().launch;
  access.operation = operation;
  return access;
}

bool reach(Strength a, u32 cta_a, Strength b, u32 cta_b) {
  if (cta_a == cta_b) return true;
  if (a == Strength::kCta || b == Strength::kCta) return false;
  const Grid& g = grid();
  const u32 per_rank = g.cta_count / g.shape.ranks;
  if (cta_a / per_rank == cta_b / per_rank) return true;
  return a == Strength::kSys && b == Strength::kSys;
}

void judge(const Conflict& conflict, const Access& access, const std::string& place) {
  if (conflict) fail(describe(conflict, access, place));
}

}  // namespace windtunnel::device::model
