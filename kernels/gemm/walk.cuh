// What a persistent block multiplies next: tiles.h with the indices that lie in global memory.
#pragma once

#include <cstdint>

#include "kernels/device/vocabulary.h"
#include "kernels/gemm/plan.h"
#include "kernels/gemm/tiles.h"

namespace windtunnel::device {

/// What every kernel of the family is told, beside its operands. c has `groups` matrices [m, n]
/// (kDense, kContiguous: one).
struct GemmArguments {
  GemmKind kind;
  int m;
  int n;
  int k;  ///< as a and b have it in memory; kKGrouped: rows of all groups
  int groups;
  int panel;
  int stages;
  /// kContiguous: expert of each row [m], -1 padding; kMasked: rows that count [groups]; kKGrouped:
  /// first row of each group and the end [groups + 1], multiples of the kernel's step of k.
  const int* index;
  void* c;
  /// FP8: one for each 128 of k, of each row of a, and of each 128 rows of b (kKGrouped: each row).
  const float* a_scales;
  const float* b_scales;
};

/// A tile of c and the products it sums. `rows` of c exist from `row` on, in matrix `c_group`.
struct GemmTile {
  int row;
  int column;
  int rows;
  int a_group;
  int b_group;
  int c_group;
  int k;
  int steps;
};

/// Producer and consumers walk the same tiles, each with a walk of its own.
template <int kTileM, int kTileN, int kTileK>
struct TileWalk {
  std::int64_t index;
  GroupCursor cursor;

  __device__ TileWalk() : index{blockIdx.x}, cursor{0, 0} {}

  __device__ bool next(const GemmArguments& a, GemmTile& tile) {
    const std::int64_t columns = tiles_for(a.n, kTileN);
    Tile at{0, 0, 0};
    int rows = a.m;
    if (a.kind == GemmKind::kMasked) {
      bool found = false;
      while (!found && cursor.group < a.groups) {
        rows = ld_global_nc<int>(a.index + cursor.group);
        found = tile_of_group({tiles_for(rows, kTileM), columns, a.panel}, index, cursor, at);
      }
      if (!found) return false;
    } else {
      const TileGrid grid{tiles_for(a.m, kTileM), columns, a.panel};
      const std::int64_t groups = a.kind == GemmKind::kKGrouped ? a.groups : 1;
      if (index >= groups * tile_count(grid)) return false;
      at = grouped_tile(grid, index);
    }
    index += gridDim.x;
    place(a, at, rows, tile);
    return true;
  }

 private:
  __device__ static void place(const GemmArguments& a, const Tile& at, int rows, GemmTile& tile) {
    const int group = static_cast<int>(at.group);
    tile = {.row = static_cast<int>(at.row) * kTileM,
            .column = static_cast<int>(at.column) * kTileN,
            .rows = rows - static_cast<int>(at.row) * kTileM,
            .a_group = group,
            .b_group = group,
            .c_group = group,
            .k = 0,
            .steps = static_cast<int>(tiles_for(a.k, kTileK))};
    if (a.kind == GemmKind::kContiguous) {
      // A tile of padding only has no expert and no products: it is written as zeros.
      const int expert = ld_global_nc<int>(a.index + tile.row);
      tile.b_group = expert < 0 ? 0 : expert;
      if (expert < 0) tile.steps = 0;
    }
    if (a.kind == GemmKind::kKGrouped) {
      tile.a_group = 0;
      tile.b_group = 0;
      tile.k = ld_global_nc<int>(a.index + group);
      const int rows_of_group = ld_global_nc<int>(a.index + group + 1) - tile.k;
      tile.steps = static_cast<int>(tiles_for(rows_of_group, kTileK));
    }
  }
};

}  // namespace windtunnel::device
