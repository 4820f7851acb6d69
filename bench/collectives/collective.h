// What is exchanged between ranks, and how its rate is counted. Elements have two bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/shapes/units.h"

namespace windtunnel::bench {

/// Names are those of bench/measurements' nccl tables, where they have one.
enum class Collective : std::uint8_t {
  kAllGather,
  kAllReduce,
  kReduceScatter,
  kAllToAll,
  kAllToAllV,
  kDispatch,  ///< tokens of kRowElements to the ranks of their experts (kernels/all_to_all)
  kCombine,   ///< a row of each of these ranks back, summed
};
inline constexpr Collective kCollectives[] = {Collective::kAllGather,     Collective::kAllReduce,
                                              Collective::kReduceScatter, Collective::kAllToAll,
                                              Collective::kAllToAllV,     Collective::kDispatch,
                                              Collective::kCombine};

/// How much an alltoallv sends to whom, the same for every source: shares p_r of what a rank sends
/// to rank r of n. kZipf: p_r proportional to 1 / (r + 1). kHot: rank 0 gets 1/2, the others the
/// rest in equal parts.
enum class Skew : std::uint8_t { kBalanced, kZipf, kHot };
inline constexpr Skew kSkews[] = {Skew::kBalanced, Skew::kZipf, Skew::kHot};

std::string_view collective_name(Collective kind);
std::optional<Collective> find_collective(std::string_view name);
std::string_view skew_name(Skew skew);
std::optional<Skew> find_skew(std::string_view name);

inline constexpr std::int64_t kElementBytes = 2;

/// `elements` as nccl-tests counts them: of the larger of a rank's two buffers, a multiple of the
/// ranks; of the exchange of tokens, those of a rank's tokens. Skewed: alltoallv only.
struct CollectiveCase {
  Collective kind;
  Skew skew;
  std::int64_t elements;

  friend bool operator==(const CollectiveCase&, const CollectiveCase&) = default;
};

/// `alltoallv/zipf`, `all_reduce`.
std::string case_name(const CollectiveCase& it);

/// Elements from each source (row) to each destination, of the kinds that send something else to
/// everyone.
using Traffic = std::vector<std::vector<std::int64_t>>;

/// By nccl-tests (doc/PERFORMANCE.md): the algorithm's rate is S / t, S the bytes of `elements`; a
/// bus' is that times (n - 1) / n, of an all-reduce 2 (n - 1) / n, so that it can be compared with
/// a link's. Where ranks send unequal amounts, which nccl-tests doesn't have, S is what a rank
/// sends on average, and the bus' bytes are those that the busiest rank sends or receives, its own
/// left out: of equal amounts the same (n - 1) / n.
struct MovedBytes {
  Bytes algorithm;
  Bytes bus;
};
MovedBytes moved_bytes(const CollectiveCase& it, const Traffic& traffic, int ranks);

/// Sizes from `least` to `most` bytes, each `factor` times the one before, as cases of `kinds`, an
/// alltoallv for each of `skews`. Bytes are rounded down to what the ranks share evenly; what comes
/// to nothing, or to the size before, is left out.
struct Sweep {
  std::vector<Collective> kinds;
  std::vector<Skew> skews;
  std::int64_t least;
  std::int64_t most;
  std::int64_t factor;
};
std::vector<CollectiveCase> cases_of(const Sweep& sweep, int ranks);

}  // namespace windtunnel::bench
