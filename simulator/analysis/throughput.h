// Tokens and floating-point operations a second, from a step's time.
#pragma once

#include "simulator/analysis/projection.h"
#include "simulator/workload/scenario.h"

namespace windtunnel {

/// Of a step of the full batch in `step_time`. Model FLOPs are three times the forward's (no
/// recomputation, no MTP module); MFU is their share of the GPU's dense BF16 peak, also where
/// matrices are multiplied in FP8, as DeepSeek counts.
Throughput throughput(const Scenario& scenario, Seconds step_time);

}  // namespace windtunnel
