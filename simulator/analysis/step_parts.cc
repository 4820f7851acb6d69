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

/// First start and last end of each slot's ops on member 0 of every rank; sends to the next stage
/// do not hold the slot, nor does the host. The last two elements are the update's: reducing
/// gradients, and what follows the barrier at the global norm, so that waiting there counts as
/// idle.
std::vector<std::vector<Extent>> extents(const TrainingStep& step, const Timeline& timeline) {
  std::vector<std::vector<Extent>> found(static_cast<std::size_t>(step.pipeline_ranks));
  for (std::size_t rank = 0; rank < found.size(); ++rank) {
    found[rank].resize(step.slots[rank].size() + 2);
  }
  for (std::size_t op = 0; op < step.owners.size(); ++op) {
    const OpOwner& owner = step.owners[op];
    if (owner.rank % step.members != 0 || owner.kind == OpKind::kSend) continue;
    if (owner.kind == OpKind::kHost) continue;
    auto& slots = found[static_cast<std::size_t>(owner.rank / step.members)];
    const bool update = owner.slot == kNoSlot;
    // Zero-work ops of the update mark its ends and the barrier; they are no work.
    if (update && timeline.start[op] == timeline.end[op]) continue;
    Extent& reduce = slots[slots.size() - 2];
    Extent& extent = !update                 ? slots[static_cast<std::size_t>(owner.slot)]
                     : reduce.end.count == 0 ? reduce
                                             : slots.back();
    extent.start = std::min(extent.start, timeline.start[op]);
    extent.end = std::max(extent.end, timeline.end[op]);
  }
  return found;
}

}  // namespace

std::vector<SlotSpan> slot_spans(const TrainingStep& step, const Timeline& timeline) {
  std::vector<SlotSpan> spans;
  const auto found = extents(step, timeline);
  for (std::size_t rank = 0; rank < found.size(); ++rank) {
    Picoseconds covered{0};
    for (std::size_t slot = 0; slot < found[rank].size(); ++slot) {
      const Extent& extent = found[rank][slot];
      if (extent.end <= covered) continue;
      const Picoseconds start = std::max(extent.start, covered);
      covered = extent.end;
      if (slot < step.slots[rank].size()) {
        spans.push_back(span_of(static_cast<int>(rank), step.slots[rank][slot], start, extent.end));
      } else {
        spans.push_back({.rank = static_cast<int>(rank),
                         .kind = "optimizer",
                         .direction = 0,
                         .micro_batch = 0,
                         .stage = static_cast<int>(rank),
                         .start = to_seconds(start),
                         .end = to_seconds(extent.end)});
      }
    }
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
