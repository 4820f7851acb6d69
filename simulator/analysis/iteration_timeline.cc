#include "simulator/analysis/iteration_timeline.h"

#include "simulator/engine/run.h"
#include "simulator/workload/serving/weave.h"

namespace windtunnel {
namespace {

std::vector<IterationBlock> blocks_of(const std::vector<IterationTerm>& terms) {
  std::vector<IterationBlock> blocks;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (blocks.empty() || blocks.back().name != terms[i].block) {
      blocks.push_back({terms[i].block, terms[i].layers, i, i});
    }
    blocks.back().end = i + 1;
  }
  return blocks;
}

ServingStageTimes stage_times(const IterationProjection& iteration, const IterationBlock& block) {
  ServingStageTimes times{};
  for (std::size_t i = block.first; i < block.end; ++i) {
    const IterationTerm& term = iteration.terms[i];
    times[static_cast<std::size_t>(term.stage)] += time_in_layer(term, iteration);
  }
  return times;
}

}  // namespace

const char* stage_name(ServingStage stage) {
  switch (stage) {
    case ServingStage::kAttention:
      return "attention";
    case ServingStage::kDispatch:
      return "dispatch";
    case ServingStage::kFeedForward:
      return "feed-forward";
    case ServingStage::kCombine:
      break;
  }
  return "combine";
}

Seconds time_in_layer(const IterationTerm& term, const IterationProjection& iteration) {
  const double launches = term.launches / (term.layers * iteration.micro_batches);
  return launches * (term.each.time * term.stretched + iteration.launch_gap);
}

IterationTimeline iteration_timeline(const IterationProjection& iteration) {
  IterationTimeline timeline{.blocks = blocks_of(iteration.terms), .spans = {}, .end = {0}};
  Weave weave(iteration.micro_batches);
  std::vector<std::size_t> block_of_layer;
  for (std::size_t block = 0; block < timeline.blocks.size(); ++block) {
    const ServingStageTimes times = stage_times(iteration, timeline.blocks[block]);
    for (int i = 0; i < timeline.blocks[block].layers; ++i) {
      weave.add_layer(times);
      block_of_layer.push_back(block);
    }
  }
  const Timeline times = run(weave.graph);
  for (std::size_t i = 0; i < weave.ops.size(); ++i) {
    const WovenOp& op = weave.ops[i];
    timeline.spans.push_back({.block = block_of_layer[static_cast<std::size_t>(op.layer)],
                              .layer = op.layer,
                              .stage = op.stage,
                              .micro_batch = op.micro_batch,
                              .start = to_seconds(times.start[i]),
                              .end = to_seconds(times.end[i])});
  }
  timeline.end = to_seconds(times.makespan);
  return timeline;
}

}  // namespace windtunnel
