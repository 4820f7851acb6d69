#include "simulator/workload/schedules/schedule.h"

#include <algorithm>
#include <array>

namespace windtunnel {

// One a file, named as the file is.
ScheduleKind dualpipe();
ScheduleKind dualpipev();
ScheduleKind gpipe();
ScheduleKind interleaved_1f1b();
ScheduleKind one_f_one_b();
ScheduleKind zb_h1();
ScheduleKind zb_v();

std::span<const ScheduleKind> schedules() {
  static const std::array kTable{gpipe(), one_f_one_b(), interleaved_1f1b(), zb_h1(),
                                 zb_v(),  dualpipe(),    dualpipev()};
  return kTable;
}

const ScheduleKind* find_schedule(std::string_view name) {
  const auto table = schedules();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [name](const ScheduleKind& kind) { return kind.name == name; });
  return found == table.end() ? nullptr : &*found;
}

int peak_held_chunks(std::span<const Slot> slots) {
  int held = 0;
  int peak = 0;
  for (const Slot& slot : slots) {
    if (has_forward(slot.kind)) peak = std::max(peak, ++held);
    if (has_weight(slot.kind)) --held;
  }
  return peak;
}

std::string shape_text(long long pipeline_ranks, long long micro_batches) {
  return std::to_string(pipeline_ranks) + (pipeline_ranks == 1 ? " rank with " : " ranks with ") +
         std::to_string(micro_batches) + (micro_batches == 1 ? " micro-batch" : " micro-batches");
}

std::optional<std::string> problem_of_empty(std::string_view name, const ScheduleShape& shape) {
  if (shape.pipeline_ranks >= 1 && shape.micro_batches >= 1) return std::nullopt;
  return std::string(name) + " needs at least 1 pipeline rank and 1 micro-batch: " +
         shape_text(shape.pipeline_ranks, shape.micro_batches) + " cannot run, " +
         shape_text(std::max(shape.pipeline_ranks, 1), std::max(shape.micro_batches, 1)) + " can";
}

}  // namespace windtunnel
