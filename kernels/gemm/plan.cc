#include "kernels/gemm/plan.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>
#include <span>
#include <tuple>

#include "kernels/gemm/tiles.h"

// An estimate in clocks of an SM, good enough to compare tiles; nothing is priced with it.
//   tensor cores    A100 2048 FLOPs a clock, H100 4096 in BF16 and 8192 in FP8 (datasheet peaks);
//   shared memory   128 bytes a clock: what ldmatrix or wgmma read of both operands;
//   loads           64 bytes a clock from L2 (assumed; the width of an SM's port);
//   a tile          its k steps at the slowest of the three, then its output at 64 bytes a clock
//   and
//                   kTurn for filling the pipeline again (assumed).
namespace windtunnel {
namespace {

constexpr std::int64_t kTurn = 500;
constexpr std::int64_t kPortBytes = 64;
constexpr std::int64_t kSharedBytes = 128;
/// The tiles that have a kernel for the problem.
std::span<const TileShape> tiles_of(const GemmProblem& problem, const GpuLimits& gpu) {
  const bool fp8 = problem.dtype == Dtype::kFp8;
  const bool gradient = problem.kind == GemmKind::kKGrouped;
  if (gpu.arch == Arch::kSm80) {
    return gradient ? std::span<const TileShape>(kSm80GradientTiles) : kSm80Tiles;
  }
  if (gradient) {
    return fp8 ? std::span<const TileShape>(kFp8GradientTiles) : kGradientTiles;
  }
  return fp8 ? std::span<const TileShape>(kFp8Tiles) : kSm90Tiles;
}

/// Panel height that needs the fewest rows of a and b for the tiles taken at the same time.
int best_panel(const TileShape& c, std::int64_t rows, std::int64_t blocks) {
  int best = 1;
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (int panel = 1; panel <= 16 && panel <= rows; ++panel) {
    const std::int64_t needed = panel * c.m + tiles_for(blocks, panel) * c.n;
    if (needed >= fewest) continue;
    fewest = needed;
    best = panel;
  }
  return best;
}

/// Stages that fit, as many as there are k steps for; nothing if fewer than two do.
std::optional<GemmPlan> planned(const GemmProblem& problem, const GpuLimits& gpu,
                                const TileShape& c) {
  const bool hopper = gpu.arch == Arch::kSm90a;
  const bool fp8 = problem.dtype == Dtype::kFp8;
  const int tile_k = !hopper ? 32 : fp8 ? 128 : 64;
  const int scales = !fp8 ? 0 : c.m + (problem.kind == GemmKind::kKGrouped ? c.n : 0);
  const auto bytes = [&](int stages) {
    return hopper ? sm90_shared_bytes(c.m, c.n, stages, scales)
                  : sm80_shared_bytes(c.m, c.n, tile_k, stages);
  };
  int stages = kSm80Stages;
  if (hopper) {
    const std::int64_t steps = tiles_for(problem.k, tile_k);
    stages = static_cast<int>(std::clamp<std::int64_t>(steps, 2, kMostStages));
  }
  while (stages > 1 && bytes(stages) > gpu.shared_bytes) --stages;
  if (stages < 2) return std::nullopt;
  const std::int64_t rows = tiles_for(problem.m, c.m);
  const std::int64_t tiles = problem.groups * rows * tiles_for(problem.n, c.n);
  const std::int64_t grid = std::min<std::int64_t>(tiles, gpu.sms);
  return GemmPlan{.tile_m = c.m,
                  .tile_n = c.n,
                  .tile_k = tile_k,
                  .stages = stages,
                  .consumers = c.consumers,
                  .swizzle = hopper || problem.kind == GemmKind::kKGrouped ? 128 : 64,
                  .panel = best_panel(c, rows, grid),
                  .tiles = tiles,
                  .grid = grid,
                  .shared_bytes = bytes(stages)};
}

/// Clocks of one step of tile_k, and of the busiest block.
std::int64_t clocks(const GemmProblem& problem, const GpuLimits& gpu, const GemmPlan& plan) {
  const bool hopper = gpu.arch == Arch::kSm90a;
  const std::int64_t element = problem.dtype == Dtype::kFp8 ? 1 : 2;
  const std::int64_t m = plan.tile_m;
  const std::int64_t n = plan.tile_n;
  const std::int64_t row = plan.tile_k * element;
  const std::int64_t flops_a_clock = !hopper ? 2048 : 8192 / element;
  const std::int64_t math = 2 * m * n * plan.tile_k / flops_a_clock;
  // wgmma reads 64 rows of a and all of b; a warp of sm_80 reads 64 rows and its share of b.
  const std::int64_t readers = hopper ? m / 64 : plan.consumers;
  const std::int64_t read_n = hopper ? n : m * n / 64 / plan.consumers;
  const std::int64_t shared = readers * (64 + read_n) * row / kSharedBytes;
  const std::int64_t loads = (m + n) * row / kPortBytes;
  const std::int64_t output = problem.kind == GemmKind::kKGrouped ? 8 : 2;  // read and written
  const std::int64_t tile = tiles_for(problem.k, plan.tile_k) * std::max({math, shared, loads}) +
                            m * n * output / kPortBytes + kTurn;
  return tiles_for(plan.tiles, gpu.sms) * tile;
}

}  // namespace

GemmPlan plan_gemm(const GemmProblem& problem, const GpuLimits& gpu) {
  assert(problem.m > 0 && problem.n > 0 && problem.k > 0 && problem.groups > 0);
  assert(problem.dtype == Dtype::kBf16 ||
         (problem.dtype == Dtype::kFp8 && gpu.arch == Arch::kSm90a));
  std::optional<GemmPlan> best;
  std::tuple<std::int64_t, std::int64_t, int> best_key;
  for (const TileShape& candidate : tiles_of(problem, gpu)) {
    // A tile must not hold rows of two experts.
    if (problem.kind == GemmKind::kContiguous && candidate.m > 128) continue;
    const std::optional<GemmPlan> plan = planned(problem, gpu, candidate);
    if (!plan) continue;
    const std::tuple key{clocks(problem, gpu, *plan), plan->tiles, -plan->tile_n};
    if (best && key >= best_key) continue;
    best = plan;
    best_key = key;
  }
  return best.value();
}

GemmPlan plan_tile(const GemmProblem& problem, const GpuLimits& gpu, const TileShape& tile) {
  return planned(problem, gpu, tile).value();
}

double occupied(const GemmPlan& plan, int sms) {
  const std::int64_t rounds = tiles_for(plan.tiles, sms);
  return static_cast<double>(plan.tiles) / static_cast<double>(rounds * sms);
}

std::string text(const GemmPlan& plan) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  return number(plan.tile_m) + "x" + number(plan.tile_n) + "x" + number(plan.tile_k) + ", " +
         number(plan.stages) + " stages, " + number(plan.consumers) + " consumers, swizzle " +
         number(plan.swizzle) + ", " + number(plan.tiles) + " tiles on " + number(plan.grid) +
         " blocks in panels of " + number(plan.panel) + ", " + number(plan.shared_bytes) + " B";
}

std::string_view arch_name(Arch arch) { return arch == Arch::kSm80 ? "sm_80" : "sm_90a"; }

}  // namespace windtunnel
