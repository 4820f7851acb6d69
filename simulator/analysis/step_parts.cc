#include "simulator/analysis/step_parts.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

namespace windtunnel {
namespace {

struct Extent {
  Picoseconds start{std::numeric_limits<std::int64_t>::max()};
  Picoseconds end{0};
};

SlotSpan span_of(int rank, const Slot& slot, Picoseconds start, Picoseconds end) {
  const Chunk& chunk = has_forward(slot.kind) ? slot.forward : slot.backward;
  return {.rank = rank,
          .kind = std::string(slot_name(slot.kind)),
          .direction = chunk.direction,
          .micro_batch = chunk.micro_batch,
          .stage = chunk.stage,
          .start = to_seconds(start),
          .end = to_seconds(end)};
}

/// First start and last end of each slot's ops; sends to the next stage do not hold the slot, nor
/// does the host. The last two elements are the update's: reducing gradients, and what follows the
/// barrier at the global norm, so that waiting there counts as idle.
std::vector<Extent> extents(const TrainingStep& step, const Timeline& timeline,
                            std::size_t slot_count, std::span<const OpId> ops) {
  std::vector<Extent> slots(slot_count + 2);
  for (const OpId id : ops) {
    const auto op = static_cast<std::size_t>(id);
    const RowOwner& owner = owner_of(step, id);
    if (owner.kind == OpKind::kSend || owner.kind == OpKind::kHost) continue;
    const bool update = owner.slot == kNoSlot;
    // Zero-work ops of the update mark its ends and the barrier; they are no work.
    if (update && timeline.start[op] == timeline.end[op]) continue;
    Extent& reduce = slots[slot_count];
    Extent& extent = !update                 ? slots[static_cast<std::size_t>(owner.slot)]
                     : reduce.end.count == 0 ? reduce
                                             : slots.back();
    extent.start = std::min(extent.start, timeline.start[op]);
    extent.end = std::max(extent.end, timeline.end[op]);
  }
  return slots;
}

}  // namespace

std::vector<OpId> RankOps::of(int rank) const {
  std::vector<OpId> ops;
  for (const RowId row : rows[static_cast<std::size_t>(rank / members)]) {
    ops.push_back(row * members + rank % members);
  }
  return ops;
}

RankOps rank_ops(const TrainingStep& step) {
  RankOps found{.members = step.members, .rows = {}};
  found.rows.resize(static_cast<std::size_t>(step.pipeline_ranks));
  for (std::size_t row = 0; row < step.owners.size(); ++row) {
    found.rows[static_cast<std::size_t>(step.owners[row].pipeline_rank)].push_back(
        static_cast<RowId>(row));
  }
  return found;
}

std::vector<SlotSpan> slot_spans(const TrainingStep& step, const Timeline& timeline,
                                 int pipeline_rank, std::span<const OpId> ops) {
  const RankSlots& slots = step.slots[static_cast<std::size_t>(pipeline_rank)];
  const std::vector<Extent> found = extents(step, timeline, slots.size(), ops);
  std::vector<SlotSpan> spans;
  Picoseconds covered{0};
  for (std::size_t slot = 0; slot < found.size(); ++slot) {
    const Extent& extent = found[slot];
    if (extent.end <= covered) continue;
    const Picoseconds start = std::max(extent.start, covered);
    covered = extent.end;
    if (slot < slots.size()) {
      spans.push_back(span_of(pipeline_rank, slots[slot], start, extent.end));
    } else {
      spans.push_back({.rank = pipeline_rank,
                       .kind = "optimizer",
                       .direction = 0,
                       .micro_batch = 0,
                       .stage = pipeline_rank,
                       .start = to_seconds(start),
                       .end = to_seconds(extent.end)});
    }
  }
  return spans;
}

std::vector<SlotSpan> slot_spans(const TrainingStep& step, const Timeline& timeline) {
  const RankOps all = rank_ops(step);
  std::vector<SlotSpan> spans;
  for (int rank = 0; rank < step.pipeline_ranks; ++rank) {
    const std::vector<SlotSpan> own = slot_spans(step, timeline, rank, all.of(rank * step.members));
    spans.insert(spans.end(), own.begin(), own.end());
  }
  return spans;
}

StepParts step_parts(const std::vector<SlotSpan>& spans, int rank, Picoseconds makespan) {
  const Seconds zero{0};
  StepParts parts{.time = to_seconds(makespan),
                  .forward = zero,
                  .backward = zero,
                  .weight = zero,
                  .overlapped = zero,
                  .bubble = zero,
                  .optimizer = zero};
  Seconds covered{0};
  for (const SlotSpan& span : spans) {
    if (span.rank != rank) continue;
    const Seconds length = span.end - span.start;
    covered += length;
    if (span.kind == "forward") {
      parts.forward += length;
    } else if (span.kind == "backward" || span.kind == "backward_input") {
      parts.backward += length;
    } else if (span.kind == "weight") {
      parts.weight += length;
    } else if (span.kind == "overlapped") {
      parts.overlapped += length;
    } else {
      parts.optimizer += length;
    }
  }
  parts.bubble = parts.time - covered;
  return parts;
}

StepParts mean_parts(const std::vector<StepParts>& parts) {
  const Seconds zero{0};
  StepParts sum{zero, zero, zero, zero, zero, zero, zero};
  for (const StepParts& part : parts) {
    sum.time += part.time;
    sum.forward += part.forward;
    sum.backward += part.backward;
    sum.weight += part.weight;
    sum.overlapped += part.overlapped;
    sum.bubble += part.bubble;
    sum.optimizer += part.optimizer;
  }
  const auto count = static_cast<double>(std::max<std::size_t>(1, parts.size()));
  return {sum.time / count,       sum.forward / count, sum.backward / count, sum.weight / count,
          sum.overlapped / count, sum.bubble / count,  sum.optimizer / count};
}

}  // namespace windtunnel
