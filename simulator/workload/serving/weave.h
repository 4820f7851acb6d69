// A serving iteration as ops: equal micro-batches, interleaved stage by stage, so that the tokens
// of one travel while the other computes.
#pragma once

#include <array>
#include <vector>

#include "simulator/engine/op_graph.h"
#include "simulator/model/serving_ops.h"

namespace windtunnel {

inline constexpr std::array kServingStages{ServingStage::kAttention, ServingStage::kDispatch,
                                           ServingStage::kFeedForward, ServingStage::kCombine};

/// What a layer's stages take of one micro-batch.
using ServingStageTimes = std::array<Seconds, kServingStages.size()>;

/// Whose op it is; `layer` from 0.
struct WovenOp {
  int layer;
  ServingStage stage;
  int micro_batch;
};

/// Grows by a layer at a time. `compute` and `transfers` are the work on the two streams.
struct Weave {
  OpGraph graph;
  std::vector<WovenOp> ops;  ///< of the graph, in its order
  Seconds compute{0};
  Seconds transfers{0};

  explicit Weave(int micro_batches);

  void add_layer(const ServingStageTimes& times);

 private:
  LaneId compute_lane_;
  LaneId transfer_lane_;
  int layers_ = 0;
  std::vector<std::vector<OpId>> last_;  // of each micro-batch
};

}  // namespace windtunnel
