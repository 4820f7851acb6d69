// When everything of a serving iteration happens: micro-batches woven stage by stage.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "simulator/analysis/serving_projection.h"

namespace windtunnel {

/// Equal layers in a row; terms `first` to `end` are what one of them does.
struct IterationBlock {
  std::string name;
  int layers;
  std::size_t first;
  std::size_t end;
};

/// A stage of a layer, for one micro-batch. Dispatch and combine run beside the compute stream.
struct IterationSpan {
  std::size_t block;
  int layer;  ///< of the iteration, from 0
  ServingStage stage;
  int micro_batch;
  Seconds start;
  Seconds end;
};

struct IterationTimeline {
  std::vector<IterationBlock> blocks;
  std::vector<IterationSpan> spans;
  Seconds end;  ///< without the gap to the next iteration
};

/// "attention", "dispatch", "feed-forward", "combine".
const char* stage_name(ServingStage stage);

/// One launch of a term for one micro-batch takes its price, stretched, and a gap.
Seconds time_in_layer(const IterationTerm& term, const IterationProjection& iteration);

/// Runs what the projection of the iteration is made of; it ends when that does.
IterationTimeline iteration_timeline(const IterationProjection& iteration);

}  // namespace windtunnel
