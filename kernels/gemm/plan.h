// Which tiles a matrix product runs with: a pure function of shape and GPU, without measuring, so
// that the same shape always gives the same kernel.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernels/shapes/ops.h"

namespace windtunnel {

enum class Arch : std::uint8_t { kSm80, kSm90a };

/// What a plan must know of a GPU.
struct GpuLimits {
  Arch arch;
  int sms;
  int shared_bytes;  ///< that one block may use
};
inline constexpr GpuLimits kA100Limits{Arch::kSm80, 108, 163 * 1024};
inline constexpr GpuLimits kH100Limits{Arch::kSm90a, 132, 227 * 1024};

enum class GemmKind : std::uint8_t {
  kDense,
  kContiguous,  ///< m: rows of all experts, padding included, aligned to 128; groups: 1
  kMasked,      ///< m: rows expected of each expert
  kKGrouped     ///< dw[m, n] of each expert over k expected rows
};

/// m x n results of each of `groups`, sums of k products; results in FP32 for kKGrouped, else BF16.
struct GemmProblem {
  GemmKind kind;
  Dtype dtype;
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
  std::int64_t groups;
};

/// m x n results of a block, and who multiplies them (GemmPlan).
struct TileShape {
  int m;
  int n;
  int consumers;
};

// The tiles that are compiled. A thread has at most 128 accumulators, which leaves room for
// addresses and fragments without spills; FP8 has two sets, the tensor core's and the FP32 sum.
inline constexpr std::array kSm80Tiles = {TileShape{128, 256, 8}, TileShape{128, 128, 8},
                                          TileShape{64, 256, 8},  TileShape{64, 128, 4},
                                          TileShape{128, 64, 4},  TileShape{64, 64, 2}};
inline constexpr std::array kSm90Tiles = {
    TileShape{256, 128, 2}, TileShape{128, 256, 2}, TileShape{128, 192, 2},
    TileShape{128, 128, 2}, TileShape{128, 112, 2}, TileShape{128, 64, 2},
    TileShape{64, 256, 1},  TileShape{64, 128, 1},  TileShape{64, 64, 1}};
inline constexpr std::array kFp8Tiles = {TileShape{128, 128, 2}, TileShape{128, 112, 2},
                                         TileShape{128, 96, 2},  TileShape{128, 64, 2},
                                         TileShape{64, 128, 1},  TileShape{64, 64, 1}};
/// kKGrouped, whose operands come in spans of 64 columns; sm_80: with two warps a scheduler.
inline constexpr std::array kSm80GradientTiles = {TileShape{256, 128, 8}, TileShape{128, 256, 8},
                                                  TileShape{128, 128, 8}, TileShape{64, 256, 8}};
inline constexpr std::array kGradientTiles = {TileShape{256, 128, 2}, TileShape{128, 256, 2},
                                              TileShape{128, 128, 2}};
inline constexpr std::array kFp8GradientTiles = {TileShape{128, 128, 2}, TileShape{128, 64, 2}};

/// No clusters. `consumers` are warpgroups of 128 threads that multiply, beside one that loads
/// (sm_90a), or warps that do both (sm_80). Rows of a stage are `swizzle` bytes long and swizzled
/// over that width (those of sm_80's weight gradients are all of the tile's columns). `panel` is
/// TileGrid's; `grid` blocks stay resident and share `tiles`.
struct GemmPlan {
  int tile_m;
  int tile_n;
  int tile_k;
  int stages;
  int consumers;
  int swizzle;
  int panel;
  std::int64_t tiles;
  std::int64_t grid;
  int shared_bytes;
};

/// Results leave through shared memory in slices of 128 bytes a row (sm_90a, by TMA).
constexpr int kSliceBytes = 128;
/// TMA's 128-byte swizzle repeats every 1024 bytes, to which the stages are moved up.
constexpr int kSwizzleAlignment = 1024;
constexpr int kMostStages = 8;  // sm_90a
constexpr int kSm80Stages = 4;

/// Shared memory of sm_90a's kernels: stages of both operands (128 bytes of k a row) and of
/// `scales` FP32 scales (one for each row of 1 x 128 blocks), two mbarriers a stage, a slice of the
/// output.
constexpr int sm90_shared_bytes(int tile_m, int tile_n, int stages, int scales) {
  return kSwizzleAlignment + stages * ((tile_m + tile_n) * 128 + scales * 4 + 2 * 8) +
         tile_m * kSliceBytes;
}

/// Shared memory of sm_80's: stages of both operands; results go from registers to memory.
constexpr int sm80_shared_bytes(int tile_m, int tile_n, int tile_k, int stages) {
  return stages * (tile_m + tile_n) * tile_k * 2;
}

static_assert(sm90_shared_bytes(128, 256, 4, 0) <= kH100Limits.shared_bytes);
static_assert(sm90_shared_bytes(128, 128, 6, 256) <= kH100Limits.shared_bytes);
static_assert(sm80_shared_bytes(128, 256, 32, 6) <= kA100Limits.shared_bytes);

/// The configuration whose busiest block needs the fewest clocks (plan.cc has the estimate); of
/// equals the one with fewer tiles, then the wider. Needs m, n, k, groups > 0; FP8 needs sm_90a.
GemmPlan plan_gemm(const GemmProblem& problem, const GpuLimits& gpu);

/// The same for a given tile.
GemmPlan plan_tile(const GemmProblem& problem, const GpuLimits& gpu, const TileShape& tile);

/// Share of the SMs' time in which they have a tile, if all tiles take equally long.
double occupied(const GemmPlan& plan, int sms);

/// `128x112x128, 6 stages, 2 consumers, swizzle 128, 608 tiles on 132 blocks in panels of 11,
/// 204896 B`, on one line.
std::string text(const GemmPlan& plan);

/// `sm_80`, `sm_90a`.
std::string_view arch_name(Arch arch);

}  // namespace windtunnel
