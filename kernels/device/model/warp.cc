#include "kernels/device/model/thread_index.h"
// The built-in names first: warp.h uses them.
#include "kernels/device/model/meeting.h"
#include "kernels/device/model/text.h"
#include "kernels/device/model/warp.h"

namespace windtunnel::device {

namespace model {

namespace {

struct Shuffled {
  u64 bits;
  u64 result;
  Shuffle mode;
  u32 operand;
  u32 width;
};

/// The lane whose value lane `lane` gets; its own where the source lies outside its segment.
u32 source_lane(const Shuffled& it, u32 lane) {
  const u32 first = lane / it.width * it.width;
  switch (it.mode) {
    case Shuffle::kIndex:
      return first + it.operand % it.width;
    case Shuffle::kXor: {
      const u32 source = lane ^ it.operand;
      return source < first + it.width ? source : lane;
    }
    case Shuffle::kUp:
      return lane >= first + it.operand ? lane - it.operand : lane;
    case Shuffle::kDown:
      return lane + it.operand < first + it.width ? lane + it.operand : lane;
  }
  return lane;
}

}  // namespace

u64 shuffle_bits(u64 bits, Shuffle mode, u32 operand, u32 width, u32 mask, Where where) {
  Shuffled own{bits, bits, mode, operand, width};
  together(Wait::kShuffle, mask, &own, where, [&](Warp& warp) {
    for_lanes(mask & warp.full, [&](u32 lane) {
      Shuffled& it = argument_of<Shuffled>(warp, lane);
      const u32 source = source_lane(it, lane);
      if ((mask & warp.full & (1U << source)) == 0) {
        fail(text("shuffle: lane ", lane, " reads lane ", source, ", which does not take part"));
      }
      it.result = argument_of<Shuffled>(warp, source).bits;
    });
  });
  return own.result;
}

u32 vote(Vote mode, bool predicate, u32 mask, Where where) {
  struct Voted {
    bool predicate;
    u32 result;
  } own{predicate, 0};
  together(Wait::kVote, mask, &own, where, [&](Warp& warp) {
    const u32 lanes = mask & warp.full;
    u32 set = 0;
    for_lanes(lanes, [&](u32 lane) {
      if (argument_of<Voted>(warp, lane).predicate) set |= 1U << lane;
    });
    const u32 result = mode == Vote::kBallot ? set
                       : mode == Vote::kAny  ? static_cast<u32>(set != 0)
                                             : static_cast<u32>(set == lanes);
    for_lanes(lanes, [&](u32 lane) { argument_of<Voted>(warp, lane).result = result; });
  });
  return own.result;
}

void set_registers(u32 count, bool more, Where where) {
  at(where);
  Thread& thread = self();
  Warp& warp = *thread.warp;
  Cta& cta = *thread.cta;
  together(Wait::kSetRegisters, kAllLanes, nullptr, where, [&](Warp& it) {
    if (more ? count < it.registers : count > it.registers) {
      fail(text("setmaxnreg.", more ? "inc" : "dec", " to ", count, " from ", it.registers));
    }
  });
  if (thread.lane == 0) {
    const auto needed = [&] {
      return (std::int64_t{count} - std::int64_t{warp.registers}) * kWarpThreads;
    };
    while (needed() > cta.free_registers) {
      cta.waiting_for_registers.push_back(&thread);
      block(Wait::kSetRegisters);
    }
    cta.free_registers -= needed();
    warp.registers = count;
    for (Thread* it : cta.waiting_for_registers) wake(*it);
    cta.waiting_for_registers.clear();
  }
  together(Wait::kSetRegisters, kAllLanes, nullptr, where, [](Warp&) {});
}

}  // namespace model

void syncwarp(u32 mask, model::Where where) {
  model::together(model::Wait::kSyncwarp, mask, nullptr, where, [&](model::Warp& warp) {
    if (!model::grid().options.races) return;
    model::Gathered all;
    const u32 lanes = mask & warp.full;
    model::for_lanes(lanes, [&](u32 lane) { model::gather(all, warp.threads[lane]); });
    model::for_lanes(lanes, [&](u32 lane) { warp.threads[lane].knowledge = all.knowledge; });
  });
}

bool elect(model::Where where) {
  model::together(model::Wait::kElect, model::kAllLanes, nullptr, where, [](model::Warp&) {});
  const model::Thread& thread = model::self();
  const u32 elected = model::grid().adversary.elected;
  const bool there = (thread.warp->full & (1U << elected)) != 0;
  return thread.lane == (there ? elected : 0U);
}

}  // namespace windtunnel::device
