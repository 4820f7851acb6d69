// How the kernels around the experts are launched. Row copies and SwiGLU run with
// kernels/ops/plan.h; what needs a choice of its own stands here.
#pragma once

#include <cstdint>
#include <string>

namespace windtunnel {

/// One warp a token: each lane holds `scores` experts, neighbours in index, so that a group is
/// `lanes_a_group` neighbouring lanes and its two largest come from shuffles among them.
struct RouterPlan {
  int scores;
  int lanes_a_group;
  int warps_a_block;
  std::int64_t grid;
};

/// `groups` must divide the warp or be 1; lanes beyond `experts` hold nothing.
RouterPlan plan_router(std::int64_t tokens, int experts, int groups, int sms);

/// Slots in three launches: each block counts its stretch of pairs by expert in shared memory, one
/// block turns blocks x experts counts into offsets, each block hands out slots in order of pairs.
struct SlotPlan {
  std::int64_t pairs_a_block;
  std::int64_t grid;
  int shared_bytes;  ///< counts of every expert for each warp
};

SlotPlan plan_slots(std::int64_t pairs, int experts, int sms);

/// `8 scores a lane, 4 lanes a group, 4 warps a block, 1024 blocks`.
std::string text(const RouterPlan& plan);
/// `256 pairs a block, 128 blocks, 8192 B`.
std::string text(const SlotPlan& plan);

}  // namespace windtunnel
