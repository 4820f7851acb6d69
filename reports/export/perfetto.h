// The timeline as a Perfetto trace (TrackEvent packets), for ui.perfetto.dev.
#pragma once

#include <string>
#include <vector>

#include "reports/export/rank_slices.h"
#include "simulator/base/byte_stream.h"

namespace windtunnel {

/// Bytes a slice takes, before compression: measured on DeepSeek-V3's step at the phase level.
inline constexpr double kPerfettoSliceBytes = 88;

/// A process a rank, a thread a lane; slots, phases and kernels nested by time, a micro-batch in
/// one colour, arrows from a send to what it feeds. Times are nanoseconds from the step's start.
/// Field numbers: protos/perfetto/trace of google/perfetto.
void write_perfetto(const TracedStep& traced, const std::vector<TraceRank>& ranks, TraceLevel level,
                    const TraceWindow& window, ByteWriter& out);

}  // namespace windtunnel
