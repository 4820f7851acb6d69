#include "kernels/device/model/global.h"

#include <algorithm>

#include "kernels/device/model/address.h"
#include "kernels/device/model/text.h"
#include "kernels/device/model/thread.h"

namespace windtunnel::device::model {

namespace {

Strength strength_of(Scope scope) {
  return scope == Scope::kCta   ? Strength::kCta
         : scope == Scope::kGpu ? Strength::kGpu
                                : Strength::kSys;
}

bool acquires(Order order) { return order == Order::kAcquire || order == Order::kAcqRel; }
bool releases(Order order) { return order == Order::kRelease || order == Order::kAcqRel; }

std::size_t offset_in(const Allocation& buffer, const void* data) {
  return static_cast<std::size_t>(static_cast<const char*>(data) - buffer.data);
}

/// Who a released clock may be acquired by: two that agree here can be kept as one.
u32 domain(Strength strength, u32 cta) {
  const Grid& g = grid();
  return strength == Strength::kCta ? cta : cta / (g.cta_count / g.shape.ranks);
}

/// Takes over what a load at `strength` may acquire of what was released there.
void take(Thread& thread, const std::vector<Released>& released, Strength strength) {
  for (const Released& it : released) {
    if (reach(it.strength, it.cta, strength, thread.cta->index)) {
      acquire(thread, *it.knowledge, it.cta);
    }
  }
}

/// Adds a release to those at an address, joined with one that the same threads may acquire.
void add_release(std::vector<Released>& released, Released one) {
  if (one.knowledge == nullptr) return;
  Grid& g = grid();
  for (Released& it : released) {
    const bool same =
        it.strength == one.strength && domain(it.strength, it.cta) == domain(one.strength, one.cta);
    if (!same) continue;
    Knowledge joined = *it.knowledge;
    join(g.pool, joined.seen, it.cta, one.knowledge->seen, one.cta, g.cta_count);
    join(g.pool, joined.async, it.cta, one.knowledge->async, one.cta, g.cta_count);
    it.knowledge = std::make_shared<const Knowledge>(std::move(joined));
    return;
  }
  released.push_back(std::move(one));
}

/// What a load of the thread makes of the clocks released at its address.
void see(Thread& thread, const std::vector<Released>& released, Order order, Strength strength) {
  if (!grid().options.races) return;
  if (acquires(order)) {
    take(thread, released, strength);
    return;
  }
  // A later fence may still acquire what this load saw.
  for (Released it : released) {
    if (!reach(it.strength, it.cta, strength, thread.cta->index)) continue;
    it.strength = std::min(it.strength, strength);
    add_release(thread.pending, std::move(it));
  }
}

/// What a store or a read-modify-write of the thread hands on to those who acquire its value.
Released handed_on(Thread& thread, Order order, Strength strength) {
  if (!grid().options.races || !releases(order)) return thread.fenced;
  Released one{thread.cta->index, strength, std::make_shared<const Knowledge>(released_by(thread))};
  advance(thread);
  return one;
}

Access strong_access(const Thread& thread, Operation operation, Scope scope) {
  Access access = plain_access(thread, operation);
  access.strength = strength_of(scope);
  return access;
}

/// Where a test chooses who goes on, it does so before a flag changes that other GPUs may see.
void await_choice(Thread& thread, Scope scope) {
  Grid& g = grid();
  if (scope != Scope::kSys || !g.options.choose) return;
  g.choice_due = true;
  switch_fiber(thread.fiber, g.scheduler);
}

void need_dependency(const Thread& thread) {
  if (!thread.grid_dependency_met) {
    fail(
        "the grid was launched behind another one, and global memory is touched before "
        "grid_dependency_wait");
  }
}

}  // namespace

Allocation& buffer_of(const void* data, u64 bytes, u32 alignment, const char* what) {
  Allocation* buffer = grid().memory.find(data, bytes);
  if (buffer == nullptr) {
    fail(text(what, ": ", bytes, " bytes at ", grid().memory.place(data),
              " are outside every buffer"));
  }
  if (reinterpret_cast<std::uintptr_t>(data) % alignment != 0) {
    fail(text(what, ": ", grid().memory.place(data), " is not aligned to ", alignment, " bytes"));
  }
  need_dependency(self());
  return *buffer;
}

void read_global(const Allocation& buffer, const void* data, u64 bytes, const Access& access,
                 const Observer& observer) {
  const Conflict it =
      buffer.shadow->read(offset_in(buffer, data), bytes, access, observer, grid().random);
  if (it) judge(it, access, text(buffer.name, " + ", it.offset));
}

void write_global(const Allocation& buffer, const void* data, u64 bytes, const Access& access,
                  const Observer& observer, bool defines) {
  const Conflict it =
      buffer.shadow->write(offset_in(buffer, data), bytes, access, observer, defines);
  if (it) judge(it, access, text(buffer.name, " + ", it.offset));
}

const char* load_global(const void* data, u32 bytes, bool read_only, Where where) {
  at(where);
  const Thread& thread = self();
  const Allocation& buffer = buffer_of(data, bytes, bytes, "ld_global");
  Access access = plain_access(thread, Operation::kLoad);
  if (read_only) {
    // Nothing in the launch may order a write before or after it.
    access.read_only = true;
  }
  read_global(buffer, data, bytes, access, observer_of(thread));
  return static_cast<const char*>(data);
}

char* store_global(void* data, u32 bytes, Where where) {
  at(where);
  const Thread& thread = self();
  const Allocation& buffer = buffer_of(data, bytes, bytes, "st_global");
  write_global(buffer, data, bytes, plain_access(thread, Operation::kStore), observer_of(thread),
               true);
  if (!grid().flags.empty()) wake_flags(data, bytes);
  return static_cast<char*>(data);
}

const char* load_strong(const void* data, u32 bytes, Order order, Scope scope, Where where) {
  at(where);
  Grid& g = grid();
  Thread& thread = self();
  if (thread.polled == data) switch_fiber(thread.fiber, g.scheduler);
  thread.polled = data;
  const Allocation& buffer = buffer_of(data, bytes, bytes, "a strong load");
  const auto found = g.released.find(data);
  if (found != g.released.end()) see(thread, found->second, order, strength_of(scope));
  read_global(buffer, data, bytes, strong_access(thread, Operation::kAtomic, scope),
              observer_of(thread));
  return static_cast<const char*>(data);
}

char* store_strong(void* data, u32 bytes, Order order, Scope scope, Where where) {
  at(where);
  Grid& g = grid();
  Thread& thread = self();
  await_choice(thread, scope);
  const Allocation& buffer = buffer_of(data, bytes, bytes, "a strong store");
  write_global(buffer, data, bytes, strong_access(thread, Operation::kAtomic, scope),
               observer_of(thread), true);
  std::vector<Released>& released = g.released[data];
  // A store ends what earlier ones released here; a read-modify-write would continue it.
  released.clear();
  add_release(released, handed_on(thread, order, strength_of(scope)));
  return static_cast<char*>(data);
}

char* update_strong(void* data, u32 bytes, Order order, Scope scope, Where where) {
  at(where);
  Grid& g = grid();
  Thread& thread = self();
  await_choice(thread, scope);
  const Allocation& buffer = buffer_of(data, bytes, bytes, "an atomic");
  std::vector<Released>& released = g.released[data];
  see(thread, released, order, strength_of(scope));
  const Access access = strong_access(thread, Operation::kAtomic, scope);
  const Observer observer = observer_of(thread);
  read_global(buffer, data, bytes, access, observer);
  write_global(buffer, data, bytes, access, observer, true);
  add_release(released, handed_on(thread, order, strength_of(scope)));
  return static_cast<char*>(data);
}

void stored_strong(const void* data, u32 bytes) { wake_flags(data, bytes); }

void wake_flags(const void* data, u64 bytes) {
  auto& flags = grid().flags;
  const char* end = static_cast<const char*>(data) + bytes;
  for (auto it = flags.lower_bound(data); it != flags.end() && it->first < end;) {
    for (Thread* thread : it->second) wake(*thread);
    it = flags.erase(it);
  }
}

void wait_for_store(const void* flag) {
  Thread& thread = self();
  grid().flags[flag].push_back(&thread);
  thread.wait_flag = flag;
  block(Wait::kFlag);
}

void fence(Scope scope, Where where) {
  at(where);
  Thread& thread = self();
  if (!grid().options.races) return;
  const Strength strength = strength_of(scope);
  take(thread, thread.pending, strength);
  thread.pending.clear();
  thread.fenced = {thread.cta->index, strength,
                   std::make_shared<const Knowledge>(released_by(thread))};
  advance(thread);
}

void await_grid_dependency(Where where) {
  at(where);
  self().grid_dependency_met = true;
}

}  // namespace windtunnel::device::model
