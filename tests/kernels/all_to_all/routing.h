// Routings for tests of the exchange, and where tokens go in them, counted in the plainest way.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/all_to_all/layout.h"
#include "kernels/all_to_all/reference.h"
#include "kernels/testing/data.h"

namespace windtunnel::device {

/// The first `count` of 0 .. among - 1 in an order of the seed's.
inline std::vector<int> drawn(int count, int among, generate::Random& random) {
  std::vector<int> all(static_cast<std::size_t>(among));
  std::iota(all.begin(), all.end(), 0);
  for (int i = 0; i < count; ++i) {
    std::swap(all[static_cast<std::size_t>(i)],
              all[static_cast<std::size_t>(i + random.below(among - i))]);
  }
  all.resize(static_cast<std::size_t>(count));
  return all;
}

/// Choices of tokens[rank] tokens, each token's on at most `top_nodes` nodes.
inline reference::Choices node_limited(const World& w, const std::vector<int>& tokens,
                                       int top_nodes, std::uint64_t seed) {
  generate::Random random(seed);
  reference::Choices choices;
  const int of_node = w.experts / w.nodes;
  for (const int count : tokens) {
    std::vector<std::int32_t>& chosen = choices.emplace_back();
    for (int token = 0; token < count; ++token) {
      const std::vector<int> nodes = drawn(top_nodes, w.nodes, random);
      for (const int i : drawn(w.top_k, top_nodes * of_node, random)) {
        chosen.push_back(nodes[static_cast<std::size_t>(i / of_node)] * of_node + i % of_node);
      }
    }
  }
  return choices;
}

/// As place_tokens makes them for one rank: slots[token][unit], and counts by unit.
struct Places {
  std::vector<std::vector<int>> slots;
  std::vector<int> counts;
};
inline Places placed(const World& w, const std::vector<std::int32_t>& chosen) {
  Places places{{}, std::vector<int>(static_cast<std::size_t>(w.units()))};
  const auto share = static_cast<std::int32_t>(w.rank_experts());
  for (std::size_t pair = 0; pair < chosen.size(); pair += static_cast<std::size_t>(w.top_k)) {
    std::vector<int>& slots = places.slots.emplace_back(static_cast<std::size_t>(w.units()), -1);
    for (std::size_t i = pair; i < pair + static_cast<std::size_t>(w.top_k); ++i) {
      if (chosen[i] < 0) continue;
      const int rank = chosen[i] / share;
      for (const int unit : {rank, w.ranks() + rank / w.node_ranks}) {
        const auto at = static_cast<std::size_t>(unit);
        if (slots[at] < 0) slots[at] = places.counts[at]++;
      }
    }
  }
  return places;
}

inline std::vector<Places> placed(const World& w, const reference::Choices& choices) {
  std::vector<Places> all;
  for (const auto& chosen : choices) all.push_back(placed(w, chosen));
  return all;
}

}  // namespace windtunnel::device
