#include "kernels/gemm/tiles.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "kernels/testing/data.h"

namespace windtunnel {
namespace {

using Place = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

Place place(const Tile& tile) { return {tile.group, tile.row, tile.column}; }

/// How often each tile is taken by `blocks` persistent blocks that ask `next(index, cursor, tile)`.
template <typename Next>
std::map<Place, int> taken(std::int64_t blocks, Next next) {
  std::map<Place, int> times;
  for (std::int64_t block = 0; block < blocks; ++block) {
    GroupCursor cursor{0, 0};
    Tile tile{};
    for (std::int64_t index = block; next(index, cursor, tile); index += blocks) {
      ++times[place(tile)];
    }
  }
  return times;
}

bool all_once(const std::map<Place, int>& times) {
  for (const auto& [where, count] : times) {
    if (count != 1) return false;
  }
  return true;
}

// Compiled to constants: kernels may ask at compile time.
static_assert(tile_at({3, 2, 2}, 0) == Tile{0, 0, 0});
static_assert(tile_at({3, 2, 2}, 1) == Tile{0, 1, 0});
static_assert(tile_at({3, 2, 2}, 2) == Tile{0, 0, 1});
static_assert(tile_at({3, 2, 2}, 4) == Tile{0, 2, 0});

RC_GTEST_PROP(Tiles, ADenseWalkTakesEveryTileOnce, ()) {
  const TileGrid grid{*rc::gen::inRange<std::int64_t>(1, 40),
                      *rc::gen::inRange<std::int64_t>(1, 40),
                      *rc::gen::inRange<std::int64_t>(1, 20)};
  const auto blocks = *rc::gen::inRange<std::int64_t>(1, 140);
  const auto times = taken(blocks, [&](std::int64_t index, GroupCursor&, Tile& tile) {
    if (index >= tile_count(grid)) return false;
    tile = tile_at(grid, index);
    return true;
  });
  RC_ASSERT(std::ssize(times) == tile_count(grid));
  RC_ASSERT(all_once(times));
  for (const auto& [where, count] : times) {
    RC_ASSERT(std::get<1>(where) < grid.rows && std::get<2>(where) < grid.columns);
  }
}

RC_GTEST_PROP(Tiles, AMaskedWalkTakesEveryTileOfEveryExpertOnce, ()) {
  const auto groups = *rc::gen::inRange<std::int64_t>(3, 12);
  const auto tile_m = *rc::gen::element<std::int64_t>(64, 128);
  const auto columns = *rc::gen::inRange<std::int64_t>(1, 9);
  const auto panel = *rc::gen::inRange<std::int64_t>(1, 6);
  const auto blocks = *rc::gen::inRange<std::int64_t>(1, 140);
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const std::vector<std::int64_t> counts = generate::ragged(groups, 700, seed);
  const auto times = taken(blocks, [&](std::int64_t index, GroupCursor& cursor, Tile& tile) {
    return masked_tile(counts.data(), groups, tile_m, columns, panel, index, cursor, tile);
  });
  RC_ASSERT(all_once(times));
  std::set<Place> expected;
  for (std::int64_t g = 0; g < groups; ++g) {
    for (std::int64_t row = 0; row * tile_m < counts[static_cast<std::size_t>(g)]; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) expected.insert({g, row, column});
    }
  }
  RC_ASSERT(times.size() == expected.size());
  for (const Place& where : expected) RC_ASSERT(times.count(where) == 1U);
}

TEST(Tiles, AMaskedWalkOverNothingEndsAtOnce) {
  const std::vector<std::int32_t> counts(5, 0);
  GroupCursor cursor{0, 0};
  Tile tile{};
  EXPECT_FALSE(masked_tile(counts.data(), 5, 64, 3, 2, 0, cursor, tile));
}

RC_GTEST_PROP(Tiles, AGroupedWalkVisitsEmptyGroupsToo, ()) {
  const TileGrid grid{*rc::gen::inRange<std::int64_t>(1, 9), *rc::gen::inRange<std::int64_t>(1, 9),
                      *rc::gen::inRange<std::int64_t>(1, 6)};
  const auto groups = *rc::gen::inRange<std::int64_t>(1, 9);
  const std::int64_t tiles = groups * tile_count(grid);
  const auto times = taken(132, [&](std::int64_t index, GroupCursor&, Tile& tile) {
    if (index >= tiles) return false;
    tile = grouped_tile(grid, index);
    return true;
  });
  RC_ASSERT(std::ssize(times) == tiles);
  RC_ASSERT(all_once(times));
}

TEST(Tiles, AContiguousTileHasTheExpertOfItsFirstRowOrIsPadding) {
  // Blocks aligned to 4, tiles of 2: expert 0 with one row, expert 2 with three.
  const std::vector<std::int32_t> experts{0, -1, -1, -1, 2, 2, 2, -1};
  EXPECT_EQ(contiguous_expert(experts.data(), {0, 0, 0}, 2), 0);
  EXPECT_EQ(contiguous_expert(experts.data(), {0, 1, 0}, 2), -1);
  EXPECT_EQ(contiguous_expert(experts.data(), {0, 3, 0}, 2), 2);
}

TEST(Tiles, TilesTakenTogetherNeedFewRowsOfBothOperands) {
  // 132 blocks on 64 x 64 tiles: row by row they would need 3 rows and 64 columns of tiles; panels
  // of 11 need 11 and 12.
  const TileGrid grid{64, 64, 11};
  std::set<std::int64_t> rows;
  std::set<std::int64_t> columns;
  for (std::int64_t index = 0; index < 132; ++index) {
    rows.insert(tile_at(grid, index).row);
    columns.insert(tile_at(grid, index).column);
  }
  EXPECT_EQ(rows.size() + columns.size(), 23U);
}

}  // namespace
}  // namespace windtunnel
