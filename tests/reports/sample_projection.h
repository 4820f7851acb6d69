// A made-up projection with the proportions of a large pre-training run, for the renderers' tests.
#pragma once

#include "reports/render/version.h"
#include "simulator/analysis/projection.h"
#include "tests/reports/sample_timeline.h"

namespace windtunnel {

/// What the sample was built from.
inline const BuildVersion kSampleBuild = {"0.1.0", "abcdef0"};

/// Every field set, every list filled; `shape` is that of the timeline, the step and the ledger.
Projection sample_projection(const SampleShape& shape = {16, 120});

/// No run, nothing published, nothing assumed, every number zero and every list empty.
Projection empty_projection();

}  // namespace windtunnel
