#include "simulator/analysis/iteration_timeline.h"

#include <gtest/gtest.h>

#include "tests/analysis/deployment.h"

namespace windtunnel {
namespace {

/// Two micro-batches of two layers; seconds of one stage of one layer for one micro-batch.
IterationProjection woven(double attention, double dispatch, double feed_forward, double combine) {
  IterationProjection iteration = invented_iteration("decode");
  const IterationTerm like = iteration.terms[0];
  iteration.terms.clear();
  iteration.micro_batches = 2;
  const auto add = [&](ServingStage stage, double seconds) {
    IterationTerm term = like;
    term.stage = stage;
    term.layers = 2;
    term.launches = 4;
    term.each.time = {seconds};
    iteration.terms.push_back(term);
  };
  add(ServingStage::kAttention, attention);
  add(ServingStage::kDispatch, dispatch);
  add(ServingStage::kFeedForward, feed_forward);
  add(ServingStage::kCombine, combine);
  return iteration;
}

struct Times {
  double start;
  double end;
};

Times at(const IterationTimeline& timeline, int layer, ServingStage stage, int micro_batch) {
  for (const IterationSpan& it : timeline.spans) {
    if (it.layer == layer && it.stage == stage && it.micro_batch == micro_batch) {
      return {it.start.value, it.end.value};
    }
  }
  return {-1, -1};
}

// Attention 3, dispatch 2, feed-forward 4, combine 2. Compute: A0 0-3, A1 3-6, F0 6-10, F1 10-14,
// then the second layer's A0: combine 0 ran 10-12, so 14-17, A1 17-20 (combine 1: 14-16), F0 20-24
// (dispatch 17-19), F1 24-28, and the last combine 28-30.
TEST(IterationTimeline, OneMicroBatchsTransfersRunUnderTheOthersCompute) {
  const IterationTimeline timeline = iteration_timeline(woven(3, 2, 4, 2));
  ASSERT_EQ(timeline.spans.size(), 16U);
  EXPECT_EQ(at(timeline, 0, ServingStage::kAttention, 1).start, 3);
  EXPECT_EQ(at(timeline, 0, ServingStage::kDispatch, 0).end, 5);
  EXPECT_EQ(at(timeline, 0, ServingStage::kFeedForward, 0).start, 6);
  EXPECT_EQ(at(timeline, 0, ServingStage::kCombine, 0).start, 10);
  EXPECT_EQ(at(timeline, 1, ServingStage::kAttention, 0).start, 14);
  EXPECT_EQ(at(timeline, 1, ServingStage::kCombine, 1).start, 28);
  EXPECT_EQ(timeline.end.value, 30);
}

// Of 6 + 6 a layer and micro-batch nothing hides where there is only one.
TEST(IterationTimeline, OneMicroBatchWaitsForItsTransfers) {
  IterationProjection iteration = woven(3, 3, 3, 3);
  iteration.micro_batches = 1;
  for (IterationTerm& term : iteration.terms) term.launches = 2;
  EXPECT_EQ(iteration_timeline(iteration).end.value, 24);
}

TEST(IterationTimeline, GapsAndSlowerGpusStretchLaunches) {
  IterationProjection iteration = woven(1, 0, 0, 0);
  iteration.launch_gap = {0.5};
  iteration.terms[0].stretched = 2;
  for (std::size_t i = 1; i < 4; ++i) iteration.terms[i].launches = 0;
  EXPECT_EQ(time_in_layer(iteration.terms[0], iteration).value, 2.5);
  const IterationTimeline timeline = iteration_timeline(iteration);
  EXPECT_EQ(timeline.spans.size(), 4U);
  EXPECT_EQ(timeline.end.value, 10);
}

TEST(IterationTimeline, BlocksAreTermsInARow) {
  IterationProjection iteration = woven(1, 1, 1, 1);
  iteration.terms[2].block = iteration.terms[3].block = "another";
  const IterationTimeline timeline = iteration_timeline(iteration);
  ASSERT_EQ(timeline.blocks.size(), 2U);
  EXPECT_EQ(timeline.blocks[1].first, 2U);
  EXPECT_EQ(timeline.blocks[1].end, 4U);
  EXPECT_EQ(timeline.spans.back().layer, 3);
  EXPECT_TRUE(iteration_timeline({}).spans.empty());
}

}  // namespace
}  // namespace windtunnel
