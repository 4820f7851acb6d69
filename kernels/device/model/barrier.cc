#include "kernels/device/model/barrier.h"

#include <utility>

#include "kernels/device/model/text.h"
#include "kernels/device/model/thread.h"

namespace windtunnel::device {

namespace model {

namespace {

void check_barrier(int id, int threads, const NamedBarrier& barrier) {
  const int most = static_cast<int>(grid().agents.warps * kWarpThreads);
  if (threads % 32 != 0 || threads <= 0 || threads > most) {
    fail(text("barrier ", id, ": ", threads, " threads are no multiple of 32 up to ", most));
  }
  if (barrier.arrived != 0 && barrier.expected != static_cast<u32>(threads)) {
    fail(text("barrier ", id, ": this thread counts ", threads, " threads, others ",
              barrier.expected));
  }
}

/// Everybody has come: hands the sum of all clocks to those who wait.
void complete(NamedBarrier& barrier, bool with_last) {
  const bool races = grid().options.races;
  if (with_last && races) self().knowledge = barrier.arrivals.knowledge;
  for (Thread* it : std::exchange(barrier.waiting, {})) {
    if (races) it->knowledge = barrier.arrivals.knowledge;
    wake(*it);
  }
  barrier.arrivals = {};
  barrier.arrived = 0;
  barrier.result = std::exchange(barrier.votes, 0);
}

void come(int id, u32 threads, bool waits, bool predicate) {
  Thread& thread = self();
  NamedBarrier& barrier = thread.cta->named[static_cast<u32>(id)];
  barrier.expected = threads;
  ++barrier.arrived;
  barrier.votes += predicate ? 1 : 0;
  if (grid().options.races) gather(barrier.arrivals, thread);
  if (barrier.arrived == barrier.expected) {
    complete(barrier, waits);
    maybe_yield();
  } else if (waits) {
    barrier.waiting.push_back(&thread);
    thread.wait_address = static_cast<u32>(id);
    block(Wait::kBarrier);
  } else {
    maybe_yield();
  }
}

u32 come_all(bool predicate, Where where) {
  at(where);
  const u32 threads = grid().agents.threads;
  const NamedBarrier& barrier = self().cta->named[0];
  if (barrier.arrived != 0 && barrier.expected != threads) {
    fail(text("barrier 0: syncthreads meets others who count ", barrier.expected, " threads"));
  }
  come(0, threads, true, predicate);
  return barrier.result;
}

void come_named(int id, int threads, bool waits, Where where) {
  at(where);
  if (id < 0 || id >= static_cast<int>(kNamedBarriers)) fail(text("barrier ", id, ": no such"));
  check_barrier(id, threads, self().cta->named[static_cast<u32>(id)]);
  come(id, static_cast<u32>(threads), waits, false);
}

}  // namespace

/// What fence.proxy.async does to a thread's second clock.
void fence_async(Where where) {
  at(where);
  Grid& g = grid();
  Thread& thread = self();
  thread.own.async[OwnEpochs::kThread] = thread.own.seen[OwnEpochs::kThread];
  thread.own.async[OwnEpochs::kCopies] = thread.own.seen[OwnEpochs::kCopies];
  advance(thread);
  if (g.options.strict_proxy_fence || !g.options.races) return;
  // Without the strict rule the thread passes on all that it has seen.
  const u32 cta = thread.cta->index;
  join(g.pool, thread.knowledge.async, cta, thread.knowledge.seen, cta, g.cta_count);
}

}  // namespace model

void syncthreads(model::Where where) { model::come_all(false, where); }
int syncthreads_count(bool predicate, model::Where where) {
  return static_cast<int>(model::come_all(predicate, where));
}
bool syncthreads_or(bool predicate, model::Where where) {
  return model::come_all(predicate, where) != 0;
}
bool syncthreads_and(bool predicate, model::Where where) {
  return model::come_all(predicate, where) == model::grid().agents.threads;
}
void barrier_sync(int id, int threads, model::Where where) {
  model::come_named(id, threads, true, where);
}
void barrier_arrive(int id, int threads, model::Where where) {
  model::come_named(id, threads, false, where);
}

void fence_proxy_async_shared(model::Where where) { model::fence_async(where); }
void fence_proxy_async_global(model::Where where) { model::fence_async(where); }
void fence_proxy_async(model::Where where) { model::fence_async(where); }

}  // namespace windtunnel::device
