#include "simulator/engine/route_table.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace windtunnel {
namespace {

constexpr RouteId kFree = -1;
constexpr std::size_t kFirstSlots = 64;

std::size_t hash(std::span<const Share> shares) {
  std::uint64_t sum = 0x9e3779b97f4a7c15u;
  for (const Share& share : shares) {
    sum ^= static_cast<std::uint64_t>(share.resource);
    sum *= 0xff51afd7ed558ccdu;
    sum ^= (sum >> 32) ^ static_cast<std::uint64_t>(share.demand);
    sum *= 0xc4ceb9fe1a85ec53u;
    sum ^= sum >> 29;
  }
  return static_cast<std::size_t>(sum);
}

// The slot that holds these shares, or the free one where they belong.
std::size_t find_slot(const RouteTable& table, std::span<const Share> shares) {
  const std::size_t mask = table.slots.size() - 1;
  std::size_t slot = hash(shares) & mask;
  while (table.slots[slot] != kFree &&
         !std::ranges::equal(shares_of(table, table.slots[slot]), shares)) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

// Keeps at least half of the slots free.
void grow(RouteTable& table) {
  const std::size_t routes = table.shares_end.size();
  if (table.slots.size() >= 2 * (routes + 1)) return;
  table.slots.assign(std::max(kFirstSlots, 2 * table.slots.size()), kFree);
  for (std::size_t route = 0; route < routes; ++route) {
    const RouteId id = static_cast<RouteId>(route);
    table.slots[find_slot(table, shares_of(table, id))] = id;
  }
}

}  // namespace

RouteId find_or_add(RouteTable& table, std::span<const Share> shares) {
  assert(!shares.empty());
  grow(table);
  RouteId& route = table.slots[find_slot(table, shares)];
  if (route == kFree) {
    route = static_cast<RouteId>(table.shares_end.size());
    table.shares.insert(table.shares.end(), shares.begin(), shares.end());
    table.shares_end.push_back(static_cast<std::int32_t>(table.shares.size()));
  }
  return route;
}

}  // namespace windtunnel
