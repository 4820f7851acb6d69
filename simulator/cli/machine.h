// What this machine has of what the programs use.
#pragma once

#include <vector>

#include "reports/render/environment.h"
#include "simulator/cli/command.h"

namespace windtunnel {

/// Looks at the data, the compiler, CUDA, GPUs, NCCL, MPI, packages, writable folders and the
/// locale. Runs other programs (nvcc, nvidia-smi, mpirun, dpkg-query) where they are there.
std::vector<EnvironmentCheck> look_at_machine(const Environment& environment);

}  // namespace windtunnel
