// Operations that the lanes of a warp execute together.
#pragma once

#include "kernels/device/model/grid.h"
#include "kernels/device/model/thread.h"

namespace windtunnel::device::model {

constexpr u32 kAllLanes = 0xffffffffU;

/// The running lane comes to an operation with `argument`. True for the last lane of `mask`, which
/// then does the work for all and calls end_meeting(); the others return false once that is done.
/// Lanes that meet in different operations or (except in syncwarp) different lines are a failure.
bool meet(Wait kind, u32 mask, void* argument, Where where);
void end_meeting(u32 mask);

template <typename Work>
void together(Wait kind, u32 mask, void* argument, Where where, Work work) {
  if (!meet(kind, mask, argument, where)) return;
  work(*self().warp);
  end_meeting(mask);
}

/// Calls `work(lane)` for each lane of `mask`.
template <typename Work>
void for_lanes(u32 mask, Work work) {
  for (; mask != 0; mask &= mask - 1) work(static_cast<u32>(__builtin_ctz(mask)));
}

/// The argument that lane `lane` brought.
template <typename Argument>
Argument& argument_of(Warp& warp, u32 lane) {
  return *static_cast<Argument*>(warp.arguments[lane]);
}

}  // namespace windtunnel::device::model
