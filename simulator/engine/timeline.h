// When everything happened.
#pragma once

#include <vector>

#include "kernels/shapes/units.h"

namespace windtunnel {

/// By op, from the start of the run: when its lane and inputs were done (`ready`), when it started,
/// which is later if its group waited for others, and when it ended.
struct Timeline {
  std::vector<Picoseconds> ready;
  std::vector<Picoseconds> start;
  std::vector<Picoseconds> end;
  Picoseconds makespan;  ///< when the last op ended; 0 without ops
};

}  // namespace windtunnel
