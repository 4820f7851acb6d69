// Pipeline schedules as pure functions from a shape to the slots of every rank. A schedule is one
// file beside this one and one row of the table in schedule.cc.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/workload/schedules/slot.h"

namespace windtunnel {

/// What a schedule is made for; `micro_batches` is the number in all directions together, and a
/// rank holds `virtual_stages` stages of the model in each direction.
struct ScheduleShape {
  int pipeline_ranks;
  int micro_batches;
  int virtual_stages;
};

/// Stages the model is divided into.
constexpr int stage_count(const ScheduleShape& shape) {
  return shape.pipeline_ranks * shape.virtual_stages;
}

/// Of two stages a rank, on the way down the ranks and back up.
inline int rank_in_v(const ScheduleShape& shape, const Chunk& chunk) {
  return std::min(chunk.stage, stage_count(shape) - 1 - chunk.stage);
}

/// The slots of one rank in the order in which it runs them.
using RankSlots = std::vector<Slot>;

/// The published closed form of the time a rank idles in a step, for stages that cost the same and
/// communication that is free: a test oracle and a yardstick, never a price. Durations are those of
/// one stage, of which a rank may hold several.
struct BubbleFormula {
  std::string_view text;
  std::string_view source;
  std::string_view condition;  ///< where `exact` holds, in words
  Picoseconds (*bubble)(const ScheduleShape&, const SlotDurations&);
  bool (*exact)(const ScheduleShape&, const SlotDurations&, int rank);
};

/// A schedule; its functions but `problem` may be called only for shapes that have no problem.
struct ScheduleKind {
  std::string_view name;
  std::string_view doc;  ///< one sentence
  int directions;        ///< micro-batches enter at this many ends; each gets an equal share
  int parameter_copies;  ///< how often the pipeline stores the model
  /// Stages a rank holds in each direction; empty where the scenario chooses.
  std::optional<int> virtual_stages;
  int (*rank_of)(const ScheduleShape&, const Chunk&);  ///< the rank that runs the chunk
  /// Why the shape cannot run, with the nearest that can; empty if it can.
  std::optional<std::string> (*problem)(const ScheduleShape&);
  std::vector<RankSlots> (*slots)(const ScheduleShape&);  ///< one list a rank
  /// The most chunks whose activations `rank` holds at a time, by the schedule's own analysis.
  int (*peak_chunks)(const ScheduleShape&, int rank);
  std::optional<BubbleFormula> bubble;
};

/// Every schedule that can be named in a scenario.
std::span<const ScheduleKind> schedules();

/// The schedule of that name; nullptr if there is none.
const ScheduleKind* find_schedule(std::string_view name);

/// The shape in which `kind` runs; with `chosen` virtual stages where it leaves them open.
constexpr ScheduleShape shape_of(const ScheduleKind& kind, int pipeline_ranks, int micro_batches,
                                 int chosen) {
  return {.pipeline_ranks = pipeline_ranks,
          .micro_batches = micro_batches,
          .virtual_stages = kind.virtual_stages.value_or(chosen)};
}

/// Micro-batches of one direction.
constexpr int micro_batches_each(const ScheduleKind& kind, const ScheduleShape& shape) {
  return shape.micro_batches / kind.directions;
}

/// The most chunks whose activations are held at a time: from the start of a chunk's forward to the
/// end of its weight gradients.
int peak_held_chunks(std::span<const Slot> slots);

/// "16 ranks with 24 micro-batches", for `problem`. Wider than int: the nearest shape may overflow.
std::string shape_text(long long pipeline_ranks, long long micro_batches);

/// The `problem` of a schedule that runs on any ranks and micro-batches, as long as there are some.
std::optional<std::string> problem_of_empty(std::string_view name, const ScheduleShape& shape);

}  // namespace windtunnel
