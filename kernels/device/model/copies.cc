#include "kernels/device/model/copies.h"

#include "kernels/device/model/multiply.h"

namespace windtunnel::device::model {

namespace {

/// A random thread with cp.async in flight, or null; those without any leave the list.
Thread* copying_thread(Grid& g) {
  while (!g.copying.empty()) {
    const u32 pick = g.random.below(static_cast<u32>(g.copying.size()));
    Thread* thread = g.copying[pick];
    if (!thread->copies_in_flight.empty()) return thread;
    thread->listed_as_copying = false;
    g.copying[pick] = g.copying.back();
    g.copying.pop_back();
  }
  return nullptr;
}

Warp* multiplying_warp(Grid& g) {
  while (!g.multiplying.empty()) {
    const u32 pick = g.random.below(static_cast<u32>(g.multiplying.size()));
    Warp* warp = g.multiplying[pick];
    if (!warp->wgmmas.empty()) return warp;
    warp->listed_as_multiplying = false;
    g.multiplying[pick] = g.multiplying.back();
    g.multiplying.pop_back();
  }
  return nullptr;
}

bool land_random_copy(Grid& g) {
  Thread* thread = copying_thread(g);
  if (thread == nullptr) return false;
  land_copy(*thread, g.random.below(static_cast<u32>(thread->copies_in_flight.size())));
  return true;
}

bool land_random_wgmma(Grid& g) {
  // Whoever waits for a wgmma lets it land, so only the adversary may be in a hurry.
  Warp* warp = multiplying_warp(g);
  if (warp == nullptr) return false;
  land_wgmma(*warp);
  return true;
}

bool land_random_load(Grid& g) {
  if (g.loads.empty()) return false;
  land_load(g, g.random.below(static_cast<u32>(g.loads.size())));
  return true;
}

/// A store reads first and writes at some later time.
bool land_random_store(Grid& g) {
  if (g.stores.empty()) return false;
  const u32 pick = g.random.below(static_cast<u32>(g.stores.size()));
  if (g.stores[pick].was_read) {
    land_store(g, pick);
  } else {
    read_store(g.stores[pick]);
  }
  return true;
}

}  // namespace

void land_some(Grid& g) {
  const Adversary& a = g.adversary;
  if (!g.loads.empty() && g.random.chance(a.land_loads)) land_random_load(g);
  if (!g.stores.empty() && g.random.chance(a.land_stores)) land_random_store(g);
  if (!g.copying.empty() && g.random.chance(a.land_copies)) land_random_copy(g);
  if (!g.multiplying.empty() && g.random.chance(a.land_copies)) land_random_wgmma(g);
}

bool land_one(Grid& g) {
  return land_random_load(g) || land_random_copy(g) || land_random_store(g);
}

}  // namespace windtunnel::device::model
