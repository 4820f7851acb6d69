#include "kernels/device/model/copy_async.h"

#include <algorithm>
#include <cstring>

#include "kernels/device/model/address.h"
#include "kernels/device/model/copies.h"
#include "kernels/device/model/mbarrier.h"
#include "kernels/device/model/text.h"

namespace windtunnel::device {

namespace model {

namespace {

/// Arrivals that nothing holds back any more.
void arrive_due(Thread& thread) {
  std::erase_if(thread.arrivals_in_flight, [&](const ArrivalInFlight& it) {
    for (const CopyInFlight& copy : thread.copies_in_flight) {
      if (copy.number <= it.after) return false;
    }
    Mbarrier& barrier = *thread.cta->barriers[it.barrier];
    arrive(barrier, 1, it.knowledge);
    complete_phases(*thread.cta, barrier);
    return true;
  });
}

void list_as_copying(Thread& thread) {
  if (thread.listed_as_copying) return;
  thread.listed_as_copying = true;
  grid().copying.push_back(&thread);
}

/// All copies up to number `last` land, and the thread knows it.
void finish_copies(Thread& thread, u32 last) {
  for (std::size_t i = 0; i < thread.copies_in_flight.size();) {
    if (thread.copies_in_flight[i].number <= last) {
      land_copy(thread, i);
    } else {
      ++i;
    }
  }
  Epoch& known = thread.own.seen[OwnEpochs::kCopies];
  known = std::max(known, last);
}

}  // namespace

void land_copy(Thread& thread, std::size_t index) {
  const CopyInFlight copy = thread.copies_in_flight[index];
  thread.copies_in_flight.erase(thread.copies_in_flight.begin() +
                                static_cast<std::ptrdiff_t>(index));
  ++grid().counters.landings;
  Cta& cta = *thread.cta;
  char* to = cta.shared.data() + (copy.to - cta.base);
  if (copy.bytes > 0) std::memcpy(to, copy.from, copy.bytes);
  std::memset(to + copy.bytes, 0, copy.size - copy.bytes);
  cta.shadow->define(copy.to - cta.base, copy.size);
  arrive_due(thread);
}

void copy_async(u32 to, const void* from, u32 size, u32 bytes, Where where) {
  at(where);
  Thread& thread = self();
  if (bytes > size) fail(text("cp_async: ", bytes, " of ", size, " bytes"));
  shared_bytes(*thread.cta, to, size, size, "cp_async");
  Access access = plain_access(thread, Operation::kCopyAsync);
  access.agent = grid().agents.copies(thread.id);
  access.epoch = ++thread.copies_issued;
  const Observer observer = observer_of(thread);
  if (bytes > 0) {
    const Allocation& buffer = buffer_of(from, bytes, size, "cp_async");
    read_global(buffer, from, bytes, access, observer);
  }
  write_shared(*thread.cta, to, size, access, observer, false);
  thread.copies_in_flight.push_back(
      {to, static_cast<const char*>(from), bytes, size, thread.copies_issued});
  list_as_copying(thread);
  if (grid().adversary.at_once) land_copy(thread, thread.copies_in_flight.size() - 1);
}

void await_copies(u32 pending, Where where) {
  at(where);
  Thread& thread = self();
  const std::size_t groups = thread.copy_groups.size();
  if (groups <= pending) return;
  finish_copies(thread, thread.copy_groups[groups - pending - 1]);
  maybe_yield();
}

}  // namespace model

void cp_async_commit(model::Where where) {
  model::at(where);
  model::Thread& thread = model::self();
  thread.copy_groups.push_back(thread.copies_issued);
}

void cp_async_wait_all(model::Where where) {
  model::at(where);
  model::Thread& thread = model::self();
  model::finish_copies(thread, thread.copies_issued);
  model::maybe_yield();
}

void cp_async_mbarrier_arrive_noinc(u32 address, model::Where where) {
  using namespace model;
  at(where);
  Thread& thread = self();
  const Mbarrier& barrier = mbarrier_at(address, "cp_async_mbarrier_arrive_noinc");
  // Whoever sees the phase complete knows the copies so far, though the thread itself does not.
  Knowledge knowledge = released_by(thread);
  BlockPool::raise(*knowledge.seen.own.get(), grid().agents.copies(thread.id),
                   thread.copies_issued);
  advance(thread);
  thread.copies_covered = thread.copies_issued;
  thread.arrivals_in_flight.push_back({barrier.number, thread.copies_issued, knowledge});
  list_as_copying(thread);
  if (thread.copies_in_flight.empty()) arrive_due(thread);
}

}  // namespace windtunnel::device
