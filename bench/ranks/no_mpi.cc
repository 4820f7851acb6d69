#include "bench/ranks/mpi.h"

namespace windtunnel::bench {

std::optional<MpiRanks> open_mpi() { return std::nullopt; }

void abort_with(const std::function<void()>& work) { work(); }

bool launched_by_mpi() { return false; }

std::string run_on_hosts(const Body& /*body*/) { return "built without MPI (CMake found none)"; }

}  // namespace windtunnel::bench
