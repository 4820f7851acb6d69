// The routes of ops: which resources one uses, and how much. The ops of a rank take few different
// routes, so each is stored once, however many millions of ops take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace windtunnel {

using ResourceId = std::int32_t;
using RouteId = std::int32_t;

/// Units (bytes) per second that an op would use of a resource if it ran at full speed.
struct Share {
  ResourceId resource;
  std::int64_t demand;

  friend bool operator==(const Share&, const Share&) = default;
};

/// Every route once, numbered in the order of first use.
struct RouteTable {
  std::vector<std::int32_t> shares_end;  ///< by route: where its shares end, and the next's begin
  std::vector<Share> shares;             ///< of all routes, one after the other
  std::vector<RouteId> slots;            ///< hash table, open addressing, a power of two long
};

/// The route with these shares, added if it is new.
RouteId find_or_add(RouteTable& table, std::span<const Share> shares);

/// The shares of a route.
inline std::span<const Share> shares_of(const RouteTable& table, RouteId route) {
  const std::size_t index = static_cast<std::size_t>(route);
  const std::size_t begin = index == 0 ? 0 : static_cast<std::size_t>(table.shares_end[index - 1]);
  const std::size_t end = static_cast<std::size_t>(table.shares_end[index]);
  return std::span(table.shares).subspan(begin, end - begin);
}

}  // namespace windtunnel
