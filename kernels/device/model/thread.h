// What every operation of the model does with the thread that executes it.
#pragma once

#include "kernels/device/model/grid.h"

namespace windtunnel::device::model {

/// Notes where the running thread is, and perhaps lets others run first.
void at(Where where);
/// Lets other threads run, if the adversary wants to.
void maybe_yield();
/// Suspends the running thread until wake().
void block(Wait wait);
void wake(Thread& thread);

/// The running thread's clock with its newest epochs, as a release hands it on.
Knowledge released_by(Thread& thread);
/// Begins a new epoch: what the thread does from now on is not covered by earlier releases.
inline void advance(Thread& thread) { ++thread.own.seen[OwnEpochs::kThread]; }
/// Joins a released clock into the thread's.
void acquire(Thread& thread, const Knowledge& knowledge, u32 from_cta);

/// Adds the thread's clock to `gathered` and begins a new epoch of the thread.
void gather(Gathered& gathered, Thread& thread, bool release = true);

/// The thread as the observer of its own accesses.
Observer observer_of(const Thread& thread);
/// A warp as the observer of what all its lanes, which know `all` together, do at once.
Observer observer_of(const Warp& warp, const Knowledge& all);
inline bool ordered(const Observer& observer, const Access& earlier, bool by_proxy) {
  return observer.ordered(earlier.launch, earlier.cta, earlier.agent, earlier.epoch, by_proxy);
}

/// An access by the running thread itself.
Access plain_access(const Thread& thread, Operation operation);
/// Whether scopes of two agents include each other.
bool reach(Strength a, u32 cta_a, Strength b, u32 cta_b);

/// Ends the launch if `conflict` is one; `what` and `place` describe the access that made it.
void judge(const Conflict& conflict, const Access& access, const std::string& place);

}  // namespace windtunnel::device::model
