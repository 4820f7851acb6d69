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

void raise_own(Block& seen, Block& async, const OwnEpochs& own) {
  for (std::size_t i = 0; i < OwnEpochs::kAgents; ++i) {
    BlockPool::raise(seen, own.agents[i], own.seen[i]);
    BlockPool::raise(async, own.agents[i], own.async[i]);
  }
}

void join_world(Clock& to, const Clock& from, u32 cta) {
  if (from.world == nullptr || from.world == to.world) return;
  const Clock only_world{BlockRef{}, from.world};
  join(grid().pool, to, cta, only_world, cta, grid().cta_count);
}

}  // namespace

Knowledge released_by(Thread& thread) {
  Knowledge released = thread.knowledge;
  released.seen.own = grid().pool.copy(thread.knowledge.seen.own);
  released.async.own = grid().pool.copy(thread.knowledge.async.own);
  raise_own(*released.seen.own.get(), *released.async.own.get(), thread.own);
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
  raise_own(*sum.seen.own.get(), *sum.async.own.get(), thread.own);
  if (release) advance(thread);
}

Observer observer_of(const Thread& thread) {
  const Grid& g = grid();
  return {thread.knowledge, &thread.own, thread.cta->index, g.launch, g.cta_count / g.shape.ranks};
}

Observer observer_of(const Warp& warp, const Knowledge& all) {
  const Grid& g = grid();
  return {all, nullptr, warp.cta->index, g.launch, g.cta_count / g.shape.ranks};
}

Access plain_access(const Thread& thread, Operation operation) {
  Access access;
  access.epoch = thread.own.seen[OwnEpochs::kThread];
  access.cta = static_cast<std::uint16_t>(thread.cta->index);
  access.agent = grid().agents.thread(thread.id);
  access.site = grid().sites.number(thread.where);
  access.launch = grid().launch;
  access.operation = operation;
  return access;
}

bool reach(Strength a, u32 cta_a, Strength b, u32 cta_b) {
  return observer_of(self()).reaches(a, cta_a, b, cta_b);
}

void judge(const Conflict& conflict, const Access& access, const std::string& place) {
  if (conflict) fail(describe(conflict, access, place));
}

}  // namespace windtunnel::device::model
