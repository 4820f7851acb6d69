// MPI, where it was found at build.
#pragma once

#include <optional>

#include "bench/collectives/communicator.h"

namespace windtunnel::bench {

/// A launcher's ranks and those among them that share this node; set up when it is first asked for,
/// and ended with the program. Nothing where the program was built without MPI.
struct MpiRanks {
  Control control;
  int node_rank;
  int nodes;
};
std::optional<MpiRanks> open_mpi();

/// Does it. Where it throws, all ranks end with 70 and its message: the others would wait for ever.
void abort_with(const std::function<void()>& work);

/// Whether a launcher started this process as one of several.
bool launched_by_mpi();

}  // namespace windtunnel::bench
