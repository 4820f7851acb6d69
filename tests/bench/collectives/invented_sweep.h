// A sweep with round numbers.
#pragma once

#include "bench/collectives/report.h"

namespace windtunnel::bench {

inline CollectiveRun invented_collectives() {
  return {.machine = {.gpu = "h200",
                      .device = "NVIDIA H200",
                      .driver = "invented",
                      .cuda = "13.0",
                      .sms = 132,
                      .default_mhz = 1980,
                      .l2 = {50e6}},
          .backend = "NCCL 2.28.9",
          .commit = "0123456789ab",
          .date = "2001-02-03",
          .ranks = 8,
          .nodes = 1};
}

/// All samples but the last of `us`, that one a hundredth longer.
inline CollectiveResult invented_collective(const CollectiveCase& item, int ranks, double us) {
  return {.item = item,
          .moved = moved_bytes(item, traffic_of(item, ranks), ranks),
          .launches = launches_of(item),
          .ns = {1000 * us, 1000 * us, 1000 * us, 1010 * us},
          .wrong = {},
          .note = {}};
}

}  // namespace windtunnel::bench
