// Who sends what to whom: counts, offsets, and what must have arrived.
#pragma once

#include "bench/collectives/collective.h"
#include "kernels/all_to_all/reference.h"

namespace windtunnel::bench {

/// A token of DeepSeek-V3, in elements; its experts: 32 a rank, 8 for each token.
inline constexpr std::int64_t kRowElements = 7168;
inline constexpr int kRankExperts = 32;
inline constexpr int kTopK = 8;

/// Tokens of every rank and the experts they choose, drawn with equal chances from a fixed seed.
struct TokenRoutes {
  std::int64_t tokens;  ///< of a rank
  reference::Choices choices;
  reference::Exchange exchange;
};
TokenRoutes token_routes(const CollectiveCase& it, int ranks);

/// `total` in whole parts proportional to the skew's shares (collective.h), largest remainders
/// first, of equal ones the lower rank.
std::vector<std::int64_t> skewed_counts(std::int64_t total, Skew skew, int ranks);

/// All kinds' traffic but that of gathers and reductions, which have none of their own: empty.
Traffic traffic_of(const CollectiveCase& it, int ranks);

/// One rank's side: elements to and from each rank, one behind the other in that order.
struct Ports {
  std::vector<std::int64_t> send_counts, send_offsets;
  std::vector<std::int64_t> receive_counts, receive_offsets;
};
Ports ports_of(const Traffic& traffic, int rank);

/// Elements of a rank's two buffers. A dispatch's input are the rank's tokens, its output the rows
/// that arrive; a combine's the other way round.
std::int64_t sent_elements(const CollectiveCase& it, int ranks, int rank);
std::int64_t received_elements(const CollectiveCase& it, int ranks, int rank);

/// Values are so small that BF16 holds the sum of any number of ranks up to 64.
inline constexpr int kValues = 4;

/// Element `index` of what `rank` gives.
constexpr int given_value(int rank, std::int64_t index) {
  return static_cast<int>((rank * 5 + index * 3 + index / 97) % kValues);
}

/// What `rank` must have at the end.
std::vector<std::uint16_t> expected_values(const CollectiveCase& it, int ranks, int rank);

/// The first difference, or nothing.
std::string first_difference(std::span<const std::uint16_t> got,
                             std::span<const std::uint16_t> want);

}  // namespace windtunnel::bench
