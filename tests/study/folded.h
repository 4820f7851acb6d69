// How most tests of studies simulate: folded, on one thread, from the shipped files.
#pragma once

#include "simulator/study/simulation.h"

namespace windtunnel {

inline SimulationOptions folded() {
  return {.fidelity = Fidelity::kFolded, .threads = 1, .root = "."};
}

/// Everything that a rank does in a step, or waits.
inline double sum(const StepParts& parts) {
  return (parts.forward + parts.backward + parts.weight + parts.overlapped + parts.bubble +
          parts.optimizer)
      .value;
}

}  // namespace windtunnel
