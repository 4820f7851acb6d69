// Every row of every region, walked on the host: none is shared, none lies outside, and rows come
// in the reference's order.
#include "kernels/all_to_all/layout.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "kernels/all_to_all/offsets.h"
#include "tests/kernels/all_to_all/routing.h"

namespace windtunnel::device {
namespace {

constexpr World kEp64{.nodes = 8,
                      .node_ranks = 8,
                      .experts = 256,
                      .top_k = 8,
                      .max_tokens = 4096,
                      .columns = 7168,
                      .row_bytes = 7168,
                      .scales = 56,
                      .blocks = 20,
                      .capacity = 128};

/// A region of a rank's slab that must not be written twice.
class Region {
 public:
  explicit Region(std::int64_t rows) : rows_{rows} {}
  bool take(std::int64_t row) { return row >= 0 && row < rows_ && taken_.insert(row).second; }
  std::size_t taken() const { return taken_.size(); }
  bool dense() const { return taken_.empty() || *taken_.rbegin() + 1 == std::ssize(taken_); }

 private:
  std::int64_t rows_;
  std::set<std::int64_t> taken_;
};

std::vector<Region> regions(const World& w, std::int64_t rows) {
  return std::vector<Region>(static_cast<std::size_t>(w.ranks()), Region(rows));
}

std::size_t at(int i) { return static_cast<std::size_t>(i); }

/// Walks every token of a routing along both hops, there and back.
void walk(const World& w, const reference::Choices& choices) {
  const std::vector<Places> places = placed(w, choices);
  const auto count = [&](int source, int unit) { return places[at(source)].counts[at(unit)]; };
  const reference::Exchange want = reference::exchange(choices, w.top_k, w.experts);
  std::vector<Region> received = regions(w, received_rows(w));
  std::vector<Region> staged = regions(w, staged_rows(w));
  std::vector<Region> returned = regions(w, returned_rows(w));
  std::vector<Region> reduced = regions(w, reduced_rows(w));
  for (int source = 0; source < w.ranks(); ++source) {
    for (std::size_t token = 0; token < places[at(source)].slots.size(); ++token) {
      const std::vector<int>& slots = places[at(source)].slots[token];
      for (int node = 0; node < w.nodes; ++node) {
        const int slot = slots[at(w.ranks() + node)];
        if (slot < 0) continue;
        const int keeper = w.rank_at(node, w.index_of(source));
        RC_ASSERT(staged[at(keeper)].take(w.node_of(source) * w.max_tokens + slot));
        RC_ASSERT(reduced[at(source)].take(reduced_base(w, count, source, node) + slot));
      }
      for (int to = 0; to < w.ranks(); ++to) {
        const int slot = slots[at(to)];
        if (slot < 0) continue;
        const std::int64_t row = receive_base(count, source, to) + slot;
        RC_ASSERT(received[at(to)].take(row));
        const reference::Arrival arrival{source, static_cast<std::int64_t>(token)};
        RC_ASSERT(want.arrivals[at(to)][static_cast<std::size_t>(row)] == arrival);
        const int keeper = w.rank_at(w.node_of(to), w.index_of(source));
        RC_ASSERT(
            returned[at(keeper)].take(return_base(w, count, keeper, w.node_of(source), to) + slot));
      }
    }
  }
  for (int rank = 0; rank < w.ranks(); ++rank) {
    RC_ASSERT(received[at(rank)].taken() == want.arrivals[at(rank)].size());
    RC_ASSERT(received[at(rank)].dense());
    RC_ASSERT(returned[at(rank)].dense());
    RC_ASSERT(reduced[at(rank)].dense());
    for (int source = 0; source <= w.ranks(); ++source) {
      RC_ASSERT(receive_base(count, source, rank) == want.offsets[at(rank)][at(source)]);
    }
  }
}

std::vector<int> any_tokens(int ranks, int most) {
  return *rc::gen::container<std::vector<int>>(at(ranks), rc::gen::inRange(0, most + 1));
}

RC_GTEST_PROP(Layout, RowsOfEightNodesOfEightAreDisjointAndInOrder, ()) {
  World w = kEp64;
  w.max_tokens = 3;
  walk(w, node_limited(w, any_tokens(64, 3), 4, *rc::gen::arbitrary<std::uint64_t>()));
}

RC_GTEST_PROP(Layout, RowsOfAnyWorldAreDisjointAndInOrder, ()) {
  World w{.nodes = *rc::gen::inRange(1, 5), .node_ranks = *rc::gen::inRange(1, 5)};
  const int of_rank = *rc::gen::inRange(1, 4);
  w.experts = w.ranks() * of_rank;
  const int top_nodes = *rc::gen::inRange(1, w.nodes + 1);
  w.top_k = *rc::gen::inRange(1, std::min(6, top_nodes * w.node_ranks * of_rank) + 1);
  w.max_tokens = 5;
  walk(w,
       node_limited(w, any_tokens(w.ranks(), 5), top_nodes, *rc::gen::arbitrary<std::uint64_t>()));
}

TEST(Layout, EveryRoutingOfTwoTokensToThreeRanksIsWalked) {
  // Six experts, two choices, -1 for none: 49 ways for each token of rank 0; rank 2 has one more.
  const World w{.nodes = 1, .node_ranks = 3, .experts = 6, .top_k = 2, .max_tokens = 2};
  constexpr int kWays = 49;
  for (int way = 0; way < kWays * kWays; ++way) {
    reference::Choices choices(3);
    for (const int token : {way % kWays, way / kWays, way / 7 % kWays}) {
      std::vector<std::int32_t>& chosen = choices[choices[0].size() < 4 ? 0 : 2];
      chosen.push_back(token % 7 - 1);
      chosen.push_back(token / 7 - 1);
    }
    walk(w, choices);
  }
}

/// Offsets in the order of the slab, with the bytes of each array.
template <typename Pieces>
void expect_disjoint(const Pieces& pieces, std::int64_t bytes) {
  std::int64_t end = 0;
  for (const auto& [offset, size] : pieces) {
    EXPECT_GE(offset, end);
    EXPECT_EQ(offset % kSlabAlignment, 0);
    end = offset + size;
  }
  EXPECT_LE(end, bytes);
}

using Pieces = std::vector<std::pair<std::int64_t, std::int64_t>>;

Pieces row_pieces(const World& w, const RowArrays& rows, std::int64_t count) {
  return {{rows.x, count * w.row_bytes},
          {rows.scales, count * w.scales * 4},
          {rows.experts, count * w.top_k * 4},
          {rows.weights, count * w.top_k * 4},
          {rows.tokens, count * 4}};
}

TEST(Slab, ArraysDoNotOverlap) {
  const World& w = kEp64;
  const Slab slab = slab_of(w);
  const std::int64_t last = flag_at(w, kChannels - 1, w.ranks() - 1, flag_senders(w) - 1);
  Pieces pieces{{slab.flags, (last + 1) * 8}, {slab.counts, std::int64_t{64} * count_words(w) * 4}};
  for (const auto& it : row_pieces(w, slab.rows, received_rows(w))) pieces.push_back(it);
  pieces.emplace_back(slab.returned, returned_rows(w) * w.columns * 2);
  for (const auto& it : row_pieces(w, slab.staged, staged_rows(w))) pieces.push_back(it);
  pieces.emplace_back(slab.staged_slots, staged_rows(w) * 8 * 4);
  pieces.emplace_back(slab.reduced, reduced_rows(w) * w.columns * 2);
  expect_disjoint(pieces, slab.bytes);
}

TEST(Slab, ArraysOfLowLatencyDoNotOverlap) {
  const World& w = kEp64;
  const FastSlab slab = fast_slab_of(w);
  const std::int64_t last = flag_at(w, kChannels - 1, w.ranks() - 1, flag_senders(w) - 1);
  expect_disjoint(Pieces{{slab.flags, (last + 1) * 8},
                         {slab.codes, fast_rows(w) * w.columns},
                         {slab.scales, fast_rows(w) * 56 * 4},
                         {slab.pairs, fast_rows(w) * 4},
                         {slab.returned, std::int64_t{4096} * 8 * 7168 * 2}},
                  slab.bytes);
}

TEST(Slab, RowsOfLowLatencyAreDisjoint) {
  World w{.nodes = 1, .node_ranks = 3, .experts = 6, .capacity = 4};
  Region region(fast_rows(w));
  for (int expert = 0; expert < 2; ++expert) {
    for (int source = 0; source < 3; ++source) {
      for (int slot = 0; slot < 4; ++slot) {
        EXPECT_TRUE(region.take(fast_row(w, expert, source, slot)));
      }
    }
  }
  EXPECT_EQ(region.taken(), 24U);
}

TEST(Flags, ALaterCallIsLargerWhateverItSays) {
  EXPECT_LT(flag_value(1, 0xffffffffU), flag_value(2, 0));
  EXPECT_EQ(flag_word(flag_value(7, 123)), 123U);
  EXPECT_GT(flag_value(1, 0), 0U);
  EXPECT_LT(flag_value(0xfffffffeU, 9), flag_value(0xffffffffU, 0));
}

TEST(World, WhatKernelsCannotTakeIsRefused) {
  const auto said = [](auto change) {
    World w = kEp64;
    change(w);
    return std::string(refusal(w));
  };
  EXPECT_EQ(said([](World&) {}), "");
  EXPECT_EQ(said([](World& w) { w.nodes = 9; }),
            "all_to_all: 1 to 32 nodes of 1 to 32 ranks, 64 ranks together");
  EXPECT_EQ(said([](World& w) { w.experts = 255; }),
            "all_to_all: ranks must share the experts evenly");
  EXPECT_EQ(said([](World& w) { w.top_k = 33; }), "all_to_all: 1 to 32 choices a token");
  EXPECT_EQ(said([](World& w) { w.capacity = 0; }), "all_to_all: at least one token, CTA and row");
  EXPECT_EQ(said([](World& w) { w.columns = 12; }), "all_to_all: columns must be a multiple of 8");
  EXPECT_EQ(said([](World& w) { w.row_bytes = 24; }),
            "all_to_all: rows must be a multiple of 16 bytes");
}

}  // namespace
}  // namespace windtunnel::device
