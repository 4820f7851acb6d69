// What a report says: both sides of a race, and who waits where in a deadlock.
#pragma once

#include <string>

#include "kernels/device/model/grid.h"

namespace windtunnel::device::model {

/// "store by thread 3 of CTA 0 at gemm.cuh:40".
std::string describe(const Access& access);
/// The sentence for a conflict that `access` made at `place`.
std::string describe(const Conflict& conflict, const Access& access, const std::string& place);
/// Who waits where, threads with the same wait counted together.
std::string deadlock();
/// The whole failure: the sentence, the kernel, the thread that ran, the seed, how to replay.
std::string failure(const std::string& sentence);

}  // namespace windtunnel::device::model
