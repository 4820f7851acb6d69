// Properties of every row of the table: a new schedule is tested by being there.
#include "simulator/workload/schedules/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>

#include "simulator/base/text_file.h"
#include "tests/workload/schedules/ideal_pipeline.h"

namespace windtunnel {
namespace {

using testing::durations;
using testing::IdealStep;
using testing::run_ideal;

/// The shapes a schedule can run among 1 to 16 ranks, with fewer micro-batches than ranks, around
/// twice the ranks, and many; with 2, 3 and 5 stages a rank where it leaves them open.
std::vector<ScheduleShape> runnable_shapes(const ScheduleKind& kind) {
  std::vector<ScheduleShape> shapes;
  for (int ranks = 1; ranks <= 16; ++ranks) {
    std::set<int> numbers{1, 2, 3, ranks - 1, ranks, ranks + 1, 3 * ranks, 120};
    for (int extra = 0; extra <= 8; ++extra) numbers.insert(2 * ranks + extra);
    for (const int micro_batches : numbers) {
      for (const int chosen : {2, 3, 5}) {
        if (kind.virtual_stages && chosen > 2) break;
        const ScheduleShape shape = shape_of(kind, ranks, micro_batches, chosen);
        if (!kind.problem(shape)) shapes.push_back(shape);
      }
    }
  }
  return shapes;
}

template <typename Check>
void for_every_run(Check check) {
  for (const ScheduleKind& kind : schedules()) {
    for (const ScheduleShape& shape : runnable_shapes(kind)) {
      SCOPED_TRACE(std::string(kind.name) + " on " +
                   shape_text(shape.pipeline_ranks, shape.micro_batches));
      check(kind, shape);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

/// The slot at which each chunk's forward, input gradient and weight gradient are computed.
struct ChunkSlots {
  std::vector<std::size_t> forward;
  std::vector<std::size_t> backward;
  std::vector<std::size_t> weight;
};

std::map<Chunk, ChunkSlots> chunk_slots(const RankSlots& slots) {
  std::map<Chunk, ChunkSlots> chunks;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    if (has_forward(slot.kind)) chunks[slot.forward].forward.push_back(i);
    if (has_backward_input(slot.kind)) chunks[slot.backward].backward.push_back(i);
    if (has_weight(slot.kind)) chunks[slot.backward].weight.push_back(i);
  }
  return chunks;
}

TEST(Schedules, HaveNamesAndRunTheShapesOfTheirPapers) {
  std::set<std::string_view> names;
  for (const ScheduleKind& kind : schedules()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_EQ(kind.doc.back(), '.') << kind.name;
    EXPECT_EQ(find_schedule(kind.name), &kind);
    EXPECT_EQ(kind.problem(shape_of(kind, 16, 128, 2)), std::nullopt);
    EXPECT_FALSE(runnable_shapes(kind).empty());
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"1f1b", "dualpipe", "dualpipev", "gpipe",
                                               "interleaved_1f1b", "zb_h1", "zb_v"}));
  EXPECT_EQ(find_schedule("1F1B"), nullptr);
  EXPECT_EQ(find_schedule(""), nullptr);
}

TEST(Schedules, StandInTheReadmeWithTheirClosedForm) {
  const std::string readme = read_text_file("README.md");
  for (const ScheduleKind& kind : schedules()) {
    const auto row = readme.find("| `" + std::string(kind.name) + "` |");
    ASSERT_NE(row, std::string::npos) << kind.name;
    const std::string line = readme.substr(row, readme.find('\n', row) - row);
    ASSERT_TRUE(kind.bubble.has_value());
    EXPECT_NE(line.find("| " + std::string(kind.bubble->text) + " |"), std::string::npos) << line;
  }
}

TEST(Schedules, ComputeEveryChunkOnceOnTheRankThatHoldsItsStage) {
  for_every_run([](const ScheduleKind& kind, const ScheduleShape& shape) {
    const auto ranks = kind.slots(shape);
    ASSERT_EQ(ranks.size(), static_cast<std::size_t>(shape.pipeline_ranks));
    std::size_t chunks = 0;
    for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
      for (const auto& [chunk, at] : chunk_slots(ranks[static_cast<std::size_t>(rank)])) {
        ++chunks;
        ASSERT_EQ(kind.rank_of(shape, chunk), rank);
        ASSERT_TRUE(chunk.direction >= 0 && chunk.direction < kind.directions);
        ASSERT_TRUE(chunk.stage >= 0 && chunk.stage < stage_count(shape));
        ASSERT_TRUE(chunk.micro_batch >= 0 && chunk.micro_batch < micro_batches_each(kind, shape));
        ASSERT_EQ(at.forward.size(), 1U);
        ASSERT_EQ(at.backward.size(), 1U);
        ASSERT_EQ(at.weight.size(), 1U);
      }
    }
    ASSERT_EQ(micro_batches_each(kind, shape) * kind.directions, shape.micro_batches);
    ASSERT_EQ(chunks, static_cast<std::size_t>(shape.micro_batches * stage_count(shape)));
  });
}

TEST(Schedules, RunAChunksForwardThenItsBackwardThenItsWeightGradients) {
  for_every_run([](const ScheduleKind& kind, const ScheduleShape& shape) {
    for (const RankSlots& slots : kind.slots(shape)) {
      for (const auto& [chunk, at] : chunk_slots(slots)) {
        ASSERT_LT(at.forward.front(), at.backward.front());
        ASSERT_LE(at.backward.front(), at.weight.front());
        const bool whole = slots[at.backward.front()].kind != SlotKind::kBackwardInput;
        ASSERT_EQ(at.backward.front() == at.weight.front(), whole);
      }
    }
  });
}

TEST(Schedules, RunTheChunksOfADirectionInOrder) {
  for_every_run([](const ScheduleKind& kind, const ScheduleShape& shape) {
    for (const RankSlots& slots : kind.slots(shape)) {
      std::map<std::pair<int, int>, ChunkSlots> last;
      for (const auto& [chunk, at] : chunk_slots(slots)) {
        ChunkSlots& before = last[{chunk.direction, chunk.stage}];
        if (!before.forward.empty()) {
          ASSERT_LT(before.forward.front(), at.forward.front());
          ASSERT_LT(before.backward.front(), at.backward.front());
          ASSERT_LT(before.weight.front(), at.weight.front());
        }
        before = at;
      }
    }
  });
}

TEST(Schedules, HoldAsManyActivationsAsPublished) {
  for_every_run([](const ScheduleKind& kind, const ScheduleShape& shape) {
    const auto ranks = kind.slots(shape);
    for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
      ASSERT_EQ(peak_held_chunks(ranks[static_cast<std::size_t>(rank)]),
                kind.peak_chunks(shape, rank))
          << rank;
    }
  });
}

