#include "simulator/workload/schedules/overlapped_pair.h"

namespace windtunnel {
namespace {

std::optional<std::string> problem(const ScheduleShape& shape) {
  if (shape.pipeline_ranks == 1 && shape.micro_batches == 2) return std::nullopt;
  return "1 pipeline rank and 2 micro-batches, not " +
         shape_text(shape.pipeline_ranks, shape.micro_batches);
}

std::vector<RankSlots> slots(const ScheduleShape&) {
  return {{Slot{.kind = SlotKind::kOverlapped,
                .forward = {.direction = 0, .micro_batch = 0, .stage = 0},
                .backward = {.direction = 0, .micro_batch = 1, .stage = 0}}}};
}

}  // namespace

const ScheduleKind& overlapped_pair() {
  static constexpr ScheduleKind kPair{
      .name = "overlapped_pair",
      .doc = "A forward chunk beside a backward chunk, once.",
      .directions = 1,
      .parameter_copies = 1,
      .virtual_stages = 1,
      .rank_of = [](const ScheduleShape&, const Chunk&) { return 0; },
      .problem = problem,
      .slots = slots,
      .peak_chunks = [](const ScheduleShape&, int) { return 2; },
      .bubble = {}};
  return kPair;
}

}  // namespace windtunnel
