#include "simulator/analysis/iteration_timeline.h"

#include <array>

#include "simulator/engine/run.h"

namespace windtunnel {
namespace {

constexpr std::array kStages = {ServingStage::kAttention, ServingStage::kDispatch,
                                ServingStage::kFeedForward, ServingStage::kCombine};

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

Seconds stage_time(const IterationProjection& iteration, const IterationBlock& block,
                   ServingStage stage) {
  Seconds time{0};
  for (std::size_t i = block.first; i < block.end; ++i) {
    const IterationTerm& term = iteration.terms[i];
    if (term.stage == stage) time += time_in_layer(term, iteration);
  }
  return time;
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

bool beside_compute(ServingStage stage) {
  return stage == ServingStage::kDispatch || stage == ServingStage::kCombine;
}

Seconds time_in_layer(const IterationTerm& term, const IterationProjection& iteration) {
  const double launches = term.launches / (term.layers * iteration.micro_batches);
  return launches * (term.each.time * term.stretched + iteration.launch_gap);
}

IterationTimeline iteration_timeline(const IterationProjection& iteration) {
  IterationTimeline timeline{.blocks = blocks_of(iteration.terms), .spans = {}, .end = {0}};
  OpGraph graph;
  const LaneId compute = graph.add_lane();
  const LaneId beside = graph.add_lane();
  std::vector<std::vector<OpId>> last(static_cast<std::size_t>(iteration.micro_batches));
  std::vector<OpId> ops;
  int layer = 0;
  for (std::size_t block = 0; block < timeline.blocks.size(); ++block) {
    for (int i = 0; i < timeline.blocks[block].layers; ++i, ++layer) {
      for (const ServingStage stage : kStages) {
        const Seconds time = stage_time(iteration, timeline.blocks[block], stage);
        if (time.value <= 0) continue;
        for (std::size_t half = 0; half < last.size(); ++half) {
          ops.push_back(graph.add_op(beside_compute(stage) ? beside : compute, to_picoseconds(time),
                                     last[half]));
          last[half] = {ops.back()};
          timeline.spans.push_back({block, layer, stage, static_cast<int>(half), {0}, {0}});
        }
      }
    }
  }
  const Timeline times = run(graph);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    timeline.spans[i].start = to_seconds(times.start[static_cast<std::size_t>(ops[i])]);
    timeline.spans[i].end = to_seconds(times.end[static_cast<std::size_t>(ops[i])]);
  }
  timeline.end = to_seconds(times.makespan);
  return timeline;
}

}  // namespace windtunnel
