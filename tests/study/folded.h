// How most tests of studies simulate: folded, on one thread, from the shipped files.
#pragma once

#include "simulator/study/simulation.h"

namespace windtunnel {

inline SimulationOptions folded() {
  return {.fidelity = Fidelity::kFolded, .threads = 1, .root = "."};
}

}  // namespace windtunnel
