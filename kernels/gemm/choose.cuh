// From a plan to the instantiation of its tile.
#pragma once

#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "kernels/gemm/gemm.h"

namespace windtunnel::device {

/// Runs `run<tile>()` for the tile of `kTiles` that the plan has.
template <const auto& kTiles, typename Run>
LaunchReport with_tile(const GemmPlan& plan, const Run& run) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    LaunchReport report;
    const auto runs = [&]<int kM, int kN, int kConsumers>() {
      if (kM != plan.tile_m || kN != plan.tile_n) return false;
      // To nvcc an assignment is a report that nobody reads.
      static_cast<void>(report = run.template operator()<kM, kN, kConsumers>());
      return true;
    };
    const bool found =
        (runs.template operator()<kTiles[I].m, kTiles[I].n, kTiles[I].consumers>() || ...);
    if (!found) throw std::invalid_argument("gemm: no kernel has the tile " + text(plan));
    return report;
  }
  (std::make_index_sequence<kTiles.size()>());
}

}  // namespace windtunnel::device