// The input gradient of chunk 0 does not free it: its weight part does, so chunk 2 is the third
// held. In a pair the forward's chunk is held before the backward's is free.
TEST(HeldChunks, AreFreedByTheirWeightGradients) {
  const Chunk a{.direction = 0, .micro_batch = 0, .stage = 0};
  const Chunk b{.direction = 0, .micro_batch = 1, .stage = 0};
  const Chunk c{.direction = 0, .micro_batch = 2, .stage = 0};
  const RankSlots deferred{{SlotKind::kForward, a, a},
                           {SlotKind::kForward, b, b},
                           {SlotKind::kBackwardInput, a, a},
                           {SlotKind::kForward, c, c},
                           {SlotKind::kWeight, a, a}};
  EXPECT_EQ(peak_held_chunks(deferred), 3);
  EXPECT_EQ(peak_held_chunks(RankSlots{{SlotKind::kForward, a, a},
                                       {SlotKind::kOverlapped, b, a},
                                       {SlotKind::kOverlapped, c, b}}),
            2);
  EXPECT_EQ(peak_held_chunks({}), 0);
}

// A deadlock would throw. The step cannot be shorter than its fullest rank, nor than one chunk's
// way down the pipeline and back up; overlapped pairs save nothing here, so that every rank does
// micro_batches * stages / ranks * (F + B).
TEST(Schedules, NeverDeadlockAndConserveWork) {
  constexpr SlotDurations kTime = durations(70, 140, 50, 210);
  for_every_run([&](const ScheduleKind& kind, const ScheduleShape& shape) {
    const IdealStep step = run_ideal(kind, shape, kTime);
    const int stages = stage_count(shape);
    ASSERT_GE(step.makespan, stages * 70 + (stages - 1) * 90 + 90);
    for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
      ASSERT_EQ(step.busy[static_cast<std::size_t>(rank)],
                shape.micro_batches * stages / shape.pipeline_ranks * 210);
      ASSERT_GE(step.idle(rank), 0);
    }
  });
}

