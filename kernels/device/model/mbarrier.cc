#include "kernels/device/model/mbarrier.h"

#include <memory>

#include "kernels/device/model/address.h"
#include "kernels/device/model/barrier.h"
#include "kernels/device/model/report.h"
#include "kernels/device/model/text.h"
#include "kernels/device/model/thread.h"

namespace windtunnel::device {

namespace model {

namespace {

constexpr u32 kMostArrivals = (1U << 20) - 1;
constexpr std::int64_t kMostBytes = (1 << 20) - 1;

Mbarrier* find(Cta& cta, u32 address) {
  for (const auto& it : cta.barriers) {
    if (it->live && it->address == address) return it.get();
  }
  return nullptr;
}

std::string named(const Mbarrier& barrier) {
  return text("mbarrier ", barrier.number, " at ", hex(barrier.address));
}

void check_count(const Mbarrier& barrier, u32 count) {
  if (barrier.pending < count) {
    fail(text(named(barrier), ": arrival beyond the ", barrier.count, " it counts to (phase ",
              barrier.phase, ")"));
  }
}

void expect(Mbarrier& barrier, u32 bytes) {
  barrier.bytes += bytes;
  if (barrier.bytes > kMostBytes) {
    fail(text(named(barrier), ": more than 2^20 - 1 bytes expected"));
  }
}

void arrive_now(Mbarrier& barrier, u32 count) {
  check_count(barrier, count);
  Thread& thread = self();
  if (grid().options.races) gather(barrier.arrivals, thread);
  barrier.pending -= count;
  complete_phases(*thread.cta, barrier);
}

bool completed(const Mbarrier& barrier, u32 parity) { return (barrier.phase & 1U) != parity; }

void take_completed(const Mbarrier& barrier) {
  Thread& thread = self();
  if (barrier.completed.knowledge != nullptr) {
    acquire(thread, *barrier.completed.knowledge, thread.cta->index);
  }
}

}  // namespace

Mbarrier& mbarrier_at(u32 address, const char* what, bool by_proxy) {
  Thread& thread = self();
  Mbarrier* barrier = find(*thread.cta, address);
  if (barrier == nullptr) {
    fail(text(what, ": there is no initialised mbarrier at ", hex(address)));
  }
  if (!grid().options.races) return *barrier;
  const Observer observer = observer_of(thread);
  if (!ordered(observer, barrier->initialising, false)) {
    fail(text(what, " on ", named(*barrier), ": nothing orders it after its ",
              describe(barrier->initialising)));
  }
  if (by_proxy && !barrier->fenced && !ordered(observer, barrier->initialising, true)) {
    fail(text(what, " on ", named(*barrier), ": no fence_mbarrier_init follows its ",
              describe(barrier->initialising)));
  }
  return *barrier;
}

void complete_phases(Cta& cta, Mbarrier& barrier) {
  Grid& g = grid();
  while (barrier.pending == 0 && barrier.bytes == 0) {
    ++barrier.phase;
    barrier.pending = barrier.count;
    if (g.options.races) {
      Knowledge sum = std::move(barrier.arrivals.knowledge);
      barrier.arrivals = {};
      BlockPool::raise(*sum.seen.own.get(), g.agents.barrier(barrier.number), barrier.phase);
      if (barrier.completed.knowledge != nullptr) {
        join(g.pool, sum.seen, cta.index, barrier.completed.knowledge->seen, cta.index,
             g.cta_count);
        join(g.pool, sum.async, cta.index, barrier.completed.knowledge->async, cta.index,
             g.cta_count);
      }
      barrier.completed = {cta.index, Strength::kCta,
                           std::make_shared<const Knowledge>(std::move(sum))};
    }
    std::erase_if(barrier.waiting, [&](Thread* it) {
      if (!completed(barrier, it->wait_parity)) return false;
      wake(*it);
      return true;
    });
  }
}

void arrive(Mbarrier& barrier, u32 count, const Knowledge& knowledge) {
  check_count(barrier, count);
  Grid& g = grid();
  if (g.options.races) {
    Gathered& sum = barrier.arrivals;
    if (!sum.any) {
      sum.knowledge = knowledge;
      sum.knowledge.seen.own = g.pool.copy(knowledge.seen.own);
      sum.knowledge.async.own = g.pool.copy(knowledge.async.own);
      sum.any = true;
    } else {
      BlockPool::join_into(*sum.knowledge.seen.own.get(), knowledge.seen.own);
      BlockPool::join_into(*sum.knowledge.async.own.get(), knowledge.async.own);
    }
  }
  barrier.pending -= count;
}

}  // namespace model

void mbarrier_init(u32 address, u32 arrivals, model::Where where) {
  using namespace model;
  at(where);
  Thread& thread = self();
  Cta& cta = *thread.cta;
  shared_bytes(cta, address, 8, 8, "mbarrier_init");
  if (find(cta, address) != nullptr) {
    fail(text("mbarrier_init: there is one at ", hex(address), " already"));
  }
  if (arrivals == 0 || arrivals > kMostArrivals) {
    fail(text("mbarrier_init: ", arrivals, " arrivals are not 1 to 2^20 - 1"));
  }
  if (cta.barriers.size() == kMostBarriers) fail("mbarrier_init: the model has room for 64");
  const Access access = plain_access(thread, Operation::kBarrierInit);
  write_shared(cta, address, 8, access, observer_of(thread), false);
  cta.shadow->guard(address - cta.base, true);
  auto barrier = std::make_unique<Mbarrier>();
  barrier->address = address;
  barrier->number = static_cast<u32>(cta.barriers.size());
  barrier->count = arrivals;
  barrier->pending = arrivals;
  barrier->initialising = access;
  cta.barriers.push_back(std::move(barrier));
}

void mbarrier_inval(u32 address, model::Where where) {
  using namespace model;
  at(where);
  Mbarrier& barrier = mbarrier_at(address, "mbarrier_inval");
  if (!barrier.waiting.empty() || barrier.bytes != 0) {
    fail(text("mbarrier_inval: ", named(barrier), " is in use"));
  }
  barrier.live = false;
  self().cta->shadow->guard(address - self().cta->base, false);
}

void mbarrier_arrive(u32 address, u32 arrivals, model::Where where) {
  model::at(where);
  model::arrive_now(model::mbarrier_at(address, "mbarrier_arrive"), arrivals);
}

void mbarrier_expect_tx(u32 address, u32 bytes, model::Where where) {
  model::at(where);
  model::expect(model::mbarrier_at(address, "mbarrier_expect_tx"), bytes);
}

void mbarrier_arrive_expect_tx(u32 address, u32 bytes, model::Where where) {
  model::at(where);
  model::Mbarrier& barrier = model::mbarrier_at(address, "mbarrier_arrive_expect_tx");
  model::expect(barrier, bytes);
  model::arrive_now(barrier, 1);
}

void mbarrier_wait(u32 address, u32 parity, model::Where where) {
  using namespace model;
  at(where);
  Mbarrier& barrier = mbarrier_at(address, "mbarrier_wait");
  Thread& thread = self();
  while (!completed(barrier, parity & 1U)) {
    thread.wait_address = address;
    thread.wait_parity = parity & 1U;
    barrier.waiting.push_back(&thread);
    block(Wait::kMbarrier);
  }
  take_completed(barrier);
}

bool mbarrier_test(u32 address, u32 parity, model::Where where) {
  using namespace model;
  at(where);
  Mbarrier& barrier = mbarrier_at(address, "mbarrier_test");
  if (!completed(barrier, parity & 1U)) {
    // A loop over this function must not keep the others from running.
    switch_fiber(self().fiber, grid().scheduler);
    return false;
  }
  take_completed(barrier);
  return true;
}

void fence_mbarrier_init(model::Where where) {
  using namespace model;
  at(where);
  const Thread& thread = self();
  for (const auto& it : thread.cta->barriers) {
    if (it->initialising.agent == thread.id) it->fenced = true;
  }
}

}  // namespace windtunnel::device
