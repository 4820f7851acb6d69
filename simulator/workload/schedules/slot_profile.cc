#include "simulator/workload/schedules/slot_profile.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>

namespace windtunnel {
namespace {

SlotCount counted(const Slot& slot) {
  const bool backward = has_backward_input(slot.kind) || has_weight(slot.kind);
  return {.kind = slot.kind,
          .forward_stage = has_forward(slot.kind) ? slot.forward.stage : -1,
          .backward_stage = backward ? slot.backward.stage : -1,
          .count = 1};
}

void add(std::vector<SlotCount>& counts, const SlotCount& slot) {
  const auto same = std::find_if(counts.begin(), counts.end(), [&](const SlotCount& one) {
    return one.kind == slot.kind && one.forward_stage == slot.forward_stage &&
           one.backward_stage == slot.backward_stage;
  });
  if (same == counts.end()) {
    counts.push_back(slot);
  } else {
    ++same->count;
  }
}

/// The slot in which `chunk` goes forward (or hands its gradient on).
ChunkSlot slot_of(const ScheduleKind& kind, const ScheduleShape& shape,
                  const std::vector<RankSlots>& slots, const Chunk& chunk, bool backward) {
  const RankSlots& list = slots[static_cast<std::size_t>(kind.rank_of(shape, chunk))];
  const auto found = std::find_if(list.begin(), list.end(), [&](const Slot& slot) {
    return backward ? has_backward_input(slot.kind) && slot.backward == chunk
                    : has_forward(slot.kind) && slot.forward == chunk;
  });
  assert(found != list.end());
  return {.stage = chunk.stage, .kind = found->kind};
}

bool covers(const std::vector<int>& a, const std::vector<int>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), [](int x, int y) { return x >= y; });
}

/// Keeps the moments that no other one covers.
void note_moment(std::vector<std::vector<int>>& moments, const std::vector<int>& held) {
  for (const auto& one : moments) {
    if (covers(one, held)) return;
  }
  moments.erase(std::remove_if(moments.begin(), moments.end(),
                               [&](const auto& one) { return covers(held, one); }),
                moments.end());
  moments.push_back(held);
}

std::vector<std::vector<int>> fullest_moments(const RankSlots& slots,
                                              const std::vector<int>& stages) {
  const auto place = [&](int stage) {
    return static_cast<std::size_t>(
        std::distance(stages.begin(), std::find(stages.begin(), stages.end(), stage)));
  };
  std::vector<std::vector<int>> moments;
  std::vector<int> held(stages.size(), 0);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (has_forward(slots[i].kind)) ++held[place(slots[i].forward.stage)];
    const bool grows = i + 1 < slots.size() && slots[i + 1].kind == SlotKind::kForward &&
                       !has_weight(slots[i].kind);
    if (has_forward(slots[i].kind) && !grows) note_moment(moments, held);
    if (has_weight(slots[i].kind)) --held[place(slots[i].backward.stage)];
  }
  return moments;
}

}  // namespace

std::vector<RankProfile> slot_profile(const ScheduleKind& kind, const ScheduleShape& shape) {
  const std::vector<RankSlots> slots = kind.slots(shape);
  std::vector<RankProfile> profiles;
  for (const RankSlots& list : slots) {
    const auto last = std::find_if(list.rbegin(), list.rend(),
                                   [](const Slot& slot) { return has_backward_input(slot.kind); });
    assert(!list.empty() && last != list.rend() && has_forward(list.front().kind));
    RankProfile profile{.stages = {},
                        .before = {},
                        .last = counted(*last),
                        .behind = {},
                        .fill = {},
                        .drain = {},
                        .held = {}};
    for (auto slot = list.begin(); slot != list.end(); ++slot) {
      const auto from_end = std::distance(slot, list.end()) - 1;
      const auto last_from_end = std::distance(list.rbegin(), last);
      if (from_end > last_from_end) add(profile.before, counted(*slot));
      if (from_end < last_from_end) add(profile.behind, counted(*slot));
      if (!has_forward(slot->kind)) continue;
      auto& stages = profile.stages;
      const int stage = slot->forward.stage;
      if (std::find(stages.begin(), stages.end(), stage) == stages.end()) stages.push_back(stage);
    }
    Chunk first = list.front().forward;
    while (--first.stage >= 0) profile.fill.push_back(slot_of(kind, shape, slots, first, false));
    Chunk behind = last->backward;
    while (--behind.stage >= 0) profile.drain.push_back(slot_of(kind, shape, slots, behind, true));
    profile.held = fullest_moments(list, profile.stages);
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

}  // namespace windtunnel