/// A shape the schedule can run, from rapidcheck.
ScheduleShape any_shape(const ScheduleKind& kind) {
  const auto shapes = runnable_shapes(kind);
  return shapes[*rc::gen::inRange<std::size_t>(0, shapes.size())];
}

RC_GTEST_PROP(Schedules, IdleAsTheClosedFormSaysWhereItIsExact, ()) {
  const auto table = schedules();
  const ScheduleKind& kind = table[*rc::gen::inRange<std::size_t>(0, table.size())];
  RC_PRE(kind.bubble.has_value());
  const ScheduleShape shape = any_shape(kind);
  const std::int64_t weight = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  const std::int64_t forward =
      weight + *rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, weight + 1),
                               rc::gen::inRange<std::int64_t>(0, 1'000'000));
  const std::int64_t backward = forward + weight;
  const std::int64_t overlapped = backward + *rc::gen::inRange<std::int64_t>(0, forward + 1);
  const SlotDurations time = durations(forward, backward, weight, overlapped);
  const IdealStep step = run_ideal(kind, shape, time);
  // The closed forms of zero-bubble schedules need a pipeline that fills, and something to fill
  // bubbles with.
  const bool fills = shape.micro_batches >= 2 * shape.pipeline_ranks - 1 && forward <= 2 * weight;
  int exact = 0;
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    if (!kind.bubble->exact(shape, time, rank)) continue;
    ++exact;
    RC_ASSERT(step.idle(rank) == kind.bubble->bubble(shape, time).count);
  }
  RC_ASSERT(exact > 0 || !fills);
}

// Equal or not, stages never make a rank wait for ever, and no rank works longer than the step.
RC_GTEST_PROP(Schedules, RunWithUnequalStages, ()) {
  const auto table = schedules();
  const ScheduleKind& kind = table[*rc::gen::inRange<std::size_t>(0, table.size())];
  const ScheduleShape shape = any_shape(kind);
  std::vector<SlotDurations> stages;
  std::int64_t work = 0;
  for (int stage = 0; stage < stage_count(shape); ++stage) {
    const std::int64_t forward = *rc::gen::inRange<std::int64_t>(0, 1000);
    const std::int64_t weight = *rc::gen::inRange<std::int64_t>(0, 1000);
    const std::int64_t backward = weight + *rc::gen::inRange<std::int64_t>(0, 1000);
    stages.push_back(durations(forward, backward, weight, forward + backward));
    work += shape.micro_batches * (forward + backward);
  }
  const IdealStep step = run_ideal(kind, shape, stages);
  for (int rank = 0; rank < shape.pipeline_ranks; ++rank) {
    RC_ASSERT(step.idle(rank) >= 0);
    work -= step.busy[static_cast<std::size_t>(rank)];
  }
  RC_ASSERT(work == 0);
}

TEST(SlotNames, AreThoseOfTheDocuments) {
  EXPECT_EQ(slot_name(SlotKind::kForward), "forward");
  EXPECT_EQ(slot_name(SlotKind::kBackward), "backward");
  EXPECT_EQ(slot_name(SlotKind::kBackwardInput), "backward_input");
  EXPECT_EQ(slot_name(SlotKind::kWeight), "weight");
  EXPECT_EQ(slot_name(SlotKind::kOverlapped), "overlapped");
}

}  // namespace
}  // namespace windtunnel
