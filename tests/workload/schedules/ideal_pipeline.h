// A schedule on the ideal pipeline, as the tests of this folder look at it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "simulator/engine/run.h"
#include "simulator/workload/schedules/slot_times.h"

namespace windtunnel::testing {

/// What a step came to: its length, and how long each rank had something to do.
struct IdealStep {
  std::int64_t makespan;
  std::vector<std::int64_t> busy;

  std::int64_t idle(int rank) const { return makespan - busy[static_cast<std::size_t>(rank)]; }
};

inline IdealStep run_ideal(const ScheduleKind& kind, const ScheduleShape& shape,
                           const std::vector<SlotDurations>& stages) {
  IdealStep step{.makespan = run(lower_slots(kind, shape, stages)).makespan.count, .busy = {}};
  for (const RankSlots& list : kind.slots(shape)) {
    std::int64_t sum = 0;
    for (const Slot& slot : list) sum += slot_time(slot, stages).count;
    step.busy.push_back(sum);
  }
  return step;
}

/// The same with every stage alike.
inline IdealStep run_ideal(const ScheduleKind& kind, const ScheduleShape& shape,
                           const SlotDurations& stage) {
  return run_ideal(kind, shape,
                   std::vector<SlotDurations>(static_cast<std::size_t>(stage_count(shape)), stage));
}

constexpr SlotDurations durations(std::int64_t forward, std::int64_t backward, std::int64_t weight,
                                  std::int64_t overlapped) {
  return {
      .forward = {forward}, .backward = {backward}, .weight = {weight}, .overlapped = {overlapped}};
}

inline int count(const RankSlots& slots, SlotKind kind) {
  int found = 0;
  for (const Slot& slot : slots) found += slot.kind == kind ? 1 : 0;
  return found;
}

/// A rank's slots as text: F B b W P for forward, backward, backward-input, weight and pair, with
/// direction and micro-batch, such as "F0.2" or "P0.2/1.0".
inline std::string slot_text(const RankSlots& slots) {
  const auto chunk_text = [](const Chunk& chunk) {
    return std::to_string(chunk.direction) + "." + std::to_string(chunk.micro_batch);
  };
  std::string text;
  for (const Slot& slot : slots) {
    if (!text.empty()) text += ' ';
    text += "FBbWP"[static_cast<int>(slot.kind)];
    text += has_forward(slot.kind) ? chunk_text(slot.forward) : chunk_text(slot.backward);
    if (slot.kind == SlotKind::kOverlapped) text += "/" + chunk_text(slot.backward);
  }
  return text;
}

/// A chunk of a schedule with several stages a rank: its micro-batch, with a ' for each stage that
/// the rank holds before the chunk's.
inline std::string chunk_mark(const Chunk& chunk, int ranks) {
  return std::to_string(chunk.micro_batch) +
         std::string(static_cast<std::size_t>(chunk.stage / ranks), '\'');
}

/// A slot such as "F0", "b2'" or "P3/1'", letters as in slot_text.
inline std::string slot_mark(const Slot& slot, int ranks) {
  const bool pair = slot.kind == SlotKind::kOverlapped;
  const Chunk& chunk = has_forward(slot.kind) ? slot.forward : slot.backward;
  return "FBbWP"[static_cast<int>(slot.kind)] + chunk_mark(chunk, ranks) +
         (pair ? "/" + chunk_mark(slot.backward, ranks) : "");
}

/// A rank's slots as marks.
inline std::string marks(const RankSlots& slots, int ranks) {
  std::string text;
  for (const Slot& slot : slots) text += (text.empty() ? "" : " ") + slot_mark(slot, ranks);
  return text;
}

/// A step drawn a rank a line, a column a picosecond: the mark of the slot that runs there, "."
/// where the rank idles.
inline std::vector<std::string> drawn(const ScheduleKind& kind, const ScheduleShape& shape,
                                      const SlotDurations& stage) {
  const std::vector<SlotDurations> stages(static_cast<std::size_t>(stage_count(shape)), stage);
  const Timeline timeline = run(lower_slots(kind, shape, stages));
  std::vector<std::string> lines;
  std::size_t op = 0;
  for (const RankSlots& slots : kind.slots(shape)) {
    std::vector<std::string> cells(static_cast<std::size_t>(timeline.makespan.count), ".");
    for (const Slot& slot : slots) {
      for (std::int64_t at = timeline.start[op].count; at < timeline.end[op].count; ++at) {
        cells[static_cast<std::size_t>(at)] = slot_mark(slot, shape.pipeline_ranks);
      }
      ++op;
    }
    std::string line;
    for (const std::string& cell : cells) line += (line.empty() ? "" : " ") + cell;
    lines.push_back(line);
  }
  return lines;
}

}  // namespace windtunnel::testing
