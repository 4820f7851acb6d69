// The timeline as PyTorch's profiler (Kineto) writes one: Chrome JSON that Holistic Trace Analysis
// and Perfetto read.
#pragma once

#include <vector>

#include "reports/export/rank_slices.h"
#include "simulator/base/byte_stream.h"

namespace windtunnel {

/// Bytes a slice takes, before compression: measured on DeepSeek-V3's step at the phase level.
inline constexpr double kKinetoSliceBytes = 348;

/// A process a rank, a thread a stream; times are microseconds with three decimals from the step's
/// start. Transfers are named `nccl:...`, which is how Holistic Trace Analysis tells them from
/// compute; `distributedInfo` is that of the first rank, since a Kineto file is one rank's. What
/// encloses other slices (slots, and phases at the kernel level) is an annotation, the rest are
/// kernels. There are no launches on the host: the simulator has none.
void write_kineto(const TracedStep& traced, const std::vector<TraceRank>& ranks, TraceLevel level,
                  const TraceWindow& window, ByteWriter& out);

}  // namespace windtunnel
