// The order in which persistent blocks take the tiles of an output: block b takes tiles b, b +
// grid, b + 2 grid, ... Index arithmetic only, shared by kernels and CPU tests.
#pragma once

#include <cstdint>

#include "kernels/shapes/host_device.h"

namespace windtunnel {

/// A tile's place in units of tiles; `group` is 0 where there is one.
struct Tile {
  std::int64_t group;
  std::int64_t row;
  std::int64_t column;

  friend constexpr bool operator==(const Tile&, const Tile&) = default;
};

/// rows x columns tiles, walked panel by panel of `panel` rows, a panel column by column: tiles
/// taken at the same time then share rows of a and rows of b, which stay in L2.
struct TileGrid {
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t panel;
};

WT_HOST_DEVICE constexpr std::int64_t tiles_for(std::int64_t extent, std::int64_t tile) {
  return (extent + tile - 1) / tile;
}

WT_HOST_DEVICE constexpr std::int64_t tile_count(const TileGrid& grid) {
  return grid.rows * grid.columns;
}

/// The tile at `index`, 0 <= index < tile_count(grid).
WT_HOST_DEVICE constexpr Tile tile_at(const TileGrid& grid, std::int64_t index) {
  const std::int64_t of_panel = grid.panel * grid.columns;
  const std::int64_t first = index / of_panel * grid.panel;
  const std::int64_t below = grid.rows - first;
  const std::int64_t height = below < grid.panel ? below : grid.panel;
  const std::int64_t inside = index % of_panel;
  return {0, first + inside % height, inside / height};
}

/// The expert of a tile of a grouped contiguous product, from its first row; -1: the tile holds
/// only padding and is written as zeros. Experts' blocks are aligned to a multiple of the tile, and
/// padding is last in a block, so a tile never has two experts.
template <typename Expert>
WT_HOST_DEVICE constexpr Expert contiguous_expert(const Expert* row_experts, const Tile& tile,
                                                  std::int64_t tile_m) {
  return row_experts[tile.row * tile_m];
}

/// Where a block stands in a sequence of groups; indices only grow, so it never looks back.
struct GroupCursor {
  std::int64_t group;
  std::int64_t first;  ///< index of the group's first tile
};

/// Sets `tile` to the one at `index` if it lies in the cursor's group, whose tiles are `grid`, and
/// moves the cursor to the next group if not.
WT_HOST_DEVICE constexpr bool tile_of_group(const TileGrid& grid, std::int64_t index,
                                            GroupCursor& cursor, Tile& tile) {
  const std::int64_t inside = index - cursor.first;
  if (inside < tile_count(grid)) {
    tile = tile_at(grid, inside);
    tile.group = cursor.group;
    return true;
  }
  cursor.first += tile_count(grid);
  ++cursor.group;
  return false;
}

/// A masked product: group g has ceil(counts[g] / tile_m) x columns tiles. Sets `tile` to the one
/// at `index`, not smaller than at the last call with `cursor`; false behind the last tile.
template <typename Count>
WT_HOST_DEVICE constexpr bool masked_tile(const Count* counts, std::int64_t groups,
                                          std::int64_t tile_m, std::int64_t columns,
                                          std::int64_t panel, std::int64_t index,
                                          GroupCursor& cursor, Tile& tile) {
  while (cursor.group < groups) {
    const TileGrid grid{tiles_for(counts[cursor.group], tile_m), columns, panel};
    if (tile_of_group(grid, index, cursor, tile)) return true;
  }
  return false;
}

/// A k-grouped weight gradient: each group has the whole grid, also one without rows, whose tiles
/// add nothing. 0 <= index < groups * tile_count(grid).
WT_HOST_DEVICE constexpr Tile grouped_tile(const TileGrid& grid, std::int64_t index) {
  Tile tile = tile_at(grid, index % tile_count(grid));
  tile.group = index / tile_count(grid);
  return tile;
}

}  // namespace windtunnel
