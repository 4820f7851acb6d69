// What one GPU of a unit holds of a model's weights, by part.
#pragma once

#include <vector>

#include "kernels/shapes/units.h"
#include "simulator/workload/memory.h"
#include "simulator/workload/serving/scenario.h"

namespace windtunnel {

/// Bytes that a parameter of a linear layer takes, its share of the scales included: FP32 for each
/// 128 x 128 of FP8 and INT8; FP16 and a 4-bit zero point for each 128 of INT4 (AWQ).
double weight_bytes(WeightFormat format);

/// The weights of the fullest GPU of `unit`, part by part, with formulas.
std::vector<MemoryPart> weight_parts(const ServingScenario& scenario, const ServingUnit& unit);

/// The whole model once, as it is saved: with MTP modules and their copies of embedding and head.
Bytes checkpoint_bytes(const Architecture& model, WeightFormat format);

}  // namespace windtunnel
